namespace StreamSync.Console.Html;

/// <summary>Links from a number to the rows behind it.</summary>
static class Sql
{
    /// <summary>A link to the SQL page with a statement.</summary>
    /// <param name="text">What is shown.</param>
    /// <param name="label">What it is, for screen readers and on hovering.</param>
    /// <param name="statement">The statement behind it.</param>
    public static Markup Link(string text, string label, string statement) =>
        Markup.Of($"<a class=\"number\" href=\"/sql?q={Uri.EscapeDataString(statement)}\" title=\"{label}\" aria-label=\"{text}: {label}\">{text}</a>");

    /// <summary>A number as such a link.</summary>
    public static Markup Link(long number, string label, string statement) => Link(Format.Number(number), label, statement);

    /// <summary>A text literal, or NULL.</summary>
    public static string Literal(string? text) => text is null ? "NULL" : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A comparison that holds for null too.</summary>
    public static string Is(string column, string? text) => text is null ? column + " IS NULL" : column + " = " + Literal(text);
}
