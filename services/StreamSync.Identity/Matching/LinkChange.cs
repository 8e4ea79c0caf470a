namespace StreamSync.Identity;

/// <summary>Stage A's output and stage B's input: what one match key says about one pair of records, or that it says nothing any more.</summary>
/// <param name="Org">The group both records belong to; stage B's message key.</param>
/// <param name="A">The record whose URN comes first in ordinal order.</param>
/// <param name="B">The other record.</param>
/// <param name="KeyKind">The kind of key that brought them together.</param>
/// <param name="KeyHash">Tells the keys of a pair apart.</param>
/// <param name="IsUnlink">True when the key no longer speaks for the pair: a record left or changed, or the key passed its cap.</param>
/// <param name="Base">Evidence of all compared fields, in hundredths of a bit; the same from every key. 0 for an unlink.</param>
/// <param name="Bonus">What this key itself adds, if it is an identifier. 0 for an unlink.</param>
/// <param name="Flags">What overrules the sum.</param>
public readonly record struct LinkChange(
    string Org, string A, string B, MatchKeyKind KeyKind, uint KeyHash, bool IsUnlink, int Base, int Bonus, PairFlags Flags)
{
    const byte FormatVersion = 1;

    /// <summary>Compact binary form.</summary>
    public byte[] ToBytes()
    {
        var writer = new CompactWriter();
        writer.Byte(FormatVersion);
        writer.Text(Org);
        writer.Text(A);
        writer.Text(B);
        writer.Byte((byte)KeyKind);
        writer.Count((int)KeyHash);
        writer.Byte(IsUnlink ? (byte)1 : (byte)0);
        writer.Number(Base);
        writer.Number(Bonus);
        writer.Byte((byte)Flags);
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
            reader.Text(), reader.Text(), reader.Text(), (MatchKeyKind)reader.Byte(), (uint)reader.Count(), reader.Byte() == 1,
            (int)reader.Number(), (int)reader.Number(), (PairFlags)reader.Byte());
    }
}
