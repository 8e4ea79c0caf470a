namespace StreamSync.Identity;

/// <summary>Why two records are, or are not, one person.</summary>
/// <param name="A">One record.</param>
/// <param name="B">The other.</param>
/// <param name="Evidence">The fields compared, then the identifiers shared. The sum of the weights is the evidence before limits.</param>
/// <param name="Total">The pair's evidence after limits, in hundredths of a bit.</param>
/// <param name="Flags">What overruled the sum, if anything.</param>
/// <param name="Keys">The rules that brought the pair together; none when nothing did.</param>
/// <param name="AssertedByVendor">True when a vendor says that they are one.</param>
/// <param name="Decision">A steward's decision on the pair, if any.</param>
/// <param name="SamePerson">The outcome.</param>
public sealed record PairExplanation(
    string A, string B, IReadOnlyList<FieldEvidence> Evidence, int Total, PairFlags Flags, IReadOnlyList<MatchKeyKind> Keys,
    bool AssertedByVendor, DecisionKind Decision, bool SamePerson);
