using System.Text.RegularExpressions;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Tests;

namespace StreamSync.Connectors.Tests.Vendors;

/// <summary>Which columns of a people file are understood: as many as the identity engine understands in a table, and those that the README lists.</summary>
public partial class PeopleColumnTests
{
    /// <summary>What the identity engine's words for columns are here. It has more, for which the source record has no field.</summary>
    static readonly Dictionary<string, string[]> Fields = new()
    {
        ["Given"] = ["first_name"],
        ["Middle"] = ["middle_name"],
        ["Family"] = ["last_name"],
        ["Suffix"] = ["suffix"],
        ["FullName"] = ["full_name"],
        ["PreferredName"] = ["preferred_name"],
        ["Email"] = ["email", "email_2"],
        ["Phone"] = ["phone", "phone_2", "mobile"],
        ["BirthDate"] = ["date_of_birth"],
        ["Street"] = ["address"],
        ["AddressLine2"] = ["address_2"],
        ["City"] = ["city"],
        ["State"] = ["state"],
        ["PostalCode"] = ["zip"],
        ["Country"] = ["country"],
        ["StateFileId"] = ["state_file_id"],
        ["VoterbaseId"] = ["voterbase_id"],
        ["Dwid"] = ["dwid"],
        ["VanId"] = ["van_id"],
    };

    /// <summary>A year is no date and a street without its number no address line, unless they are put together; the others are of published test sets.</summary>
    static readonly HashSet<string> NotHere =
        ["birthyear", "yearofbirth", "dobyear", "by", "streetname", "fnamec1", "fnamec2", "lnamec1", "pername1", "pername2", "enumcap", "enumpc", "postcodefake"];

    [Fact]
    public async Task Each_column_that_the_identity_engine_knows_has_its_field()
    {
        await using var files = new FileHarness("csv_people", "people");
        var source = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "services", "StreamSync.Identity", "Tables", "ColumnNames.cs"));
        var known = KnownName().Matches(source).Select(m => (Name: m.Groups[1].Value, Role: m.Groups[2].Value)).Where(k => Fields.ContainsKey(k.Role) && !NotHere.Contains(k.Name)).ToList();
        Assert.InRange(known.Count, 100, int.MaxValue);
        Assert.All(known, k => Assert.True(Fields[k.Role].Contains(FieldOf(files, k.Name)), k.Name));

        var owners = Text().Matches(source[source.IndexOf("Owners =", StringComparison.Ordinal)..source.IndexOf("Several =", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).ToList();
        Assert.InRange(owners.Count, 10, int.MaxValue);
        string[] roles = ["Street", "City", "State", "PostalCode", "Email", "Phone"];
        var plain = known.Where(k => roles.Contains(k.Role) && !owners.Exists(o => k.Name.StartsWith(o, StringComparison.Ordinal)));
        var owned = plain.SelectMany(k => owners.Select(o => (Name: o + k.Name, k.Role)));
        Assert.All(owned, k => Assert.True(Fields[k.Role].Contains(FieldOf(files, k.Name)), k.Name));
    }

    [Fact]
    public async Task The_readme_lists_each_name()
    {
        await using var files = new FileHarness("csv_people", "people");
        var readme = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "services", "StreamSync.Connectors", "Vendors", "csv_people", "README.md"));
        var options = (DropOptions)files.Plan.Context.Stream.Options;
        Assert.All(options.Columns, c => Assert.Contains($"| `{c.Key}` | {string.Join(", ", c.Value.Select(n => n == "setting:id_column" ? "the setting `id_column`" : $"`{n}`"))} |", readme, StringComparison.Ordinal));
        Assert.All(options.Prefixes, p => Assert.Contains($"| {string.Join(", ", p.Fields.Select(f => $"`{f}`"))} | {string.Join(", ", p.Names.Select(n => $"`{n}`"))} |", readme, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("people.csv", "id,Contact First Name,Mailing Address,Mailing City,Mailing State,Mailing Zip,Residential City,Home Phone,Work Phone,Personal Email,Work Email\n1,Ana,9 Elm St,Flint,MI,48502,Troy,555-0101,555-0102,ana@mail.example,ruiz@work.example\n")]
    [InlineData("people.jsonl", """{"id":"1","Contact First Name":"Ana","Mailing Address":"9 Elm St","Mailing City":"Flint","Mailing State":"MI","Mailing Zip":"48502","Residential City":"Troy","Home Phone":"555-0101","Work Phone":"555-0102","Personal Email":"ana@mail.example","Work Email":"ruiz@work.example"}""" + "\n")]
    public async Task Columns_with_their_owner_before_them_are_understood_and_none_is_lost(string name, string text)
    {
        await using var files = new FileHarness("csv_people", "people");
        await files.ReadAsync(name, text);
        var record = files.Records.Single().After!;
        Assert.Equal(
            ["Ana", "9 Elm St", "Flint", "MI", "48502", "555-0101", "555-0102", "ana@mail.example", "ruiz@work.example"],
            new[] { "first_name", "address", "city", "state", "zip", "phone", "phone_2", "email", "email_2" }.Select(f => record[f]));
        Assert.Equal([new("Residential City", "Troy")], (IDictionary<string, object>)record["custom_fields"]);
        var finding = files.Findings.Single();
        Assert.Equal(("unknown_column", "Residential City"), (finding.Code, finding.Subject));
        Assert.Contains("kept in custom_fields", finding.Message, StringComparison.Ordinal);
        Assert.Contains("the README of the connector csv_people", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_called_plainly_so_goes_first()
    {
        await using var files = new FileHarness("csv_people", "people");
        await files.ReadAsync("people.csv", "id,Mailing City,Work Email,Email,City\n1,Troy,ruiz@work.example,ana@mail.example,Flint\n");
        var record = files.Records.Single().After!;
        Assert.Equal(["Flint", "ana@mail.example", "ruiz@work.example"], new[] { "city", "email", "email_2" }.Select(f => record[f]));
    }

    /// <summary>Two names of one field once overwrote each other.</summary>
    [Fact]
    public async Task Of_two_json_names_that_mean_the_same_the_second_is_kept()
    {
        await using var files = new FileHarness("csv_people", "people", "id_column: Supporter Nr");
        await files.ReadAsync("people.jsonl", """{"Supporter Nr":7,"id":"x","Last":"Ruiz","Surname":"Ruiz Soto"}""" + "\n");
        var record = files.Records.Single();
        Assert.Equal("7", record.IdParts[0]);
        Assert.Equal("Ruiz", record.After!["last_name"]);
        Assert.Equal(new SortedDictionary<string, object> { ["Surname"] = "Ruiz Soto", ["id"] = "x" }, new SortedDictionary<string, object>((IDictionary<string, object>)record.After["custom_fields"]));
    }

    static string? FieldOf(FileHarness files, string name)
    {
        var options = (DropOptions)files.Plan.Context.Stream.Options;
        return ColumnPlan.Assign([name], files.Plan.Context.RecordSchema, options.Columns, options.Prefixes).GetValueOrDefault(name)?.Name;
    }

    [GeneratedRegex("""\["(\w+)"\] = ColumnRole\.(\w+),""")]
    private static partial Regex KnownName();

    [GeneratedRegex("\"(\\w+)\"")]
    private static partial Regex Text();
}
