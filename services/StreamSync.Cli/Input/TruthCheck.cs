using System.Collections.Frozen;
using System.Globalization;
using StreamSync.Identity;

namespace StreamSync.Cli.Input;

/// <summary>Whether a truth column can be what it is said to be, before anything is judged by it or learnt from it.</summary>
static class TruthCheck
{
    // One value on so many records, and on so large a share of them, is hardly one person.
    const int ManyRecords = 20;
    const double LargeShare = 0.1;

    static readonly FrozenSet<string> Answers = new[]
    {
        "yes", "no", "y", "n", "true", "false", "t", "f", "match", "nomatch", "no match", "non-match", "nonmatch", "same", "different", "duplicate", "unique", "dup", "ok",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks the truth.</summary>
    /// <param name="people">The records.</param>
    /// <param name="column">The truth column.</param>
    /// <param name="purpose">What the truth is for, such as "judge".</param>
    /// <returns>What to tell the user; empty when nothing is odd.</returns>
    /// <exception cref="CommandException">Nothing can be judged by it or learnt from it.</exception>
    public static IEnumerable<string> Check(PeopleFiles people, string column, string purpose)
    {
        var records = people.Records.Count;
        if (records < 2)
        {
            throw new CommandException($"there is nothing to {purpose}: the files hold {records} records below their headers, and it takes two to be right or wrong about");
        }

        var known = Enumerable.Range(0, records).Where(record => people.Truth![record] != TruthLabels.Unknown).ToList();
        if (known.Count < 2)
        {
            throw new CommandException(
                $"there is nothing to {purpose}: the column '{column}' is blank on {(known.Count == 0 ? "all" : "all but one")} of {records} records; write the same value on records of one person, and another one on anybody else");
        }

        if (known.TrueForAll(record => Answers.Contains(people.Labels![record].Trim())))
        {
            throw new CommandException(
                $"the column '{column}' holds answers such as yes and no, and would make one person of all records with the same answer; --truth names a column with one value for each person, such as a number, and a row for each record");
        }

        var largest = known.GroupBy(record => people.Truth![record]).Select(person => (IReadOnlyList<int>)[.. person]).MaxBy(person => person.Count)!;
        return largest.Count == 1
            ? [$"no two records have the same '{column}': recall says nothing, only wrong merges count"]
            : largest.Count == known.Count
            ? [$"all records that have a '{column}' have the same: precision says nothing, only records of this person that are apart count"]
            : largest.Count > ManyRecords && largest.Count > known.Count * LargeShare
            ? [string.Create(CultureInfo.InvariantCulture, $"{largest.Count} of {known.Count} records have the same '{column}', the first {people.PlaceText(largest[0])}: if that means that nobody checked them, leave the cells blank; as it is, they count as one person")]
            : [];
    }
}
