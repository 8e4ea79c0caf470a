using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>
/// Word from a source record about an entity that several records may speak of, such as the person inside each of their signups: the record
/// describes it, or speaks of it no more.
/// </summary>
sealed record SharedEntity
{
    public required string Kind { get; init; }

    /// <summary>Hash of the source record's URN.</summary>
    public required ulong Holder { get; init; }

    /// <summary>Order among the records' words: the version, or the time of observation in ticks.</summary>
    public long Order { get; init; }

    /// <summary>Hash of what the entity says, provenance apart.</summary>
    public ulong Content { get; init; }

    public string? PersonRef { get; init; }

    /// <summary>The encoded entity; null when the record speaks of it no more.</summary>
    public byte[]? Entity { get; init; }

    public byte[] ToBytes(PackWriter writer)
    {
        writer.Clear();
        writer.Text(Kind);
        writer.Fixed(Holder);
        writer.Byte(Entity is null ? (byte)0 : (byte)1);
        if (Entity is not null)
        {
            writer.Number(Order);
            writer.Fixed(Content);
            writer.Optional(PersonRef);
            writer.Bytes(Entity);
        }

        return writer.ToArray();
    }

    public static SharedEntity FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new PackReader(bytes);
        var (kind, holder) = (reader.Text(), reader.Fixed());
        return reader.Byte() == 0
            ? new SharedEntity { Kind = kind, Holder = holder }
            : new SharedEntity { Kind = kind, Holder = holder, Order = reader.Number(), Content = reader.Fixed(), PersonRef = reader.Optional(), Entity = reader.Bytes().ToArray() };
    }
}
