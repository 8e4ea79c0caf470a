using StreamSync.Identity;

namespace StreamSync.Processors.Identity;

/// <summary>What links a pair, in a word for tables and people.</summary>
static class PairRules
{
    /// <summary>The rule of a linked pair: <c>decision</c>, <c>vendor</c>, the identifiers shared, or the keys that brought it together.</summary>
    public static string Of(PairExplanation pair) => Of(pair.Decision, pair.AssertedByVendor, pair.Keys.Any(IsIdentifier) ? pair.Keys : [.. pair.Keys.Order()]);

    /// <summary>The same of a link as the graph holds it.</summary>
    public static string Of(in PairLink link) => Of(link.Decision, link.AssertedByVendor, link.Keys);

    /// <summary>True when one link speaks louder than another: a decision, then a vendor's word, then the greater evidence.</summary>
    public static bool IsStronger(in PairLink x, in PairLink y)
    {
        var (xDecided, yDecided) = (x.Decision == DecisionKind.MustLink, y.Decision == DecisionKind.MustLink);
        return xDecided != yDecided ? xDecided : x.AssertedByVendor != y.AssertedByVendor ? x.AssertedByVendor : x.Total > y.Total;
    }

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

    static string Of(DecisionKind decision, bool assertedByVendor, IReadOnlyList<MatchKeyKind> keys) =>
        decision == DecisionKind.MustLink ? "decision" : assertedByVendor ? "vendor" : keys.Count == 0 ? "others" : Telling(keys);

    /// <summary>Where an identifier is shared, it is the rule; other keys brought the pair together as well, but prove nothing by themselves.</summary>
    static string Telling(IReadOnlyList<MatchKeyKind> keys)
    {
        var hasIdentifier = false;
        for (var i = 0; i < keys.Count; i++)
        {
            hasIdentifier |= IsIdentifier(keys[i]);
        }

        string? rule = null;
        var last = "";
        for (var i = 0; i < keys.Count; i++)
        {
            var word = WordFor(keys[i]);
            if (IsIdentifier(keys[i]) == hasIdentifier && word != last)
            {
                rule = rule is null ? word : $"{rule}+{word}";
                last = word;
            }
        }

        return rule!;
    }

    /// <summary>True for keys that speak for a pair by themselves.</summary>
    public static bool IsIdentifier(MatchKeyKind kind) => kind is MatchKeyKind.ExternalId or MatchKeyKind.Email or MatchKeyKind.Phone;
}
