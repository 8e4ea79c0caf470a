using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>What the topic before the graph stage carries, keyed by org.</summary>
enum GraphMessageKind : byte
{
    /// <summary>A record and its features, in the engine's binary form.</summary>
    Record = 1,

    /// <summary>A record that is gone: its URN.</summary>
    RecordGone = 2,

    /// <summary>What the match keys of a partition say about pairs: the partition, then a number of links. Written by earlier versions.</summary>
    Links = 3,

    /// <summary>A steward's decision: the encoded <c>identity.decision</c>.</summary>
    Decision = 4,

    /// <summary>A decision that was taken back: the encoded decision.</summary>
    DecisionGone = 5,

    /// <summary>As <see cref="Links"/>, after the stamp of the model that weighed them.</summary>
    WeighedLinks = 6,
}

/// <summary>Writes messages to the graph stage.</summary>
static class GraphMessage
{
    /// <summary>The topic from the first stage.</summary>
    public const string Output = "by-org";

    /// <summary>The topic from the second stage.</summary>
    public const string LinkOutput = "by-org-links";

    public static byte[] Of(GraphMessageKind kind, ReadOnlySpan<byte> content, PackWriter writer)
    {
        writer.Clear();
        writer.Byte((byte)kind);
        writer.Raw(content);
        return writer.ToArray();
    }

    public static byte[] Of(byte[] record, byte[] features, PackWriter writer)
    {
        writer.Clear();
        writer.Byte((byte)GraphMessageKind.Record);
        writer.Bytes(record);
        writer.Bytes(features);
        return writer.ToArray();
    }

    /// <summary>What the match keys of a partition say.</summary>
    public static byte[] Of(ulong model, int partition, IReadOnlyCollection<LinkChange> links, PackWriter writer)
    {
        writer.Clear();
        writer.Byte((byte)GraphMessageKind.WeighedLinks);
        writer.Fixed(model);
        writer.Count(partition);
        writer.Count(links.Count);
        foreach (var link in links)
        {
            writer.Bytes(link.ToBytes());
        }

        return writer.ToArray();
    }
}
