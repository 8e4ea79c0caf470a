using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Contracts;

namespace StreamSync.Console.People;

/// <summary>Everything known of a person: who it is, from which records, why they are one person, since when, and who is near and another.</summary>
/// <param name="Person">The golden record: columns of <c>identity_person</c>.</param>
/// <param name="Records">Its records: where they came from, and what they say.</param>
/// <param name="Evidence">What identity resolution goes by; null when it can't be asked.</param>
/// <param name="EvidenceMissing">Why it can't be asked; null when it can.</param>
/// <param name="NearPeople">Names of the near people by person id.</param>
/// <param name="History">Merges, splits, new ids, removals, and what stewards decided and took back, the oldest first.</param>
/// <param name="Decisions">The decisions that hold and name a record of the person.</param>
/// <param name="Shared">What sharing agreements tell the person's own group of its records.</param>
public sealed record PersonReport(
    IReadOnlyDictionary<string, object?> Person,
    IReadOnlyList<PersonRecordRow> Records,
    PersonEvidence? Evidence,
    string? EvidenceMissing,
    IReadOnlyDictionary<string, string?> NearPeople,
    IReadOnlyList<IdentityMoveRow> History,
    IReadOnlyList<DecisionRow> Decisions,
    IReadOnlyList<SharedRow> Shared)
{
    /// <summary>Why a decision holds and shows no effect.</summary>
    public const string WithoutEffect = "another decision is in its way, or a record is not there";

    const int MaxRecords = 1000;
    const int MaxHistory = 500;

    /// <summary>Collects the report of a person.</summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="evidence">Identity resolution; null where it is not at hand.</param>
    /// <param name="personId">The person.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The report, or null when nobody has this id now.</returns>
    /// <exception cref="WarehouseQueryException">The warehouse has no such tables yet, or does not answer.</exception>
    public static async Task<PersonReport?> OfAsync(IWarehouse warehouse, IIdentityEvidence? evidence, string personId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        var id = Sql.Literal(personId);
        var golden = await warehouse.QueryAsync($"SELECT * FROM identity_person WHERE person_id = {id}", 1, cancellationToken);
        if (golden.Rows.Count == 0)
        {
            return null;
        }

        var person = golden.Columns.Zip(golden.Rows[0]).ToDictionary(column => column.First, column => column.Second);
        var rows = await warehouse.QueryAsync(RecordsSql(id), MaxRecords, cancellationToken);
        var records = rows.Rows.Select(PersonRecordRow.Of).ToList();
        var urns = records.ConvertAll(record => record.SourceUrn);
        var (found, missing) = await AskAsync(evidence, (string)person["org"]!, urns, cancellationToken);
        var list = "[" + string.Join(", ", urns.Select(Sql.Literal)) + "]";
        var history = await warehouse.QueryAsync(
            $"SELECT \"at\", op, from_person_id, to_person_id, source_urns, reason FROM identity_change WHERE from_person_id = {id} OR to_person_id = {id} OR list_has_any(source_urns, {list}) ORDER BY \"at\" DESC, change_id", MaxHistory, cancellationToken);
        var decisions = await OptionalAsync(
            warehouse, $"SELECT decision_id, kind, a_urn, b_urn, author, reason, \"at\" FROM identity_decision WHERE kind <> '{Contracts.Decisions.Withdrawn}' AND (list_contains({list}, a_urn) OR list_contains({list}, b_urn)) ORDER BY \"at\"", cancellationToken);
        var shared = await OptionalAsync(
            warehouse, $"SELECT agreement, source_urn, partners, list_transform(evidence, e -> e.other_urn) FROM identity_shared_person WHERE org = {Sql.Literal((string)person["org"]!)} AND list_contains({list}, source_urn) ORDER BY share_id", cancellationToken);
        var near = (found?.Apart ?? []).Select(pair => pair.OtherPersonId).OfType<string>().Distinct().ToList();
        var names = near.Count == 0 ? null : await warehouse.QueryAsync(
            $"SELECT person_id, display_name FROM identity_person WHERE list_contains([{string.Join(", ", near.Select(Sql.Literal))}], person_id)", near.Count, cancellationToken);
        return new PersonReport(
            person,
            records,
            found,
            missing,
            (names?.Rows ?? []).ToDictionary(row => (string)row[0]!, row => row[1] as string),
            [.. history.Rows.Reverse().Select(IdentityMoveRow.Of)],
            [.. decisions.Select(row => DecisionRow.Of(row, [.. urns]))],
            [.. shared.Select(SharedRow.Of)]);
    }

    /// <summary>
    /// Ids of the decisions that the warehouse knows and that show no effect (<see cref="DecisionRow.InEffect"/>), whoever they are of.
    /// </summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Each with its kind, since a later decision on the same records has the same id; at most 500.</returns>
    /// <exception cref="WarehouseQueryException">The warehouse does not answer.</exception>
    public static async Task<IReadOnlySet<(string DecisionId, string Kind)>> WithoutEffectAsync(IWarehouse warehouse, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        var rows = await OptionalAsync(
            warehouse,
            $"""
            SELECT d.decision_id, d.kind
            FROM identity_decision AS d LEFT JOIN identity_person_map AS a ON a.source_urn = d.a_urn LEFT JOIN identity_person_map AS b ON b.source_urn = d.b_urn
            WHERE d.kind <> '{Contracts.Decisions.Withdrawn}' AND coalesce(a.person_id = b.person_id, false) <> (d.kind = '{Contracts.Decisions.MustLink}')
            """,
            cancellationToken);
        return rows.Select(row => ((string)row[0]!, (string)row[1]!)).ToHashSet();
    }

    static async Task<(PersonEvidence? Found, string? Missing)> AskAsync(IIdentityEvidence? evidence, string org, IReadOnlyList<string> urns, CancellationToken cancellationToken)
    {
        if (evidence is null)
        {
            return (null, "identity resolution does not run in this process; ask where it runs");
        }

        try
        {
            return (await evidence.OfAsync(org, urns, cancellationToken), null);
        }
        catch (EvidenceUnavailableException e)
        {
            return (null, e.Message);
        }
    }

    /// <summary>Rows of a table that may not be there yet: nobody has decided or shared anything.</summary>
    static async Task<IReadOnlyList<IReadOnlyList<object?>>> OptionalAsync(IWarehouse warehouse, string sql, CancellationToken cancellationToken)
    {
        try
        {
            return (await warehouse.QueryAsync(sql, MaxHistory, cancellationToken)).Rows;
        }
        catch (WarehouseQueryException e) when (e.Message.Contains("does not exist", StringComparison.Ordinal))
        {
            return [];
        }
    }

    static string RecordsSql(string id) => $"""
        SELECT m.source_urn, m.changed_at, split_part(m.source_urn, '/', 2) AS vendor, split_part(m.source_urn, '/', 3) AS instance, split_part(m.source_urn, '/', 5) AS unique_id,
            coalesce(nullif(concat_ws(' ', e.first_name, e.middle_name, e.last_name, e.suffix), ''), e.full_name) AS name, e.date_of_birth,
            list_transform(e.emails, x -> coalesce(x.normalized, x.raw)) AS emails, list_transform(e.phones, x -> coalesce(x.normalized, x.raw)) AS phones,
            list_transform(e.addresses, x -> concat_ws(', ', nullif(array_to_string(x.lines, ' '), ''), x.city, x.state, x.postal_code)) AS addresses,
            list_transform(e.external_ids, x -> concat_ws(' ', x.id_type, x.id_scope, x.id_value)) AS ids, e.merged_into, e.source_urn IS NOT NULL AS delivered
        FROM identity_person_map AS m LEFT JOIN entity_person AS e USING (source_urn)
        WHERE m.person_id = {id} ORDER BY list_position((SELECT source_urns FROM identity_person WHERE person_id = {id}), m.source_urn)
        """;
}

