using System.Collections.Frozen;

namespace StreamSync.Identity;

/// <summary>Turns the values of a truth column into numbers of people.</summary>
public static class TruthLabels
{
    /// <summary>The number of a record whose truth nobody knows.</summary>
    public const int Unknown = -1;

    // What people write, beside what programs do, on a row that nobody has checked. Taken for a value, each would make one person of all these rows.
    static readonly FrozenSet<string> Unchecked =
        new[] { "na", "nat", "unknown", "unsure", "unchecked", "not checked", "tbd", "todo", "#ref!", "#value!", "#name?" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for a value that says of nobody who the record is: nothing, or what people and programs write for nothing.</summary>
    public static bool IsBlank(string label) => string.IsNullOrWhiteSpace(label) || PersonRow.IsNoValue(label.Trim()) || Unchecked.Contains(label.Trim());

    /// <summary>
    /// Numbers equal values alike, and blank ones as <see cref="Unknown"/>. When all others are numbers, 7 and 7.0 are equal too, which a table with
    /// gaps makes of it; when all have the form that the FEBRL generator writes, <c>rec-N-org</c> and <c>rec-N-dup-K</c>, only N counts.
    /// </summary>
    public static int[] Number(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var known = labels.Where(label => !IsBlank(label)).ToList();
        var febrl = known.TrueForAll(label => Febrl(label) is not null);
        var whole = known.TrueForAll(label => Whole(label) is not null);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var truth = new int[labels.Count];
        for (var i = 0; i < truth.Length; i++)
        {
            if (IsBlank(labels[i]))
            {
                truth[i] = Unknown;
                continue;
            }

            var label = febrl ? Febrl(labels[i])! : whole ? Whole(labels[i])! : labels[i].Trim();
            if (!numbers.TryGetValue(label, out truth[i]))
            {
                numbers.Add(label, truth[i] = numbers.Count);
            }
        }

        return truth;
    }

    /// <summary>A whole number without the fraction of zeros that it may carry; null for anything else.</summary>
    static string? Whole(string label)
    {
        label = label.Trim();
        var point = label.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? label : label[..point];
        return digits.Length > 0 && digits.All(char.IsAsciiDigit) && (point < 0 || (point < label.Length - 1 && label.AsSpan(point + 1).IndexOfAnyExcept('0') < 0)) ? digits : null;
    }

    static string? Febrl(string label)
    {
        var parts = label.Trim().Split('-');
        return parts.Length is 3 or 4 && parts[0] == "rec" && parts[1].Length > 0 && parts[1].All(char.IsAsciiDigit) && parts[2] is "org" or "dup" ? parts[1] : null;
    }
}
