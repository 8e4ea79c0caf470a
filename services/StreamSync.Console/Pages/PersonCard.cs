using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Console.People;
using StreamSync.Contracts;

namespace StreamSync.Console.Pages;

/// <summary>Who a person is made of and why: records, evidence, near people, history and decisions.</summary>
static class PersonCard
{
    /// <summary>The parts of a person's page that tell of identity.</summary>
    public static Markup Of(PersonReport report, DateTime now)
    {
        var numbers = report.Records.Select((record, i) => (record.SourceUrn, Number: i + 1)).ToDictionary(r => r.SourceUrn, r => r.Number);
        return Markup.Of($"""
            <h2>Records</h2>
            {Records(report, numbers, now)}
            {Shared(report, numbers)}
            {(report.Evidence is { } evidence ? Evidence(report, evidence, numbers, now) : Layout.Notice($"Why they are one person can't be shown: {report.EvidenceMissing}."))}
            <h2>History</h2>
            {History(report, now)}
            """);
    }

    static Markup Records(PersonReport report, Dictionary<string, int> numbers, DateTime now) => Markup.Of($"""
        <table class="cards"><caption class="visually-hidden">Records that make up the person, the oldest first</caption>
        <thead><tr><th scope="col">Record</th><th scope="col">Name</th><th scope="col">Born</th><th scope="col">Contact points</th><th scope="col">Address</th><th scope="col">Ids</th><th scope="col">Since</th></tr></thead>
        <tbody>{Markup.Each(report.Records, r => Markup.Of($"""
            <tr><th scope="row" data-label="Record">{numbers[r.SourceUrn]} <code>{r.SourceUrn}</code></th>
            <td data-label="Name">{(r.Delivered ? r.Name : "named by contacts; no tool has delivered it")}</td><td data-label="Born">{r.DateOfBirth}</td>
            <td data-label="Contact points">{Lines(r.Emails.Concat(r.Phones))}</td><td data-label="Address">{Lines(r.Addresses)}</td>
            <td data-label="Ids">{Lines(r.Ids)}{(r.MergedInto is null ? Markup.Empty : Markup.Of($" merged by its tool into <code>{r.MergedInto}</code>"))}</td><td data-label="Since">{Format.Ago(r.Since, now)}</td></tr>
            """))}</tbody></table>
        """);

    static Markup Shared(PersonReport report, Dictionary<string, int> numbers) => report.Shared.Count == 0 ? Markup.Empty : Markup.Of($"""
        <h2>Known to other groups</h2>
        <ul class="findings">{Markup.Each(report.Shared, s => Markup.Of($"""
            <li>Record {numbers.GetValueOrDefault(s.SourceUrn)} is known to {string.Join(", ", s.Partners)} by the agreement {s.Agreement}: {Markup.Each(s.PartnerRecords, urn => Markup.Of($"<code>{urn}</code> "))}</li>
            """))}</ul>
        """);

    static Markup Evidence(PersonReport report, PersonEvidence evidence, Dictionary<string, int> numbers, DateTime now) => Markup.Of($"""
        <h2>Why they are one person</h2>
        <p>In bits, for and against, by the model {evidence.Model}; groups of records join from a mean of {Bits(evidence.ThresholdBits)} bits.</p>
        {(evidence.Links.Count == 0 ? Markup.Of($"<p>One record alone.</p>") : Pairs(evidence.Links, p => Markup.Of($"records {numbers.GetValueOrDefault(p.A)} and {numbers.GetValueOrDefault(p.B)}"), now))}
        {Markup.Each(evidence.Crowded, k => Markup.Of($"<p>The {k.Rule} of record {numbers.GetValueOrDefault(k.Urn)} is shared by {k.Records} records: it is no evidence.</p>"))}
        <h2>Near, and not the same person</h2>
        {(evidence.Apart.Count == 0 ? Markup.Of($"<p>Nobody.</p>") : Pairs(evidence.Apart, p => Markup.Of($"record {numbers.GetValueOrDefault(p.A)} and {Other(report, p)}"), now))}
        {Markup.Each(evidence.Notes, note => Layout.Notice(note))}
        """);

    static Markup Other(PersonReport report, PairEvidence pair) => pair.OtherPersonId is not { } id
        ? Markup.Of($"<code>{pair.B}</code>")
        : Markup.Of($"<a href=\"/people/{Uri.EscapeDataString(id)}\">{report.NearPeople.GetValueOrDefault(id) ?? "without a name"}</a> <code>{pair.B}</code>");

    static Markup Pairs(IReadOnlyList<PairEvidence> pairs, Func<PairEvidence, Markup> who, DateTime now) => Markup.Of($"""
        <ul class="findings">{Markup.Each(pairs, p => Markup.Of($"""
            <li class="card"><strong>{Bits(p.Bits)} bits</strong> {who(p)}, brought together by {p.Rule}
            {(p.Why is null ? Markup.Empty : Markup.Of($"<p>Apart: {p.Why}.</p>"))}
            {(p.Decision is { } d ? Markup.Of($"<p>{(d.Kind == Decisions.MustLink ? "Merged" : "Split")} by {d.Author} {Format.Ago(d.At, now)}: {d.Reason}</p>") : Markup.Empty)}
            <details><summary>Field by field</summary><table><caption class="visually-hidden">Evidence field by field</caption>
            <thead><tr><th scope="col">Field</th><th scope="col">Compares</th><th scope="col" class="n">Bits</th></tr></thead>
            <tbody>{Markup.Each(p.Fields, f => Markup.Of($"<tr><th scope=\"row\">{f.Field}</th><td>{f.Level}</td><td class=\"n\">{Bits(f.Bits)}</td></tr>"))}</tbody></table></details></li>
            """))}</ul>
        """);

    static Markup History(PersonReport report, DateTime now) => report.History.Count == 0 && report.Decisions.Count == 0
        ? Markup.Of($"<p>Never merged, never split.</p>")
        : Markup.Of($"""
            <ul class="findings">{Markup.Each(report.History, m => m.IsDecision ? Markup.Of($"""
                <li><strong>{(m.Op == IdentityMoveRow.TakeBack ? "taken back" : "decided")}</strong> {Format.Ago(m.At, now)}: {m.Reason} <small>{string.Join(", ", m.SourceUrns)}</small></li>
                """) : Markup.Of($"""
                <li><strong>{m.Op}</strong> {Format.Ago(m.At, now)}: {Format.Count(m.SourceUrns.Count, "record")} from <code>{m.FromPersonId}</code> to {(m.ToPersonId is null ? Markup.Of($"nobody") : Markup.Of($"<code>{m.ToPersonId}</code>"))}; {m.Reason} <small>{string.Join(", ", m.SourceUrns)}</small></li>
                """))}{Markup.Each(report.Decisions, d => Markup.Of($"""
                <li><strong>{(d.Kind == Decisions.MustLink ? "holds: one person" : "holds: not one person")}</strong> by {d.Author} {Format.Ago(d.At, now)}: {d.Reason}{(d.InEffect ? Markup.Empty : Markup.Of($" <strong>Without effect now</strong>: {PersonReport.WithoutEffect}."))} <small>{d.A}, {d.B}</small></li>
                """))}</ul>
            """);

    static Markup Lines(IEnumerable<string> values) => Markup.Each(values, value => Markup.Of($"<span>{value}</span> "));

    static string Bits(double bits) => bits.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
