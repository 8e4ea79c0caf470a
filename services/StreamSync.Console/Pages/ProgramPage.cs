using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Contracts;

namespace StreamSync.Console.Pages;

/// <summary>The program: channels by day, who talked to voters with the unknown ones visible, and the funnel of each event.</summary>
sealed class ProgramPage(Numbers numbers)
{
    const int DaysShown = 90;
    const int CanvassersShown = 50;
    const int EventsShown = 50;

    const string DaysSql = """
        SELECT day, channel, sum(touches)::BIGINT AS touches, sum(talked)::BIGINT AS talked, sum(canvasser_unknown)::BIGINT AS canvasser_unknown
        FROM program_by_day WHERE day IN (SELECT DISTINCT day FROM program_by_day WHERE day IS NOT NULL ORDER BY day DESC LIMIT 90)
        GROUP BY ALL ORDER BY day DESC, channel
        """;

    const string CanvassersSql = """
        SELECT canvasser_name, canvasser_id, canvasser_basis, count(*) AS contacts, count(*) FILTER (talked) AS talked,
            count(DISTINCT coalesce(voter_person_id, voter_ref)) AS voters, max(day) AS last_day
        FROM who_talked_to_voters GROUP BY ALL ORDER BY talked DESC, contacts DESC
        """;

    const string UnknownSql = """
        SELECT count(*) AS contacts, count(*) FILTER (canvasser_name IS NULL) AS without_name, count(*) FILTER (canvasser_id IS NULL AND canvasser_name IS NULL) AS without_id
        FROM who_talked_to_voters
        """;

    const string FunnelSql = """
        SELECT event_name, event_ref, day, event_type, vendor, invited, registered, confirmed, attended, no_show, walk_in, people
        FROM event_funnel ORDER BY day DESC NULLS LAST, event_name
        """;

    public async Task<Markup> RenderAsync(CancellationToken cancellationToken)
    {
        var days = await numbers.ShowAsync(DaysSql, 1000, Days, cancellationToken);
        var unknown = await numbers.ShowAsync(UnknownSql, 1, Unknown, cancellationToken);
        var canvassers = await numbers.ShowAsync(CanvassersSql, CanvassersShown, Canvassers, cancellationToken);
        var funnel = await numbers.ShowAsync(FunnelSql, EventsShown, Funnel, cancellationToken);
        return Layout.Page("Program", "/program", Markup.Of($"""
            <h1>Program</h1>
            <section aria-labelledby="who-h"><h2 id="who-h">Who talked to voters</h2>{unknown}{canvassers}</section>
            <section aria-labelledby="days-h"><h2 id="days-h">Contacts by day and channel</h2>{days}</section>
            <section aria-labelledby="events-h"><h2 id="events-h">Events</h2>{funnel}</section>
            """), live: true);
    }

    static Markup Days(QueryResult result)
    {
        if (result.Rows.Count == 0)
        {
            return Layout.Notice("No touch has reached the warehouse yet.");
        }

        var cells = result.Rows.ToDictionary(r => (Day: Text(r[0]), Channel: Text(r[1])), r => Long(r[2]));
        var channels = result.Rows.GroupBy(r => Text(r[1])).OrderByDescending(g => g.Sum(r => Long(r[2]))).Select(g => g.Key).ToList();
        var days = result.Rows.Select(r => Text(r[0])).Distinct().ToList();
        return Markup.Of($"""
            {DayChart.Of(days, channels, (day, channel) => cells.GetValueOrDefault((day, channel)))}
            <details id="days"><summary>Numbers by day</summary>
            <div class="scroll" role="region" aria-label="Contacts by day and channel" tabindex="0"><table>
            <caption class="visually-hidden">Contacts by day and channel, the last {DaysShown} days with any</caption>
            <thead><tr><th scope="col">Day</th>{Markup.Each(channels, c => Markup.Of($"<th scope=\"col\" class=\"n\">{c}</th>"))}<th scope="col" class="n">all</th></tr></thead>
            <tbody>{Markup.Each(days, day => Markup.Of($"""
                <tr><th scope="row">{day}</th>{Markup.Each(channels, c => Markup.Of($"<td class=\"n\">{Touches(cells.GetValueOrDefault((day, c)), day, c)}</td>"))}
                <td class="n">{Touches(channels.Sum(c => cells.GetValueOrDefault((day, c))), day, null)}</td></tr>
                """))}</tbody></table></div></details>
            """);
    }

    static Markup Touches(long count, string day, string? channel) => count == 0
        ? Markup.Of($"<span class=\"none\">0</span>")
        : Sql.Link(
            count,
            $"{channel ?? "all"} contacts on {day}",
            $"SELECT * FROM activity_touch WHERE coalesce(try_cast(local_date AS DATE), occurred_at::DATE) = DATE {Sql.Literal(day)}{(channel is null ? string.Empty : " AND channel = " + Sql.Literal(channel))} ORDER BY occurred_at DESC");

