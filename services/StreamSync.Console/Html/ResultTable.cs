using System.Collections;
using System.Globalization;
using StreamSync.Contracts;

namespace StreamSync.Console.Html;

/// <summary>Rows of a statement as a table.</summary>
static class ResultTable
{
    /// <summary>The table.</summary>
    /// <param name="result">Rows.</param>
    /// <param name="caption">What they are.</param>
    public static Markup Of(QueryResult result, string caption) => Markup.Of($"""
        <div class="scroll" role="region" aria-label="{caption}" tabindex="0">
        <table class="result"><caption class="visually-hidden">{caption}</caption>
        <thead><tr>{Markup.Each(result.Columns, c => Markup.Of($"<th scope=\"col\">{c}</th>"))}</tr></thead>
        <tbody>{Markup.Each(result.Rows, Row)}</tbody></table></div>
        """);

    static Markup Row(IReadOnlyList<object?> row) => Markup.Of($"<tr>{Markup.Each(row, Cell)}</tr>");

    static Markup Cell(object? value) => value switch
    {
        null => Markup.Of($"<td class=\"none\">null</td>"),
        long or int or double or decimal => Markup.Of($"<td class=\"n\">{Text(value)}</td>"),
        _ => Markup.Of($"<td>{Text(value)}</td>"),
    };

    static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        DateTime at => at.ToString(at.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Text)) + "]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
