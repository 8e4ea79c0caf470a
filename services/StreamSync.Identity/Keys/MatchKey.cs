namespace StreamSync.Identity;

/// <summary>The rule by which records are brought together for comparison.</summary>
public enum MatchKeyKind : byte
{
    /// <summary>Same external identifier in the same scope.</summary>
    ExternalId = 1,

    /// <summary>Same e-mail address.</summary>
    Email = 2,

    /// <summary>Same phone number.</summary>
    Phone = 3,

    /// <summary>Same name forms and birth date.</summary>
    NameBirthDate = 4,

    /// <summary>Same name forms and postal code.</summary>
    NamePostalCode = 5,
}

/// <summary>A value that records may share. Stage A is partitioned by its text form.</summary>
/// <param name="Org">The group; keys of different groups never meet.</param>
/// <param name="Kind">Rule.</param>
/// <param name="Value">Shared value.</param>
public readonly record struct MatchKey(string Org, MatchKeyKind Kind, string Value)
{
    /// <summary>True for keys that identify people by themselves and so add their own weight to a link.</summary>
    public bool IsIdentifier => Kind is MatchKeyKind.ExternalId or MatchKeyKind.Email or MatchKeyKind.Phone;

    /// <summary>
    /// Most members with which the key is still evidence; above it, it belongs to an office, a household of the whole street
    /// or a placeholder nobody has listed yet.
    /// </summary>
    public int Cap => Kind switch
    {
        MatchKeyKind.ExternalId => 200,
        MatchKeyKind.Email => 25,
        MatchKeyKind.Phone => 25,
        _ => 60,
    };

    /// <summary>Text form, the message key of stage A: <c>org|kind|value</c>.</summary>
    public override string ToString() => $"{Org}|{(byte)Kind}|{Value}";

    /// <summary>Reads <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is no match key.</exception>
    public static MatchKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = text.IndexOf('|', StringComparison.Ordinal);
        var second = first < 0 ? -1 : text.IndexOf('|', first + 1);
        return second > 0 && byte.TryParse(text.AsSpan(first + 1, second - first - 1), out var kind)
            ? new MatchKey(text[..first], (MatchKeyKind)kind, text[(second + 1)..])
            : throw new FormatException("A match key has the form org|kind|value.");
    }

    /// <summary>Identifies the key inside a link; stable across processes (FNV-1a over kind and value).</summary>
    internal uint Hash
    {
        get
        {
            var hash = (2166136261u ^ (byte)Kind) * 16777619u;
            foreach (var c in Value)
            {
                hash = (hash ^ (byte)c) * 16777619u;
                hash = (hash ^ (byte)(c >> 8)) * 16777619u;
            }

            return hash;
        }
    }
}

/// <summary>A record joins, changes in, or leaves (no features) the group of one key: the input of stage A.</summary>
/// <param name="Key">The group.</param>
/// <param name="Urn">The record.</param>
/// <param name="Features">The record's current features, or null when it leaves.</param>
public readonly record struct MemberChange(MatchKey Key, string Urn, PersonFeatures? Features);
