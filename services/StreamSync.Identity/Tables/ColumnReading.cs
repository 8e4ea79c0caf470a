namespace StreamSync.Identity;

/// <summary>How the values of a column were understood: a column that means something else than was taken for granted shows here.</summary>
/// <param name="File">The file.</param>
/// <param name="Column">The column.</param>
/// <param name="Field">What the column means, as a word of the map.</param>
/// <param name="Values">Values that are not empty.</param>
/// <param name="Unread">Those of them that say nothing of this meaning, and are therefore not compared.</param>
/// <param name="FirstUnread">Line of the first such value, from 1; 0 when there is none.</param>
/// <param name="IsSaid">True when the user said what the column means.</param>
public sealed record ColumnReading(string File, string Column, string Field, int Values, int Unread, int FirstUnread, bool IsSaid)
{
    /// <summary>
    /// What a user should know and do; null when nothing is remarkable. A value that can't be read is common in some columns, but a name that says
    /// nothing leaves its record without one. Values are counted and never shown.
    /// </summary>
    public string? Remark => Values == 0 && IsSaid ? $"{File}: the column '{Column}' ({Field}) holds no value in any row; {Remedy}"
        : Unread * 2 > Values ? $"{File}: {Unread} of {Values} values of the column '{Column}' can't be read as {Field}, the first on line {FirstUnread}; {Remedy}"
        : Unread > 0 && IsName ? $"{File}: {Unread} of {Values} values of the column '{Column}' ({Field}) name nobody, the first on line {FirstUnread}: a title, a placeholder such as 'test' or 'Resident', one letter again and again, or no letters at all; these records are compared by what else they hold"
        : null;

    bool IsName => Field is "given" or "family" or "full_name";

    string Remedy => (Field == "phone" ? "numbers outside North America need + and the country's code; " : "")
        + $"where it is another column, say so with --map {Field}=COLUMN, and --map ignored=COLUMN leaves this one out";
}
