namespace StreamSync.Identity;

/// <summary>Turns records into the normalised fields that matching compares. Safe for concurrent use.</summary>
/// <param name="defaultRegion">ISO region of phone numbers without a country code.</param>
public sealed class FeatureExtractor(string defaultRegion = "US")
{
    readonly PhoneNormalizer _phones = new(defaultRegion);

    /// <summary>Normalises one record; bad values are left out, never thrown on.</summary>
    public PersonFeatures Extract(PersonRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new PersonFeatures
        {
            Urn = record.Urn,
            Org = record.Org,
            Kind = record.Kind,
            CreatedAt = record.CreatedAt is { } at ? at.UtcTicks / TimeSpan.TicksPerMicrosecond - UnixEpochMicros : long.MaxValue,
            Names = Collect(record.Names, static name => NameNormalizer.Normalize(name), static name => !name.IsEmpty),
            Emails = Collect(record.Emails, EmailKey, static key => key.Length > 0),
            Phones = Collect(record.Phones, PhoneKey, static key => key.Length > 0),
            BirthDate = BirthDateNormalizer.Normalize(record.BirthDate) is var date && (date.IsEvidence || date.Quality == BirthDateQuality.Garbled) ? date : default,
            Addresses = Collect(record.Addresses, static address => AddressNormalizer.Normalize(address), HasPart),
            Ids = Collect(record.Ids, NormalizeId, static id => id.Value.Length > 0),
            SameAs = Collect(record.SameAs, static urn => urn, urn => urn.Length > 0 && urn != record.Urn),
            BirthPlace = Meaningful(record.BirthPlace),
            Occupation = Meaningful(record.Occupation),
            Extras = Collect(record.Extras, static extra => new ExtraValue(extra.Field, Meaningful(extra.Value)), static extra => extra.Value.Length > 0),
        };
    }

    static string EmailKey(string text) =>
        EmailNormalizer.Normalize(text) is { Quality: ContactQuality.Identifying } email ? email.MatchKey : "";

    string PhoneKey(string text) => _phones.Normalize(text) is { Quality: ContactQuality.Identifying } phone ? phone.E164 : "";

    static bool HasPart(NormalizedAddress address) =>
        address.Street.Length + address.City.Length + address.PostalCode.Length + address.State.Length > 0;

    static ExternalId NormalizeId(ExternalId id)
    {
        var value = id.Value.Trim();
        return value.Length == 0 || JunkValues.IsJunkWord(TextFolding.Fold(value)) || value.AsSpan().TrimStart('0').IsEmpty
            ? new ExternalId("", "", "")
            : new ExternalId(id.Type.Trim().ToLowerInvariant(), id.Scope.Trim().ToLowerInvariant(), value);
    }

    static string Meaningful(string? text)
    {
        var folded = TextFolding.Fold(text);
        return JunkValues.IsJunkWord(folded) ? "" : folded;
    }

    static EquatableArray<TOut> Collect<TIn, TOut>(IReadOnlyList<TIn> values, Func<TIn, TOut> map, Predicate<TOut> keep)
        where TOut : IEquatable<TOut>
    {
        if (values.Count == 0)
        {
            return default;
        }

        var kept = new TOut[values.Count];
        var count = 0;
        foreach (var value in values)
        {
            var mapped = map(value);
            if (keep(mapped) && Array.IndexOf(kept, mapped, 0, count) < 0)
            {
                kept[count++] = mapped;
            }
        }

        return new EquatableArray<TOut>(count == 0 ? null : count == kept.Length ? kept : kept[..count]);
    }

    const long UnixEpochMicros = 62_135_596_800_000_000;
}
