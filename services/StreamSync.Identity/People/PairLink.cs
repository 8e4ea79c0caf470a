namespace StreamSync.Identity;

/// <summary>What the graph holds of two records, their fields not compared again.</summary>
public readonly record struct PairLink
{
    readonly uint _kinds;

    internal PairLink(string a, string b, int total, uint kinds, bool assertedByVendor, DecisionKind decision, bool samePerson) =>
        (A, B, Total, _kinds, AssertedByVendor, Decision, SamePerson) = (a, b, total, kinds, assertedByVendor, decision, samePerson);

    /// <summary>One record.</summary>
    public string A { get; }

    /// <summary>The other.</summary>
    public string B { get; }

    /// <summary>The pair's evidence after limits, in hundredths of a bit.</summary>
    public int Total { get; }

    /// <summary>True when a vendor says that they are one.</summary>
    public bool AssertedByVendor { get; }

    /// <summary>A steward's decision on the pair, if any.</summary>
    public DecisionKind Decision { get; }

    /// <summary>The outcome.</summary>
    public bool SamePerson { get; }

    /// <summary>The rules that brought the pair together, in their order; none when nothing did.</summary>
    public IReadOnlyList<MatchKeyKind> Keys => MatchKeyId.KindsOf(_kinds);
}
