using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Processors.Streaming;

/// <summary>Adds up what the partitions of a stage found, and publishes it as one finding; one that counts nothing any more is withdrawn.</summary>
sealed class FindingStage(AvroCodec<Finding> codec) : IStage
{
    public const string Name = "findings";

    IStageContext _context = null!;
    PackedTable _parts = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _parts = context.State<PackedTable>();
    }

    public void Process(in StageRecord record)
    {
        var tally = FindingTally.FromBytes(record.Value);
        var parts = Parts(_parts.TryGet(record.Key, out var packed) ? packed : default);
        parts[tally.Partition] = tally;
        var writer = new PackWriter();
        writer.Count(parts.Count);
        foreach (var part in parts.Values)
        {
            writer.Bytes(part.ToBytes());
        }

        _parts.Put(record.Key, writer.ToArray());
        _context.Send(TopicCatalog.Finding.Name, record.Key, parts.Values.Any(p => p.Count > 0) ? codec.Encode(Sum(tally.Topic, [.. parts.Values.Where(p => p.Count > 0)])) : null);
    }

    static Finding Sum(FindingTopic topic, IReadOnlyList<FindingTally> parts) => new()
    {
        FindingId = topic.Id,
        Org = topic.Org,
        SyncId = topic.SyncId,
        Vendor = topic.Vendor,
        Stream = topic.Stream,
        Code = topic.Code,
        Subject = topic.Subject,
        Severity = topic.Severity,
        Message = topic.Message,
        Remedy = topic.Remedy,
        Responsible = topic.Responsible,
        Count = parts.Sum(p => p.Count),
        ExampleUrns = [.. parts.SelectMany(p => p.Examples).Take(FindingTally.MaxExamples)],
        FirstSeenAt = parts.Min(p => p.First),
        LastSeenAt = parts.Max(p => p.Last),
    };

    static SortedDictionary<int, FindingTally> Parts(ReadOnlySpan<byte> packed)
    {
        var parts = new SortedDictionary<int, FindingTally>();
        if (!packed.IsEmpty)
        {
            var reader = new PackReader(packed);
            for (var i = reader.Count(); i > 0; i--)
            {
                var part = FindingTally.FromBytes(reader.Bytes());
                parts[part.Partition] = part;
            }
        }

        return parts;
    }
}
