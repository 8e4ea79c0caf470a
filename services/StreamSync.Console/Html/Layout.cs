namespace StreamSync.Console.Html;

/// <summary>What every page has.</summary>
static class Layout
{
    static readonly (string Path, string Title)[] Sections = [("/", "Syncs"), ("/program", "Program"), ("/people", "People"), ("/sql", "SQL")];

    /// <summary>A whole page.</summary>
    /// <param name="title">Title of the page.</param>
    /// <param name="section">Path of the section it belongs to.</param>
    /// <param name="body">Its content.</param>
    /// <param name="live">True when the page renews itself.</param>
    public static Markup Page(string title, string section, Markup body, bool live = false) => Markup.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title} - StreamSync</title>
        <link rel="stylesheet" href="/assets/console.css">
        <link rel="icon" href="data:,">
        <script src="/assets/live.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <a class="brand" href="/">StreamSync</a>
        <nav aria-label="Sections"><ul>{Markup.Each(Sections, s => Section(s.Path, s.Title, s.Path == section))}</ul></nav>
        </header>
        <main id="content" tabindex="-1"{(live ? Markup.Of($" data-live=\"5\"") : Markup.Empty)}>
        {body}
        </main>
        </body>
        </html>
        """);

    /// <summary>A notice in place of numbers that can't be shown.</summary>
    public static Markup Notice(string text) => Markup.Of($"<p class=\"notice\" role=\"status\">{text}</p>");

    static Markup Section(string path, string title, bool current) =>
        Markup.Of($"<li><a href=\"{path}\"{(current ? Markup.Of($" aria-current=\"page\"") : Markup.Empty)}>{title}</a></li>");
}
