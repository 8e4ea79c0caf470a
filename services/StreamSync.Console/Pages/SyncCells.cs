using StreamSync.Console.Html;
using StreamSync.Console.Ops;
using StreamSync.Contracts.Ops;

namespace StreamSync.Console.Pages;

/// <summary>What pages show of a stream in the same way.</summary>
static class SyncCells
{
    /// <summary>Path of a sync's page.</summary>
    public static string Path(SyncStatus s) => $"/syncs/{Uri.EscapeDataString(s.Org)}/{Uri.EscapeDataString(s.SyncId)}";

    public static string Word(StreamState state) => state.ToString().ToLowerInvariant();

    /// <summary>The state as a word with a mark, so that colour alone says nothing.</summary>
    public static Markup State(SyncView view) => Markup.Of($"""
        <span class="badge {Word(view.State)}"><span aria-hidden="true">{Mark(view.State)}</span> {Word(view.State)}</span>{Reason(view)}
        """);

    /// <summary>Age against promise, in words and as a bar.</summary>
    public static Markup Age(SyncView view)
    {
        if (view.Age is not { } age)
        {
            return Markup.Of($"<span class=\"none\">no run yet</span>{(view.Promise is { } p ? Markup.Of($" <small>promise {Format.Span(p)}</small>") : Markup.Empty)}");
        }

        return view.Promise is { } promise
            ? Markup.Of($"""{Format.Span(age)} <small>of {Format.Span(promise)}</small> <meter min="0" max="{promise.TotalSeconds}" high="{promise.TotalSeconds * 0.8}" optimum="0" value="{Math.Min(age.TotalSeconds, promise.TotalSeconds)}" aria-hidden="true"></meter>""")
            : Markup.Of($"{Format.Span(age)} <small>no promise</small>");
    }

    /// <summary>How often records were refused, without what is settled; a record that comes again unmended counts again, and has one entry.</summary>
    public static Markup Quarantine(SyncStatus s) => Sql.Link(
        Math.Max(0, s.RecordsQuarantined - (s.QuarantineSettled ?? 0)),
        "records in quarantine",
        $"SELECT occurred_at, reason_code, reason, remedy, place, source_urn FROM ops_quarantine WHERE {Scope(s)} AND closed_at IS NULL ORDER BY occurred_at DESC");

    public static Markup Findings(SyncView view) => Sql.Link(
        view.Findings.Count,
        "findings",
        $"SELECT severity, code, subject, message, remedy, \"count\", last_seen_at FROM ops_finding WHERE {Scope(view.Status)} ORDER BY last_seen_at DESC");

    public static Markup Owner(SyncStatus s)
    {
        if (s.OwnerName is null)
        {
            return Markup.Of($"<span class=\"none\">nobody named</span>");
        }

        var contact = s.OwnerContact switch
        {
            null or "" => Markup.Empty,
            var mail when mail.Contains('@') && !mail.Contains(':') => Markup.Of($" <a href=\"mailto:{mail}\">{mail}</a>"),
            var other => Markup.Of($" {other}"),
        };
        return Markup.Of($"{s.OwnerName}{contact}");
    }

    /// <summary>A finding with what to do.</summary>
    public static Markup Finding(Finding f, DateTime now) => Markup.Of($"""
        <li class="card"><strong class="badge {f.Severity}">{f.Severity}</strong> <strong>{(f.Stream is null ? string.Empty : f.Stream + ": ")}{f.Message}</strong>{(string.IsNullOrEmpty(f.Subject) || f.Message.Contains(f.Subject, StringComparison.Ordinal) ? Markup.Empty : Markup.Of($" <code>{f.Subject}</code>"))}
        <p>{(f.Remedy is null ? Markup.Empty : Markup.Of($"What to do: {f.Remedy}. "))}{(f.Responsible is null ? Markup.Empty : Markup.Of($"Who: {f.Responsible}. "))}</p>
        <p><small>{f.Code}, {Format.Count(f.Count, "time")}, last {Format.Ago(f.LastSeenAt, now)}{Examples(f)}</small></p></li>
        """);

    static Markup Examples(Finding f) => f.ExampleUrns.Count == 0
        ? Markup.Empty
        : Markup.Of($"; for example {Markup.Each(f.ExampleUrns.Take(3), u => Markup.Of($"<code>{u}</code> "))}");

    static string Scope(SyncStatus s) => $"org = {Sql.Literal(s.Org)} AND sync_id = {Sql.Literal(s.SyncId)} AND stream = {Sql.Literal(s.Stream)}";

    static Markup Reason(SyncView view)
    {
        var reason = view.Status.StateReason ?? (view.State == StreamState.Late ? "older than promised" : null);
        return string.IsNullOrEmpty(reason) ? Markup.Empty : Markup.Of($" <small>{reason}</small>");
    }

    static string Mark(StreamState state) => state switch
    {
        StreamState.Fresh => "✓",
        StreamState.Starting => "…",
        StreamState.Paused => "‖",
        StreamState.Silent => "?",
        StreamState.Late => "!",
        _ => "✗",
    };
}
