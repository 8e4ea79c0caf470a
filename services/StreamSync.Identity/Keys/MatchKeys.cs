namespace StreamSync.Identity;

/// <summary>The match keys of a record.</summary>
public static class MatchKeys
{
    /// <summary>
    /// The keys of a record as it arrives, each once: those that bring together pairs which something beside names may prove to be one person.
    /// A device has none.
    /// </summary>
    public static List<MatchKey> For(PersonFeatures features) => For(features, wide: false);

    /// <summary>The keys of a record, each once.</summary>
    /// <param name="features">The record.</param>
    /// <param name="wide">True for all, as in a file whose name frequencies are known.</param>
    internal static List<MatchKey> For(PersonFeatures features, bool wide)
    {
        ArgumentNullException.ThrowIfNull(features);
        var keys = Identifiers(features);
        if (features.Kind != RecordKind.Device)
        {
            var list = new KeyList(features.Org, keys);
            if (wide)
            {
                WideKeys.Add(features, list);
            }
            else
            {
                NarrowKeys.Add(features, list);
            }
        }

        return keys;
    }

    /// <summary>The keys that identify people by themselves.</summary>
    internal static List<MatchKey> Identifiers(PersonFeatures features)
    {
        var keys = new List<MatchKey>(24);
        if (features.Kind == RecordKind.Device)
        {
            return keys;
        }

        foreach (var id in features.Ids)
        {
            Add(MatchKeyKind.ExternalId, IdValue(id));
        }

        foreach (var email in features.Emails)
        {
            Add(MatchKeyKind.Email, email);
        }

        foreach (var phone in features.Phones)
        {
            Add(MatchKeyKind.Phone, phone);
        }

        return keys;

        void Add(MatchKeyKind kind, string value)
        {
            var key = new MatchKey(features.Org, kind, value);
            if (!keys.Contains(key))
            {
                keys.Add(key);
            }
        }
    }

    /// <summary>True when a record holds an identifying key.</summary>
    internal static bool Holds(PersonFeatures features, in MatchKey key)
    {
        switch (key.Kind)
        {
            case MatchKeyKind.Email:
                return features.Emails.Span.Contains(key.Value);
            case MatchKeyKind.Phone:
                return features.Phones.Span.Contains(key.Value);
            default:
                foreach (var id in features.Ids)
                {
                    if (IdValue(id) == key.Value)
                    {
                        return true;
                    }
                }

                return false;
        }
    }

    static string IdValue(in ExternalId id) => $"{id.Type}/{id.Scope}/{id.Value}";
}