/// <summary>A record of a person.</summary>
/// <param name="SourceUrn">Source URN.</param>
/// <param name="Since">Since when it belongs to the person (UTC).</param>
/// <param name="Vendor">Tool.</param>
/// <param name="Instance">Account inside the tool.</param>
/// <param name="UniqueId">Unique id there.</param>
/// <param name="Name">Name as the tool has it.</param>
/// <param name="DateOfBirth">Birth date.</param>
/// <param name="Emails">E-mail addresses.</param>
/// <param name="Phones">Telephone numbers.</param>
/// <param name="Addresses">Addresses, each in a line.</param>
/// <param name="Ids">External ids: type, scope, value.</param>
/// <param name="MergedInto">The record that the tool merged it into.</param>
/// <param name="Delivered">False for a record that contacts name and that no tool has delivered.</param>
public sealed record PersonRecordRow(
    string SourceUrn, DateTime? Since, string Vendor, string Instance, string UniqueId, string? Name, string? DateOfBirth,
    IReadOnlyList<string> Emails, IReadOnlyList<string> Phones, IReadOnlyList<string> Addresses, IReadOnlyList<string> Ids, string? MergedInto, bool Delivered)
{
    internal static PersonRecordRow Of(IReadOnlyList<object?> row) => new(
        (string)row[0]!, Cells.Time(row[1]), (string)row[2]!, (string)row[3]!, (string)row[4]!, row[5] as string, row[6] as string,
        Cells.Texts(row[7]), Cells.Texts(row[8]), Cells.Texts(row[9]), Cells.Texts(row[10]), row[11] as string, row[12] is true);
}

