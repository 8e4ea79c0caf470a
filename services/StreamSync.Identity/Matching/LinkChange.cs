namespace StreamSync.Identity;

/// <summary>Stage A's output and stage B's input: what a partition's match keys say about one pair of records, or that they say nothing any more.</summary>
/// <param name="Org">The group both records belong to; stage B's message key.</param>
/// <param name="A">The record whose URN comes first in ordinal order.</param>
/// <param name="B">The other record.</param>
/// <param name="Value">What it says; null when no key of it brings the pair together any more.</param>
public readonly record struct LinkChange(string Org, string A, string B, LinkValue? Value)
{
    const byte FormatVersion = 2;

    /// <summary>Compact binary form.</summary>
    public byte[] ToBytes()
    {
        var writer = CompactWriter.Own;
        writer.Byte(FormatVersion);
        writer.Text(Org);
        writer.Text(A);
        writer.Text(B);
        writer.Byte(Value is null ? (byte)0 : (byte)1);
        Value?.Write(writer);
        return writer.ToArray();
    }

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public static LinkChange FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        if (reader.Byte() != FormatVersion)
        {
            throw new InvalidDataException("A link was written by another version of the engine.");
        }

        return new LinkChange(
            reader.Text(), reader.Text(), reader.Text(), reader.Byte() == 0 ? null : LinkValue.Read(ref reader));
    }
}
