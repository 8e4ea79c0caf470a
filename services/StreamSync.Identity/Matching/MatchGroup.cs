namespace StreamSync.Identity;

/// <summary>
/// The state of one match key: its members with their features while there are no more than the key's cap, only their number
/// above it (the members then lie apart, in the store's overflow).
/// </summary>
public sealed class MatchGroup
{
    const byte FormatVersion = 1;

    MatchGroup(List<PersonFeatures> members, int count)
    {
        Members = members;
        Count = count;
    }

    /// <summary>Records that hold the key now.</summary>
    public int Count { get; internal set; }

    /// <summary>True when the key passed its cap and is no evidence.</summary>
    public bool IsCapped => Count > Members.Count;

    internal List<PersonFeatures> Members { get; }

    /// <summary>A group without members.</summary>
    public static MatchGroup Empty() => new([], 0);

    /// <summary>Compact binary form.</summary>
    public byte[] ToBytes()
    {
        var writer = new CompactWriter();
        writer.Byte(FormatVersion);
        writer.Count(Count);
        writer.Count(Members.Count);
        foreach (var member in Members)
        {
            member.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>Reads <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are of another format version or cut short.</exception>
    public static MatchGroup FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new CompactReader(bytes);
        if (reader.Byte() != FormatVersion)
        {
            throw new InvalidDataException("A match group was stored by another version of the engine; rebuild the store from entity.person.");
        }

        var count = reader.Count();
        var members = new List<PersonFeatures>(reader.Count());
        for (var i = members.Capacity; i > 0; i--)
        {
            members.Add(PersonFeatures.Read(ref reader));
        }

        return new MatchGroup(members, count);
    }

    internal int IndexOf(string urn)
    {
        for (var i = 0; i < Members.Count; i++)
        {
            if (Members[i].Urn == urn)
            {
                return i;
            }
        }

        return -1;
    }
}
