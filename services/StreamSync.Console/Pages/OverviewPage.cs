using StreamSync.Console.Html;
using StreamSync.Console.Ops;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Console.Pages;

/// <summary>Which sync is late, since when, and whose job it is: a row a stream, worst first.</summary>
sealed class OverviewPage(OpsTables ops, IProgressBoard board, TimeProvider clock)
{
    /// <summary>The room whose work the streams' own rows show.</summary>
    const string Connectors = "connectors";

    public Markup Render()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var views = SyncView.All(ops.Syncs, ops.Findings, now);
        var body = Markup.Of($"""
            <h1>Syncs</h1>
            <p class="state" id="state" role="status">{Sentence(views)}</p>
            {Streams(views, now)}
            {Others(ops.Findings.Where(f => f.SyncId is null && f.Vendor is null), now)}
            {Progress(board.Snapshot())}
            """);
        return Layout.Page("Syncs", "/", body, live: true);
    }

    /// <summary>The state of everything in a sentence.</summary>
    public string Sentence(IReadOnlyList<SyncView> views)
    {
        if (ops.Trouble is { } trouble)
        {
            return $"The state of the syncs can't be shown: {trouble}";
        }

        if (views.Count == 0)
        {
            return "No sync has reported yet.";
        }

        var states = views.GroupBy(v => v.State).OrderByDescending(g => g.Key).Select(g => $"{g.Count()} {SyncCells.Word(g.Key)}");
        return $"{Format.Count(views.Count, "stream")}: {string.Join(", ", states)}.";
    }

    static Markup Streams(IReadOnlyList<SyncView> views, DateTime now) => views.Count == 0 ? Markup.Empty : Markup.Of($"""
        <table class="cards" id="streams">
        <caption class="visually-hidden">Streams of all syncs, the worst first</caption>
        <thead><tr><th scope="col">Stream</th><th scope="col">State</th><th scope="col">Age of the data</th><th scope="col">Last change in the tool</th>
        <th scope="col" class="n">Records</th><th scope="col" class="n">Refused</th><th scope="col" class="n">Findings</th><th scope="col">Owner</th></tr></thead>
        <tbody>{Markup.Each(views, v => Row(v, now))}</tbody>
        </table>
        """);

    /// <summary>Findings that are no stream's: about who is who.</summary>
    static Markup Others(IEnumerable<Finding> findings, DateTime now)
    {
        var shown = findings.OrderBy(f => SyncView.Severity(f.Severity)).ThenByDescending(f => f.LastSeenAt).ToList();
        return shown.Count == 0 ? Markup.Empty : Markup.Of($"""
            <h2>Findings on people</h2>
            <ul class="findings" id="findings">{Markup.Each(shown, f => SyncCells.Finding(f, now))}</ul>
            """);
    }

    static Markup Row(SyncView view, DateTime now)
    {
        var s = view.Status;
        return Markup.Of($"""
            <tr>
            <th scope="row" data-label="Stream"><span><a href="{SyncCells.Path(s)}">{s.SyncId}</a> {s.Stream}</span></th>
            <td data-label="State"><span>{SyncCells.State(view)}</span></td>
            <td data-label="Age of the data"><span>{SyncCells.Age(view)}</span></td>
            <td data-label="Last change in the tool"><span>{Format.Ago(s.LastChangeAt, now)}</span></td>
            <td data-label="Records" class="n"><span>{Format.Number(s.RecordsEmitted)}</span></td>
            <td data-label="Refused" class="n"><span>{SyncCells.Quarantine(s)}</span></td>
            <td data-label="Findings" class="n"><span>{SyncCells.Findings(view)}</span></td>
            <td data-label="Owner"><span>{SyncCells.Owner(s)}</span></td>
            </tr>
            """);
    }

    static Markup Progress(IReadOnlyList<ProgressEntry> entries) => entries.Count == 0 ? Markup.Empty : Markup.Of($"""
        <h2 id="now">At work now</h2>
        <table class="cards" id="progress">
        <caption class="visually-hidden">What each part of this process has done since it started</caption>
        <thead><tr><th scope="col">Part</th><th scope="col" class="n">Records</th><th scope="col" class="n">To do</th><th scope="col">Waiting for</th></tr></thead>
        <tbody>{Markup.Each(entries.Where(e => e.Room != Connectors && (e.Count > 0 || e.WaitingFor is not null)), Entry)}</tbody>
        </table>
        """);

    static Markup Entry(ProgressEntry e) => Markup.Of($"""
        <tr><th scope="row" data-label="Part">{e.Room} {e.Item}</th>
        <td data-label="Records" class="n"><span>{Format.Number(e.Count)}</span></td>
        <td data-label="To do" class="n"><span>{(e.Lag is { } lag ? Format.Number(lag) : "unknown")}</span></td>
        <td data-label="Waiting for"><span>{e.WaitingFor ?? "nothing"}</span></td></tr>
        """);
}
