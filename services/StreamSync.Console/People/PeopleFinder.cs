using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Contracts;

namespace StreamSync.Console.People;

/// <summary>A person as a search shows it.</summary>
/// <param name="PersonId">Id.</param>
/// <param name="Name">Name to show; null when none is known.</param>
/// <param name="Place">City and state, or empty.</param>
/// <param name="Tools">Tools that know the person.</param>
/// <param name="Records">How many records.</param>
public sealed record FoundPerson(string PersonId, string? Name, string Place, IReadOnlyList<string> Tools, long Records);

/// <summary>A record that identity resolution knows.</summary>
/// <param name="SourceUrn">Source URN.</param>
/// <param name="PersonId">The person it belongs to.</param>
/// <param name="Name">The person's name; null when none is known.</param>
/// <param name="Records">How many records the person has.</param>
public sealed record FoundRecord(string SourceUrn, string PersonId, string? Name, long Records);

/// <summary>Finds people in a warehouse by whatever a steward has of them.</summary>
public static class PeopleFinder
{
    /// <summary>
    /// People by person id, source URN, id in a tool, external id, e-mail address or phone number; else those who once had that person id; else
    /// those of whom a record has all the words in its names, in any order and without accents. Ordered by name.
    /// </summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="words">What is looked for.</param>
    /// <param name="atMost">No more people than this.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The people, and whether there are more.</returns>
    /// <exception cref="WarehouseQueryException">The warehouse has no such tables yet, or does not answer.</exception>
    public static async Task<(IReadOnlyList<FoundPerson> People, bool More)> SearchAsync(IWarehouse warehouse, string words, int atMost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        ArgumentNullException.ThrowIfNull(words);

        // What names one person exactly is not mixed with those whose name happens to hold it.
        var found = await warehouse.QueryAsync(ExactSql(words.Trim()), atMost, cancellationToken);
        foreach (var sql in new[] { FormerSql(words.Trim()), NameSql(words) })
        {
            found = found.Rows.Count > 0 ? found : await warehouse.QueryAsync(sql, atMost, cancellationToken);
        }

        return ([.. found.Rows.Select(row => new FoundPerson((string)row[0]!, row[1] as string, $"{row[2]} {row[3]}".Trim(), Cells.Texts(row[4]), Convert.ToInt64(row[5], CultureInfo.InvariantCulture)))], found.Truncated);
    }

    /// <summary>Records that identity resolution knows by a name that means one: more than one when several tools give the same id.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="name">A source URN, the id of a person (then its oldest record), or a record's id in its tool.</param>
    /// <param name="atMost">No more records than this.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="WarehouseQueryException">The warehouse has no such tables yet, or does not answer.</exception>
    public static async Task<IReadOnlyList<FoundRecord>> RecordsAsync(IWarehouse warehouse, string name, int atMost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        ArgumentNullException.ThrowIfNull(name);
        var literal = Sql.Literal(name.Trim());
        var found = await warehouse.QueryAsync(
            $"""
            {Mapped} WHERE m.source_urn = {literal}
            UNION ALL SELECT source_urns[1], person_id, display_name, record_count FROM identity_person WHERE person_id = {literal}
            """, atMost, cancellationToken);
        found = found.Rows.Count > 0 ? found : await warehouse.QueryAsync($"{Mapped} WHERE split_part(m.source_urn, '/', 5) = {literal} ORDER BY m.source_urn", atMost, cancellationToken);
        return [.. found.Rows.Select(row => new FoundRecord((string)row[0]!, (string)row[1]!, row[2] as string, Convert.ToInt64(row[3], CultureInfo.InvariantCulture)))];
    }

    /// <summary>The source URNs of a person's records; none when nobody has this id now.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="personId">The id.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="WarehouseQueryException">The warehouse does not answer.</exception>
    public static async Task<IReadOnlySet<string>> RecordsOfAsync(IWarehouse warehouse, string personId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        ArgumentNullException.ThrowIfNull(personId);
        var found = await warehouse.QueryAsync($"SELECT source_urn FROM identity_person_map WHERE person_id = {Sql.Literal(personId.Trim())}", MaxRecords, cancellationToken);
        return found.Rows.Select(row => (string)row[0]!).ToHashSet(StringComparer.Ordinal);
    }

    static string ExactSql(string words)
    {
        var exact = Sql.Literal(words);
        var mail = Sql.Literal(words.ToLowerInvariant());
        var digits = string.Concat(words.Where(char.IsAsciiDigit));
        var phone = digits.Length >= 7 && !words.Any(char.IsAsciiLetter) ? $" OR list_contains(list_transform(phones, p -> right(p, {digits.Length})), {Sql.Literal(digits)})" : string.Empty;
        return $"""
            {Columns}
            WHERE person_id = {exact} OR list_contains(source_urns, {exact}) OR list_contains(list_transform(emails, e -> lower(e)), {mail})
                OR list_contains(list_transform(source_urns, u -> split_part(u, '/', 5)), {exact}) OR list_contains(list_transform(external_ids, i -> i.id_value), {exact}){phone}
            {Order}
            """;
    }

    /// <summary>Whoever has now the records that left a person.</summary>
    static string FormerSql(string id) => $"""
        {Columns}
        WHERE person_id IN (SELECT person_id FROM identity_person_map WHERE source_urn IN (SELECT unnest(source_urns) FROM identity_change WHERE from_person_id = {Sql.Literal(id)}))
        {Order}
        """;

    static string NameSql(string words)
    {
        var parts = words.Split([' ', ',', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0)
        {
            return $"{Columns} WHERE false";
        }

        return $"""
            {Columns}
            WHERE {AllIn("concat_ws(' ', display_name, email)")} OR person_id IN (
                SELECT m.person_id FROM entity_person AS e JOIN identity_person_map AS m USING (source_urn)
                WHERE {AllIn("concat_ws(' ', e.first_name, e.middle_name, e.last_name, e.suffix, e.preferred_name, e.full_name)")})
            {Order}
            """;

        string AllIn(string names) => string.Join(" AND ", parts.Select(part => $"contains(strip_accents(lower({names})), strip_accents(lower({Sql.Literal(part)})))"));
    }

    const int MaxRecords = 10_000;
    const string Mapped = "SELECT m.source_urn, m.person_id, p.display_name, coalesce(p.record_count, 1) FROM identity_person_map AS m LEFT JOIN identity_person AS p USING (person_id)";
    const string Columns = "SELECT person_id, display_name, city, state, vendors, record_count FROM identity_person";
    const string Order = "ORDER BY display_name, person_id";
}
