namespace StreamSync.Identity;

/// <summary>The normalised fields that matching needs of one record: immutable, comparable, compact in binary form.</summary>
public sealed record PersonFeatures
{
    /// <summary>The record's URN.</summary>
    public required string Urn { get; init; }

    /// <summary>The group that owns the record.</summary>
    public required string Org { get; init; }

    /// <summary>What the record is about.</summary>
    public RecordKind Kind { get; init; }

    /// <summary>Microseconds since 1970 when the tool made the record; <see cref="long.MaxValue"/> when it does not say.</summary>
    public long CreatedAt { get; init; } = long.MaxValue;

    /// <summary>Names with at least one usable part.</summary>
    public EquatableArray<NormalizedName> Names { get; init; } = [];

    /// <summary>Match keys of identifying e-mail addresses.</summary>
    public EquatableArray<string> Emails { get; init; } = [];

    /// <summary>Identifying phone numbers in E.164, without extension.</summary>
    public EquatableArray<string> Phones { get; init; } = [];

    /// <summary>Birth date.</summary>
    public NormalizedBirthDate BirthDate { get; init; }

    /// <summary>Addresses with at least one usable part.</summary>
    public EquatableArray<NormalizedAddress> Addresses { get; init; } = [];

    /// <summary>Identifiers, type in lower case.</summary>
    public EquatableArray<ExternalId> Ids { get; init; } = [];

    /// <summary>URNs which the vendor says are the same person.</summary>
    public EquatableArray<string> SameAs { get; init; } = [];

    /// <summary>Place of birth, folded.</summary>
    public string BirthPlace { get; init; } = "";

    /// <summary>Occupation, folded.</summary>
    public string Occupation { get; init; } = "";

    /// <summary>Further fields, folded, ordered by field.</summary>
    public EquatableArray<ExtraValue> Extras { get; init; } = [];

    readonly ViewCell _view = new();

    /// <summary>The comparison form under a frequency table; made once.</summary>
    internal RecordView View(FrequencyTable table) => _view.Of(this, table);

    /// <summary>True when some name has a given name (an initial counts).</summary>
    public bool HasGivenName
    {
        get
        {
            foreach (var name in Names)
            {
                if (name.First.Length > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Compact binary form, for state stores.</summary>
    public byte[] ToBytes()
    {
        var writer = CompactWriter.Own;
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public static PersonFeatures FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        return Read(ref reader);
    }

    /// <summary>Reads the URN of <see cref="ToBytes"/> alone.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    internal static string ReadUrn(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        Begin(ref reader);
        return reader.Text();
    }

    /// <summary>Reads of <see cref="ToBytes"/> what the graph takes note of, and only walks over the rest.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    internal static RecordNote ReadNote(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        Begin(ref reader);
        var urn = reader.Text();
        var org = reader.Text();
        reader.Byte();
        var createdAt = reader.Number();
        for (var names = reader.Count(); names > 0; names--)
        {
            Skip(ref reader, texts: 3);
            reader.Byte();
        }

        Skip(ref reader, reader.Count());
        Skip(ref reader, reader.Count());
        reader.Count();
        reader.Byte();
        for (var addresses = reader.Count(); addresses > 0; addresses--)
        {
            Skip(ref reader, texts: 5);
            reader.Byte();
        }

        for (var ids = reader.Count(); ids > 0; ids--)
        {
            Skip(ref reader, texts: 3);
        }

        var sameAs = reader.Texts();
        Skip(ref reader, texts: 2);
        for (var extras = reader.Count(); extras > 0; extras--)
        {
            reader.Byte();
            Skip(ref reader, texts: 1);
        }

        return new RecordNote(urn, org, createdAt, new(sameAs));

        static void Skip(ref CompactReader reader, int texts)
        {
            for (; texts > 0; texts--)
            {
                reader.Bytes();
            }
        }
    }

    internal void Write(CompactWriter writer)
    {
        writer.Byte(FormatVersion);
        writer.Text(Urn);
        writer.Text(Org);
        writer.Byte((byte)Kind);
        writer.Number(CreatedAt);
        writer.Count(Names.Length);
        foreach (var name in Names)
        {
            writer.Text(name.First);
            writer.Text(name.Middle);
            writer.Text(name.Last);
            writer.Byte(name.Suffix);
        }

        writer.Texts(Emails);
        writer.Texts(Phones);
        writer.Count((BirthDate.Year * 10000) + (BirthDate.Month * 100) + BirthDate.Day);
        writer.Byte((byte)BirthDate.Quality);
        writer.Count(Addresses.Length);
        foreach (var address in Addresses)
        {
            writer.Text(address.Number);
            writer.Text(address.Street);
            writer.Text(address.City);
            writer.Text(address.State);
            writer.Text(address.PostalCode);
            writer.Byte(address.ZipRepaired ? (byte)1 : (byte)0);
        }

        writer.Count(Ids.Length);
        foreach (var id in Ids)
        {
            writer.Text(id.Type);
            writer.Text(id.Scope);
            writer.Text(id.Value);
        }

        writer.Texts(SameAs);
        writer.Text(BirthPlace);
        writer.Text(Occupation);
        writer.Count(Extras.Length);
        foreach (var extra in Extras)
        {
            writer.Byte((byte)extra.Field);
            writer.Text(extra.Value);
        }
    }

    internal static PersonFeatures Read(ref CompactReader reader)
    {
        Begin(ref reader);
        var urn = reader.Text();
        var org = reader.Text();
        var kind = (RecordKind)reader.Byte();
        var createdAt = reader.Number();
        var names = new NormalizedName[reader.Count()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = new NormalizedName(reader.Text(), reader.Text(), reader.Text(), reader.Byte());
        }

        var emails = reader.Texts();
        var phones = reader.Texts();
        var date = reader.Count();
        var birth = new NormalizedBirthDate(date / 10000, date / 100 % 100, date % 100, (BirthDateQuality)reader.Byte());
        var addresses = new NormalizedAddress[reader.Count()];
        for (var i = 0; i < addresses.Length; i++)
        {
            addresses[i] = new NormalizedAddress(
                reader.Text(), reader.Text(), reader.Text(), reader.Text(), reader.Text(), reader.Byte() == 1);
        }

        var ids = new ExternalId[reader.Count()];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = new ExternalId(reader.Text(), reader.Text(), reader.Text());
        }

        var sameAs = reader.Texts();
        var birthPlace = reader.Text();
        var occupation = reader.Text();
        var extras = new ExtraValue[reader.Count()];
        for (var i = 0; i < extras.Length; i++)
        {
            extras[i] = new ExtraValue((Field)reader.Byte(), reader.Text());
        }

        return new PersonFeatures
        {
            Urn = urn,
            Org = org,
            Kind = kind,
            CreatedAt = createdAt,
            Names = new(names),
            Emails = new(emails),
            Phones = new(phones),
            BirthDate = birth,
            Addresses = new(addresses),
            Ids = new(ids),
            SameAs = new(sameAs),
            BirthPlace = birthPlace,
            Occupation = occupation,
            Extras = new(extras),
        };
    }

    static void Begin(ref CompactReader reader)
    {
        if (reader.Byte() != FormatVersion)
        {
            throw new InvalidDataException("Features were stored by another version of the engine; rebuild the store from entity.person.");
        }
    }

    const byte FormatVersion = 2;
}

/// <summary>What the graph takes note of when a record comes.</summary>
readonly record struct RecordNote(string Urn, string Org, long CreatedAt, EquatableArray<string> SameAs);
