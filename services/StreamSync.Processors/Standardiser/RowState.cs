using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>An entity that a source record became.</summary>
sealed record EmittedEntity
{
    /// <summary>Kind of entity.</summary>
    public required string Kind { get; init; }

    /// <summary>Its URN; null when it is the source record's own.</summary>
    public string? Urn { get; init; }

    /// <summary>Whose it is, see <see cref="PersonRefs"/>.</summary>
    public required PersonRefs Refs { get; init; }
}

/// <summary>What the standardiser remembers of a source record.</summary>
sealed record RowState
{
    /// <summary>The highest version seen; null when the source has none.</summary>
    public long? Version { get; init; }

    /// <summary>Hash of the last change's id: a redelivery carries the same.</summary>
    public ulong Change { get; init; }

    public bool Deleted { get; init; }

    public IReadOnlyList<EmittedEntity> Entities { get; init; } = [];

    /// <summary>The whole record as last known, encoded as a change; only for streams whose changes may be partial.</summary>
    public byte[]? Record { get; init; }

    /// <summary>The compact form, which lies in the writer until it is used again.</summary>
    public ReadOnlySpan<byte> ToBytes(PackWriter writer)
    {
        writer.Clear();
        writer.Byte((byte)((Version is null ? 0 : 1) | (Deleted ? 2 : 0) | (Record is null ? 0 : 4)));
        if (Version is { } version)
        {
            writer.Number(version);
        }

        writer.Fixed(Change);
        writer.Count(Entities.Count);
        foreach (var entity in Entities)
        {
            writer.Text(entity.Kind);
            writer.Optional(entity.Urn);
            entity.Refs.Write(writer);
        }

        if (Record is not null)
        {
            writer.Bytes(Record);
        }

        return writer.Written;
    }

    public static RowState FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new PackReader(bytes);
        var flags = reader.Byte();
        long? version = (flags & 1) != 0 ? reader.Number() : null;
        var change = reader.Fixed();
        var entities = new EmittedEntity[reader.Count()];
        for (var i = 0; i < entities.Length; i++)
        {
            entities[i] = new EmittedEntity { Kind = reader.Text(), Urn = reader.Optional(), Refs = PersonRefs.Read(ref reader) };
        }

        return new RowState { Version = version, Change = change, Deleted = (flags & 2) != 0, Entities = entities, Record = (flags & 4) != 0 ? reader.Bytes().ToArray() : null };
    }
}
