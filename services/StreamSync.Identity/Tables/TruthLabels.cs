namespace StreamSync.Identity;

/// <summary>Turns the values of a truth column into numbers of people.</summary>
public static class TruthLabels
{
    /// <summary>
    /// Numbers equal values alike; when all are numbers, 7 and 7.0 too, which a table with gaps makes of it. When all values have the form that the
    /// FEBRL generator writes, <c>rec-N-org</c> and <c>rec-N-dup-K</c>, only N counts.
    /// </summary>
    public static int[] Number(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var febrl = labels.All(label => Febrl(label) is not null);
        var whole = labels.All(label => Whole(label) is not null);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var truth = new int[labels.Count];
        for (var i = 0; i < truth.Length; i++)
        {
            var label = febrl ? Febrl(labels[i])! : whole ? Whole(labels[i])! : labels[i];
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
        var point = label.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? label : label[..point];
        return digits.Length > 0 && digits.All(char.IsAsciiDigit) && (point < 0 || (point < label.Length - 1 && label.AsSpan(point + 1).IndexOfAnyExcept('0') < 0)) ? digits : null;
    }

    static string? Febrl(string label)
    {
        var parts = label.Split('-');
        return parts.Length is 3 or 4 && parts[0] == "rec" && parts[1].Length > 0 && parts[1].All(char.IsAsciiDigit) && parts[2] is "org" or "dup" ? parts[1] : null;
    }
}
