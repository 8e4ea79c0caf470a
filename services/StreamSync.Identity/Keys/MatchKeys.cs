namespace StreamSync.Identity;

/// <summary>The match keys of a record.</summary>
public static class MatchKeys
{
    /// <summary>All keys of a record, each once. A device has none.</summary>
    public static List<MatchKey> For(PersonFeatures features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var keys = new List<MatchKey>(8);
        if (features.Kind == RecordKind.Device)
        {
            return keys;
        }

        foreach (var id in features.Ids)
        {
            Add(MatchKeyKind.ExternalId, $"{id.Type}/{id.Scope}/{id.Value}");
        }

        foreach (var email in features.Emails)
        {
            Add(MatchKeyKind.Email, email);
        }

        foreach (var phone in features.Phones)
        {
            Add(MatchKeyKind.Phone, phone);
        }

        var date = features.BirthDate;
        foreach (var name in features.Names)
        {
            if (name.First.Length == 0 || name.Last.Length == 0)
            {
                continue;
            }

            if (date.Quality == BirthDateQuality.Ok)
            {
                Add(MatchKeyKind.NameBirthDate, $"{name.First[0]}{date}/{name.Last}");
            }

            foreach (var address in features.Addresses)
            {
                if (address.PostalCode.Length > 0)
                {
                    Add(MatchKeyKind.NamePostalCode, $"{Nicknames.Root(name.First)}/{name.Last}/{address.PostalCode}");
                }
            }
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

    /// <summary>
    /// What stage A must hear when a record changes from <paramref name="before"/> to <paramref name="after"/> (null: absent).
    /// Nothing, when matching can't tell the two apart.
    /// </summary>
    public static List<MemberChange> Changes(PersonFeatures? before, PersonFeatures? after)
    {
        var changes = new List<MemberChange>();
        if (before is not null && before.Equals(after))
        {
            return changes;
        }

        var now = after is null ? [] : For(after);
        if (before is not null)
        {
            foreach (var key in For(before))
            {
                if (!now.Contains(key))
                {
                    changes.Add(new MemberChange(key, before.Urn, null));
                }
            }
        }

        foreach (var key in now)
        {
            changes.Add(new MemberChange(key, after!.Urn, after));
        }

        return changes;
    }
}
