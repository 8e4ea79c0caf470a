using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>A record's match keys in one partition: what the first stage tells the second, and what the second remembers.</summary>
/// <param name="Features">The record's features; null when it is gone or has no key here.</param>
/// <param name="Keys">Its keys in this partition.</param>
sealed record MemberMessage(PersonFeatures? Features, MatchKey[] Keys)
{
    public static readonly MemberMessage Gone = new(null, []);

    /// <summary>The message: URN, features, keys without their org.</summary>
    public static byte[] Of(string urn, ReadOnlySpan<byte> features, IReadOnlyList<MatchKey> keys, PackWriter writer)
    {
        writer.Clear();
        writer.Text(urn);
        Write(writer, keys.Count == 0 ? default : features, keys);
        return writer.ToArray();
    }

    public byte[] ToBytes(PackWriter writer)
    {
        writer.Clear();
        Write(writer, Features is null ? default : Features.ToBytes(), Keys);
        return writer.ToArray();
    }

    /// <summary>Reads what follows the URN.</summary>
    public static MemberMessage Read(ref PackReader reader)
    {
        var bytes = reader.Bytes();
        if (bytes.IsEmpty)
        {
            return Gone;
        }

        var features = PersonFeatures.FromBytes(bytes);
        var keys = new MatchKey[reader.Count()];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = new MatchKey(features.Org, (MatchKeyKind)reader.Byte(), reader.Text());
        }

        return new MemberMessage(features, keys);
    }

    static void Write(PackWriter writer, ReadOnlySpan<byte> features, IReadOnlyList<MatchKey> keys)
    {
        writer.Bytes(features);
        writer.Count(keys.Count);
        foreach (var key in keys)
        {
            writer.Byte((byte)key.Kind);
            writer.Text(key.Value);
        }
    }
}