    static Markup Unknown(QueryResult result)
    {
        var (contacts, withoutName, withoutId) = (Long(result.Rows[0][0]), Long(result.Rows[0][1]), Long(result.Rows[0][2]));
        if (contacts == 0)
        {
            return Markup.Empty;
        }

        var share = 100.0 * withoutName / contacts;
        var link = Sql.Link(withoutName, "contacts without a canvasser's name", "SELECT * FROM who_talked_to_voters WHERE canvasser_name IS NULL ORDER BY occurred_at DESC");
        return Markup.Of($"""
            <p id="unknown">Of {Format.Number(contacts)} contacts {link} ({share.ToString("0.#", CultureInfo.InvariantCulture)} %) have no canvasser's name; {Format.Number(withoutId)} have no id either.</p>
            """);
    }

    static Markup Canvassers(QueryResult result) => result.Rows.Count == 0 ? Layout.Notice("No contact with a voter has reached the warehouse yet.") : Markup.Of($"""
        <table class="cards" id="canvassers"><caption class="visually-hidden">Canvassers by conversations{(result.Truncated ? $", the first {CanvassersShown}" : string.Empty)}</caption>
        <thead><tr><th scope="col">Canvasser</th><th scope="col">How known</th><th scope="col" class="n">Talked</th><th scope="col" class="n">Contacts</th>
        <th scope="col" class="n">Voters</th><th scope="col">Last day</th></tr></thead>
        <tbody>{Markup.Each(result.Rows, Canvasser)}</tbody></table>
        {(result.Truncated ? Markup.Of($"<p>{Sql.Link("All canvassers", "all canvassers", CanvassersSql)}</p>") : Markup.Empty)}
        """);

    static Markup Canvasser(IReadOnlyList<object?> row)
    {
        var name = row[0] as string;
        var id = row[1] as string;
        var where = $"SELECT * FROM who_talked_to_voters WHERE {Sql.Is("canvasser_name", name)} AND {Sql.Is("canvasser_id", id)} AND {Sql.Is("canvasser_basis", row[2] as string)}";
        var who = name is null ? Markup.Of($"<em>unknown</em>{(id is null ? Markup.Empty : Markup.Of($" <small>id {id}</small>"))}") : Markup.Of($"{name}");
        return Markup.Of($"""
            <tr><th scope="row" data-label="Canvasser"><span>{who}</span></th><td data-label="How known"><span>{Text(row[2])}</span></td>
            <td class="n" data-label="Talked">{Sql.Link(Long(row[4]), "conversations", where + " AND talked ORDER BY occurred_at DESC")}</td>
            <td class="n" data-label="Contacts">{Sql.Link(Long(row[3]), "contacts", where + " ORDER BY occurred_at DESC")}</td>
            <td class="n" data-label="Voters">{Format.Number(Long(row[5]))}</td><td data-label="Last day">{Text(row[6])}</td></tr>
            """);
    }

    static Markup Funnel(QueryResult result) => result.Rows.Count == 0 ? Layout.Notice("No event has reached the warehouse yet.") : Markup.Of($"""
        <table class="cards" id="events"><caption class="visually-hidden">Events with the steps of their signups{(result.Truncated ? $", the latest {EventsShown}" : string.Empty)}</caption>
        <thead><tr><th scope="col">Event</th><th scope="col">Day</th><th scope="col" class="n">Invited</th><th scope="col" class="n">Registered</th><th scope="col" class="n">Confirmed</th>
        <th scope="col" class="n">Attended</th><th scope="col" class="n">No-show</th><th scope="col" class="n">Walk-in</th><th scope="col" class="n">People</th></tr></thead>
        <tbody>{Markup.Each(result.Rows, Event)}</tbody></table>
        {(result.Truncated ? Markup.Of($"<p>{Sql.Link("All events", "all events", FunnelSql)}</p>") : Markup.Empty)}
        """);

    static Markup Event(IReadOnlyList<object?> row)
    {
        var signups = $"SELECT * FROM entity_signup WHERE event_ref = {Sql.Literal(Text(row[1]))}";
        Markup Step(int column, string label, string condition) => Markup.Of($"<td class=\"n\" data-label=\"{label}\">{Sql.Link(Long(row[column]), label, signups + condition)}</td>");
        return Markup.Of($"""
            <tr><th scope="row" data-label="Event"><span>{(row[0] is null ? Markup.Of($"<em>unknown</em>") : Markup.Of($"{Text(row[0])}"))}<small> {Text(row[3])} {Text(row[4])}</small></span></th><td data-label="Day">{Text(row[2])}</td>
            {Step(5, "Invited", " AND attendance IS DISTINCT FROM 'walk_in'")}
            {Step(6, "Registered", " AND attendance IS DISTINCT FROM 'walk_in' AND (rsvp_status IN ('registered', 'confirmed') OR attendance IN ('attended', 'no_show'))")}
            {Step(7, "Confirmed", " AND rsvp_status = 'confirmed'")}
            {Step(8, "Attended", " AND attendance IN ('attended', 'walk_in')")}
            {Step(9, "No-show", " AND attendance = 'no_show'")}
            {Step(10, "Walk-in", " AND attendance = 'walk_in'")}
            {Step(11, "People", string.Empty)}</tr>
            """);
    }

    static string Text(object? value) => value switch
    {
        DateTime at => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };

    static long Long(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
