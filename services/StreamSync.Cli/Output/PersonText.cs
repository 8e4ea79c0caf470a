using System.Globalization;
using StreamSync.Console.People;
using StreamSync.Contracts;

namespace StreamSync.Cli.Output;

/// <summary>A person's report as text for a terminal.</summary>
static class PersonText
{
    /// <summary>Writes it.</summary>
    public static void Write(PersonReport report, TextWriter output)
    {
        Golden(report, output);
        var numbers = report.Records.Select((record, i) => (record.SourceUrn, Number: i + 1)).ToDictionary(r => r.SourceUrn, r => r.Number);
        output.WriteLine();
        output.WriteLine($"records ({report.Records.Count})");
        foreach (var record in report.Records)
        {
            output.WriteLine($"  {numbers[record.SourceUrn],3}  {record.SourceUrn}   since {Time(record.Since)}");
            output.WriteLine($"       {Facts(record)}");
        }

        if (report.Shared.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("known to other groups");
        }

        foreach (var shared in report.Shared)
        {
            output.WriteLine($"  {numbers.GetValueOrDefault(shared.SourceUrn),3}  {string.Join(", ", shared.Partners)} by the agreement {shared.Agreement}: {string.Join(", ", shared.PartnerRecords)}");
        }

        Evidence(report, numbers, output);
        History(report, output);
    }

    static void Golden(PersonReport report, TextWriter output)
    {
        var person = report.Person;
        output.WriteLine($"{Text(person, "display_name") ?? "without a name"}   person {Text(person, "person_id")}");
        var facts = Join([
            Text(person, "date_of_birth") is { } born ? "born " + born : null, .. Texts(person, "emails"), .. Texts(person, "phones"),
            Join([Text(person, "city"), Text(person, "state"), Text(person, "postal_code")], " "),
        ], "   ");
        if (facts.Length > 0)
        {
            output.WriteLine("  " + facts);
        }
    }

    static string Facts(PersonRecordRow record) => !record.Delivered ? "named by contacts; no tool has delivered it" : Known(record) is { Length: > 0 } known ? known : "the tool tells nothing of it but its id";

    static string Known(PersonRecordRow record) => Join(
        [record.Name, record.DateOfBirth, .. record.Emails, .. record.Phones, .. record.Addresses, .. record.Ids, record.MergedInto is null ? null : "merged by its tool into " + record.MergedInto], "; ");

    static void Evidence(PersonReport report, Dictionary<string, int> numbers, TextWriter output)
    {
        output.WriteLine();
        if (report.Evidence is not { } evidence)
        {
            output.WriteLine($"evidence: {report.EvidenceMissing}");
            return;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"evidence (model {evidence.Model}; bits for and against; groups join from a mean of {evidence.ThresholdBits:0.0})"));
        foreach (var pair in evidence.Links)
        {
            Pair($"{numbers.GetValueOrDefault(pair.A)} - {numbers.GetValueOrDefault(pair.B)}", pair, output);
        }

        if (evidence.Links.Count == 0)
        {
            output.WriteLine("  one record alone");
        }

        foreach (var key in evidence.Crowded)
        {
            output.WriteLine($"  {key.Rule} of {numbers.GetValueOrDefault(key.Urn)} is shared by {key.Records} records: no evidence");
        }

        output.WriteLine();
        output.WriteLine("near, and not the same person");
        foreach (var pair in evidence.Apart)
        {
            var name = pair.OtherPersonId is { } other && report.NearPeople.GetValueOrDefault(other) is { } known ? known : "without a name";
            Pair($"{numbers.GetValueOrDefault(pair.A)} - {pair.B} ({name}, person {pair.OtherPersonId})", pair, output);
            output.WriteLine($"       apart: {pair.Why}");
        }

        if (evidence.Apart.Count == 0)
        {
            output.WriteLine("  nobody");
        }

        foreach (var note in evidence.Notes)
        {
            output.WriteLine($"  note: {note}");
        }
    }

    static void Pair(string who, PairEvidence pair, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {who}   {pair.Bits:+0.0;-0.0;0.0} bits   {pair.Rule}"));
        output.WriteLine("       " + string.Join("; ", pair.Fields.Select(field => string.Create(CultureInfo.InvariantCulture, $"{field.Field} {field.Level} {field.Bits:+0.0;-0.0;0.0}"))));
        if (pair.Decision is { } decision)
        {
            output.WriteLine($"       {(decision.Kind == Decisions.MustLink ? "merged" : "split")} by {decision.Author} at {Time(decision.At)}: {decision.Reason}");
        }
    }

    static void History(PersonReport report, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("history");
        foreach (var move in report.History)
        {
            output.WriteLine(move.IsDecision
                ? $"  {Time(move.At)}  {(move.Op == IdentityMoveRow.TakeBack ? "taken back" : "decided")}: {move.Reason}"
                : $"  {Time(move.At)}  {move.Op,-6}  {move.FromPersonId} -> {move.ToPersonId ?? "nobody"}   {move.Reason}");
            foreach (var urn in move.SourceUrns)
            {
                output.WriteLine($"       {urn}");
            }
        }

        if (report.History.Count == 0)
        {
            output.WriteLine("  never merged, never split");
        }

        if (report.Decisions.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("decisions that hold");
        }

        foreach (var decision in report.Decisions)
        {
            output.WriteLine($"  {decision.DecisionId}  {Decisions.Verb(decision.Kind)} {decision.A} {decision.B}  by {decision.Author} at {Time(decision.At)}: {decision.Reason}");
            if (!decision.InEffect)
            {
                output.WriteLine($"       without effect now: {PersonReport.WithoutEffect}");
            }
        }
    }

    static string Time(DateTime? at) => at is { } known ? known.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "unknown";

    static string? Text(IReadOnlyDictionary<string, object?> row, string column) => row.GetValueOrDefault(column) is { } value ? ResultWriter.Text(value) : null;

    static IEnumerable<string?> Texts(IReadOnlyDictionary<string, object?> row, string column) =>
        row.GetValueOrDefault(column) is System.Collections.IEnumerable list and not string ? list.Cast<object?>().Select(ResultWriter.Text) : [];

    static string Join(IEnumerable<string?> parts, string separator) => string.Join(separator, parts.Where(part => !string.IsNullOrEmpty(part)));
}