/// <summary>A record that other groups know too, by a sharing agreement. What they hold of the person is not in it.</summary>
/// <param name="Agreement">Agreement by which it may be known.</param>
/// <param name="SourceUrn">The group's own record.</param>
/// <param name="Partners">Groups that know the person.</param>
/// <param name="PartnerRecords">Source URNs of their records.</param>
public sealed record SharedRow(string Agreement, string SourceUrn, IReadOnlyList<string> Partners, IReadOnlyList<string> PartnerRecords)
{
    internal static SharedRow Of(IReadOnlyList<object?> row) => new((string)row[0]!, (string)row[1]!, Cells.Texts(row[2]), Cells.Texts(row[3]));
}

/// <summary>A change of who is who.</summary>
/// <param name="At">When (UTC).</param>
/// <param name="Op">merge, split, move or remove; decide or take_back for a steward's decision.</param>
/// <param name="FromPersonId">Person the records left.</param>
/// <param name="ToPersonId">Person they joined.</param>
/// <param name="SourceUrns">Records that moved, or that were decided about.</param>
/// <param name="Reason">Rule or decision behind it.</param>
public sealed record IdentityMoveRow(DateTime? At, string Op, string? FromPersonId, string? ToPersonId, IReadOnlyList<string> SourceUrns, string? Reason)
{
    /// <summary><see cref="Op"/> of a decision that was taken back.</summary>
    public const string TakeBack = "take_back";

    /// <summary>True when it tells of a steward's decision, whether that moved anybody or not.</summary>
    public bool IsDecision => Op is "decide" or TakeBack;

    internal static IdentityMoveRow Of(IReadOnlyList<object?> row) => new(Cells.Time(row[0]), (string)row[1]!, row[2] as string, row[3] as string, Cells.Texts(row[4]), row[5] as string);
}

/// <summary>A steward's decision.</summary>
/// <param name="DecisionId">Id.</param>
/// <param name="Kind">must_link or cannot_link.</param>
/// <param name="A">One record.</param>
/// <param name="B">The other.</param>
/// <param name="Author">Who decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When (UTC).</param>
/// <param name="InEffect">False while the two records are not what it says: another decision is in its way, or one of them is not there.</param>
public sealed record DecisionRow(string DecisionId, string Kind, string A, string B, string Author, string Reason, DateTime? At, bool InEffect)
{
    internal static DecisionRow Of(IReadOnlyList<object?> row, HashSet<string> urnsOfPerson)
    {
        var (kind, a, b) = ((string)row[1]!, (string)row[2]!, (string)row[3]!);
        return new DecisionRow((string)row[0]!, kind, a, b, (string)row[4]!, (string)row[5]!, Cells.Time(row[6]), (urnsOfPerson.Contains(a) && urnsOfPerson.Contains(b)) == (kind == Decisions.MustLink));
    }
}

/// <summary>Values of a query's rows, which a warehouse elsewhere gives as text.</summary>
static class Cells
{
    public static DateTime? Time(object? value) => value switch
    {
        DateTime at => DateTime.SpecifyKind(at, DateTimeKind.Utc),
        string text when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at) => at,
        _ => null,
    };

    public static IReadOnlyList<string> Texts(object? list) =>
        [.. (list is string ? null : list as System.Collections.IEnumerable ?? Array.Empty<object>())?.Cast<object?>().Select(item => Convert.ToString(item, CultureInfo.InvariantCulture) ?? string.Empty).Where(text => text.Length > 0) ?? []];
}
