using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Console.Ops;
using StreamSync.Contracts;
using StreamSync.Contracts.Ops;

namespace StreamSync.Console.Pages;

/// <summary>One sync: its streams, what was found on them and what to do, and what lies in quarantine, without personal data.</summary>
sealed class SyncPage(OpsTables ops, Numbers numbers, TimeProvider clock)
{
    const int QuarantineShown = 50;

    /// <summary>As many bytes as <see cref="Masked"/> shows, and one to tell that there are more: an entry may hold megabytes.</summary>
    const string RawStart = "left(hex(raw), 802)";

    /// <summary>The page, or null when there is no such sync.</summary>
    public async Task<Markup?> RenderAsync(string org, string sync, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var views = SyncView.All(ops.Syncs.Where(s => s.Org == org && s.SyncId == sync), ops.Findings, now);
        if (views.Count == 0)
        {
            return null;
        }

        var first = views[0].Status;
        var body = Markup.Of($"""
            <p class="crumbs"><a href="/">Syncs</a></p>
            <h1>{sync}</h1>
            <p>{first.Vendor}, account {first.Instance}, data of {org}. Owner: {SyncCells.Owner(first)}.</p>
            <h2>Streams</h2>
            {Markup.Each(views, v => Stream(v, now))}
            <h2>Findings</h2>
            {Findings([.. views.SelectMany(v => v.Findings).OrderBy(f => SyncView.Severity(f.Severity))], now)}
            <h2>Quarantine</h2>
            {await numbers.ShowAsync(QuarantineSql(org, sync, RawStart), QuarantineShown, r => Quarantine(r, org, sync, now), cancellationToken)}
            """);
        return Layout.Page(sync, "/", body, live: true);
    }

    static Markup Stream(SyncView view, DateTime now)
    {
        var s = view.Status;
        return Markup.Of($"""
            <section class="card" id="stream-{s.Stream}">
            <h3>{s.Stream} {SyncCells.State(view)}</h3>
            <dl>
            <div><dt>Age of the data</dt><dd>{SyncCells.Age(view)}</dd></div>
            <div><dt>Last arrival</dt><dd>{Format.Ago(s.LastArrivalAt, now)}{(view.Arrival is { } arrival ? Markup.Of($" <small>of {Format.Span(arrival)}</small>") : Markup.Empty)}</dd></div>
            <div><dt>Last change in the tool</dt><dd>{Format.Ago(s.LastChangeAt, now)}</dd></div>
            <div><dt>Last good run</dt><dd>{Format.Ago(s.LastSuccessAt, now)}</dd></div>
            <div><dt>Next run</dt><dd>{NextRun(s, now)}</dd></div>
            <div><dt>Records read</dt><dd>{Format.Number(s.RecordsRead)}</dd></div>
            <div><dt>Changes published</dt><dd>{Format.Number(s.RecordsEmitted)}</dd></div>
            <div><dt>Refused</dt><dd>{SyncCells.Quarantine(s)}</dd></div>
            <div><dt>Runs, failed</dt><dd>{Format.Number(s.Runs)}, {Format.Number(s.Errors)}</dd></div>
            </dl>
            </section>
            """);
    }

    /// <summary>Only a run that failed is tried again at a set time; else what it waits for starts the next.</summary>
    static Markup NextRun(SyncStatus s, DateTime now) => s switch
    {
        { NextRunAt: not null } => Markup.Of($"{Format.Ago(s.NextRunAt, now)} <small>after a failure</small>"),
        { WaitingFor: { } cause } => Markup.Of($"waits for {cause}"),
        _ => Markup.Of($"under way"),
    };

    static Markup Findings(IReadOnlyList<Finding> findings, DateTime now) => findings.Count == 0
        ? Markup.Of($"<p>None.</p>")
        : Markup.Of($"<ul class=\"findings\" id=\"findings\">{Markup.Each(findings, f => SyncCells.Finding(f, now))}</ul>");

    static string QuarantineSql(string org, string sync, string raw = "raw") =>
        $"SELECT occurred_at, stream, reason_code, reason, remedy, place, {raw} FROM ops_quarantine WHERE org = {Sql.Literal(org)} AND sync_id = {Sql.Literal(sync)} AND closed_at IS NULL ORDER BY occurred_at DESC";

    static Markup Quarantine(QueryResult rows, string org, string sync, DateTime now)
    {
        if (rows.Rows.Count == 0)
        {
            return Markup.Of($"<p>Empty.</p>");
        }

        var all = Sql.Link("all entries with their bytes", "quarantine entries of this sync", QuarantineSql(org, sync));
        return Markup.Of($"""
            <p>{(rows.Truncated ? $"The latest {QuarantineShown}" : Format.Count(rows.Rows.Count, "entry", "entries"))}; letters are shown as x and digits as 9. See {all}.</p>
            <ul class="findings" id="quarantine">{Markup.Each(rows.Rows, r => Entry(r, now))}</ul>
            """);
    }

    static Markup Entry(IReadOnlyList<object?> row, DateTime now) => Markup.Of($"""
        <li class="card"><strong>{Text(row[1])}: {Text(row[3])}</strong>
        <p>{(row[4] is null ? Markup.Empty : Markup.Of($"What to do: {Text(row[4])}"))}</p>
        <p><small>{Text(row[2])} at <code>{Text(row[5])}</code>, {Format.Ago(row[0] as DateTime?, now)}</small></p>
        {(row[6] is string hex ? Markup.Of($"<pre>{Masked.Of(Convert.FromHexString(hex))}</pre>") : Markup.Empty)}</li>
        """);

    static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);
}
