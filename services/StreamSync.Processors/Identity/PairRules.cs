using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>What links a pair, in a word for tables and people.</summary>
static class PairRules
{
    /// <summary>The rule of a linked pair: <c>decision</c>, <c>vendor</c>, the identifiers shared, or the keys that brought it together.</summary>
    public static string Of(PairExplanation pair) =>
        pair.Decision == DecisionKind.MustLink ? "decision"
        : pair.AssertedByVendor ? "vendor"
        : pair.Keys.Count == 0 ? "others"
        : string.Join('+', Telling(pair.Keys).Select(WordFor).Distinct());

    /// <summary>A kind of key as a word.</summary>
    public static string WordFor(MatchKeyKind key) => key switch
    {
        MatchKeyKind.ExternalId => "external_id",
        MatchKeyKind.Email => "email",
        MatchKeyKind.Phone => "phone",
        MatchKeyKind.NameBirthDate => "name_birth_date",
        MatchKeyKind.NamePostalCode => "name_postal_code",
        _ => "fields",
    };

    /// <summary>Where an identifier is shared, it is the rule; other keys brought the pair together as well, but prove nothing by themselves.</summary>
    static IEnumerable<MatchKeyKind> Telling(IReadOnlyList<MatchKeyKind> keys) =>
        keys.Any(IsIdentifier) ? keys.Where(IsIdentifier) : keys.Order();

    /// <summary>True for keys that speak for a pair by themselves.</summary>
    public static bool IsIdentifier(MatchKeyKind kind) => kind is MatchKeyKind.ExternalId or MatchKeyKind.Email or MatchKeyKind.Phone;
}
