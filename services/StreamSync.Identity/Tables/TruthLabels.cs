namespace StreamSync.Identity;

/// <summary>Turns the values of a truth column into numbers of people.</summary>
public static class TruthLabels
{
    /// <summary>
    /// Numbers equal values alike. When all values have the form that the FEBRL generator writes, <c>rec-N-org</c> and <c>rec-N-dup-K</c>, only
    /// N counts.
    /// </summary>
    public static int[] Number(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var febrl = labels.All(label => Febrl(label) is not null);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var truth = new int[labels.Count];
        for (var i = 0; i < truth.Length; i++)
        {
            var label = febrl ? Febrl(labels[i])! : labels[i];
            if (!numbers.TryGetValue(label, out truth[i]))
            {
                numbers.Add(label, truth[i] = numbers.Count);
            }
        }

        return truth;
    }

    static string? Febrl(string label)
    {
        var parts = label.Split('-');
        return parts.Length is 3 or 4 && parts[0] == "rec" && parts[1].Length > 0 && parts[1].All(char.IsAsciiDigit) && parts[2] is "org" or "dup" ? parts[1] : null;
    }
}
