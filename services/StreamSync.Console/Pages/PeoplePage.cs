using System.Globalization;
using StreamSync.Console.Html;
using StreamSync.Console.People;
using StreamSync.Contracts;

namespace StreamSync.Console.Pages;

/// <summary>People by name, e-mail, phone or id, and one person with all that the program did with them.</summary>
sealed class PeoplePage(Numbers numbers, IIdentityEvidence? evidence, TimeProvider clock)
{
    const int Shown = 50;

    /// <summary>Search and its results.</summary>
    /// <param name="words">What is looked for; null or empty for nothing yet.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<Markup> SearchAsync(string? words, CancellationToken cancellationToken)
    {
        var found = string.IsNullOrWhiteSpace(words) ? Markup.Empty : await numbers.ShowAsync(async warehouse => Found(await PeopleFinder.SearchAsync(warehouse, words, Shown, cancellationToken)));
        return Layout.Page("People", "/people", Markup.Of($"""
            <h1>People</h1>
            <form method="get" action="/people" role="search">
            <label for="q">Name, e-mail, phone number, person or source id</label>
            <p><input id="q" name="q" type="search" value="{words}" required autocomplete="off"> <button type="submit">Search</button></p>
            </form>
            <div id="found" aria-live="polite">{found}</div>
            """));
    }

    /// <summary>One person.</summary>
    public async Task<Markup> PersonAsync(string id, CancellationToken cancellationToken)
    {
        var literal = Sql.Literal(id);
        var facts = await numbers.ShowAsync($"SELECT * EXCLUDE (source_urns) FROM person_360 WHERE person_id = {literal}", 1, r => Facts(r, id), cancellationToken);
        var touches = await numbers.ShowAsync(
            $"SELECT coalesce(local_date, occurred_at::DATE::VARCHAR) AS day, kind, channel, outcome, canvasser_name, campaign_name, vendor, source_urn FROM activity_touch WHERE person_id = {literal} ORDER BY occurred_at DESC NULLS LAST",
            200,
            r => ResultTable.Of(r, "Touches, the latest first"),
            cancellationToken);
        var report = await numbers.ShowAsync(async warehouse =>
            await PersonReport.OfAsync(warehouse, evidence, id, cancellationToken) is { } found ? PersonCard.Of(found, clock.GetUtcNow().UtcDateTime) : Markup.Empty);
        return Layout.Page("Person", "/people", Markup.Of($"""
            <p class="crumbs"><a href="/people">People</a></p>
            {facts}
            {report}
            <h2>Touches</h2>{touches}
            """));
    }

    static Markup Found((IReadOnlyList<FoundPerson> People, bool More) found) => found.People.Count == 0 ? Markup.Of($"<p role=\"status\">Nobody found.</p>") : Markup.Of($"""
        <p role="status">{(found.More ? $"The first {Shown}; add a word to narrow it" : Format.Count(found.People.Count, "person", "people"))}.</p>
        <table class="cards"><caption class="visually-hidden">People found</caption>
        <thead><tr><th scope="col">Name</th><th scope="col">Place</th><th scope="col">Tools</th><th scope="col" class="n">Records</th></tr></thead>
        <tbody>{Markup.Each(found.People, p => Markup.Of($"""
            <tr><th scope="row" data-label="Name"><a href="/people/{Uri.EscapeDataString(p.PersonId)}">{p.Name ?? "without a name"}</a></th>
            <td data-label="Place">{p.Place}</td><td data-label="Tools">{string.Join(", ", p.Tools)}</td><td class="n" data-label="Records">{p.Records}</td></tr>
            """))}</tbody></table>
        """);

    static Markup Facts(QueryResult result, string id) => result.Rows.Count == 0
        ? Markup.Of($"<h1>Nobody</h1><p>No person has the id {id}; people are merged and split as records come in, so search again.</p>")
        : Markup.Of($"""
            <h1>{Text(result.Rows[0][result.Columns.ToList().IndexOf("display_name")])}</h1>
            <dl class="facts">{Markup.Each(result.Columns.Zip(result.Rows[0]).Where(c => c.Second is not null), c => Markup.Of($"<div><dt>{c.First.Replace('_', ' ')}</dt><dd>{Text(c.Second)}</dd></div>"))}</dl>
            """);

    static string Text(object? value) => value switch
    {
        null => string.Empty,
        DateTime at => at.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
        string text => text,
        System.Collections.IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
