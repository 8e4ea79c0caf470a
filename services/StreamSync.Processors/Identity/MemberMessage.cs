using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>A record's match keys in one partition: what the first stage tells the second, and what the second remembers.</summary>
/// <param name="Features">The record's features in binary form; empty when it is gone or has no key here.</param>
/// <param name="Keys">Its keys in this partition.</param>
sealed record MemberMessage(ReadOnlyMemory<byte> Features, MatchKeyId[] Keys)
{
    public static readonly MemberMessage Gone = new(default, []);

    /// <summary>The message: URN, features, keys.</summary>
    public static byte[] Of(string urn, ReadOnlySpan<byte> features, IReadOnlyList<MatchKeyId> keys, PackWriter writer)
    {
        writer.Clear();
        writer.Text(urn);
        writer.Bytes(keys.Count == 0 ? default : features);
        writer.Count(keys.Count);
        foreach (var key in keys)
        {
            writer.Byte((byte)key.Kind);
            writer.Fixed(key.Hash);
        }

        return writer.ToArray();
    }

    /// <summary>Reads what follows the URN; the features stay where they are.</summary>
    public static MemberMessage Read(ReadOnlyMemory<byte> content)
    {
        var reader = new PackReader(content.Span);
        var bytes = reader.Bytes();
        if (bytes.IsEmpty)
        {
            return Gone;
        }

        var features = content.Slice(content.Length - reader.Rest.Length - bytes.Length, bytes.Length);
        var keys = new MatchKeyId[reader.Count()];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = new MatchKeyId((MatchKeyKind)reader.Byte(), reader.Fixed());
        }

        return new MemberMessage(features, keys);
    }
}
