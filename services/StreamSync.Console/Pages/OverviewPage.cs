using StreamSync.Console.Html;
using StreamSync.Console.Ops;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Console.Pages;

/// <summary>Which sync is late, since when, and whose job it is: a row a stream, worst first.</summary>
sealed class OverviewPage(OpsTables ops, IProgressBoard board, TimeProvider clock)
{
    public Markup Render()
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var views = SyncView.All(ops.Syncs, ops.Findings, now);
        var body = Markup.Of($"""
            <h1>Syncs</h1>
            <p class="state" id="state" role="status">{Sentence(views)}</p>
            {Streams(views, now)}
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
        <th scope="col" class="n">Records</th><th scope="col" class="n">Quarantine</th><th scope="col" class="n">Findings</th><th scope="col">Owner</th></tr></thead>
        <tbody>{Markup.Each(views, v => Row(v, now))}</tbody>
        </table>
        """);

    static Markup Row(SyncView view, DateTime now)
    {
        var s = view.Status;
        return Markup.Of($"""
            <tr>
            <th scope="row" data-label="Stream"><a href="{SyncCells.Path(s)}">{s.SyncId}</a> {s.Stream}</th>
            <td data-label="State">{SyncCells.State(view)}</td>
            <td data-label="Age of the data">{SyncCells.Age(view)}</td>
            <td data-label="Last change in the tool">{Format.Ago(s.LastChangeAt, now)}</td>
            <td data-label="Records" class="n">{Format.Number(s.RecordsEmitted)}</td>
            <td data-label="Quarantine" class="n">{SyncCells.Quarantine(s)}</td>
            <td data-label="Findings" class="n">{SyncCells.Findings(view)}</td>
            <td data-label="Owner">{SyncCells.Owner(s)}</td>
            </tr>
            """);
    }

    static Markup Progress(IReadOnlyList<ProgressEntry> entries) => entries.Count == 0 ? Markup.Empty : Markup.Of($"""
        <h2 id="now">At work now</h2>
        <table class="cards" id="progress">
        <caption class="visually-hidden">What each part of this process has done since it started</caption>
        <thead><tr><th scope="col">Part</th><th scope="col" class="n">Records</th><th scope="col" class="n">To do</th><th scope="col">Waiting for</th></tr></thead>
        <tbody>{Markup.Each(entries.Where(e => e.Count > 0 || e.WaitingFor is not null), Entry)}</tbody>
        </table>
        """);

    static Markup Entry(ProgressEntry e) => Markup.Of($"""
        <tr><th scope="row" data-label="Part">{e.Room} {e.Item}</th>
        <td data-label="Records" class="n">{Format.Number(e.Count)}</td>
        <td data-label="To do" class="n">{(e.Lag is { } lag ? Format.Number(lag) : "unknown")}</td>
        <td data-label="Waiting for">{e.WaitingFor ?? "nothing"}</td></tr>
        """);
}
