using System.Text;

namespace StreamSync.Processors.Streaming;

/// <summary>What a finding is about; everything but the count.</summary>
sealed record FindingTopic
{
    public required string Org { get; init; }

    public string? SyncId { get; init; }

    public string? Vendor { get; init; }

    public string? Stream { get; init; }

    /// <summary>Machine word.</summary>
    public required string Code { get; init; }

    public string? Subject { get; init; }

    /// <summary>info, warning or error.</summary>
    public required string Severity { get; init; }

    /// <summary>What was found, without personal data.</summary>
    public required string Message { get; init; }

    public string? Remedy { get; init; }

    public string? Responsible { get; init; }

    /// <summary>Key of the finding: org/sync/stream/code/subject.</summary>
    public string Id => string.Join('/', Org, SyncId ?? Vendor ?? "-", Stream ?? "-", Code, Subject ?? "-");
}

/// <summary>How often a finding was made by one stage in one partition, with some examples: what stages send to <see cref="FindingStage"/>.</summary>
sealed record FindingTally(FindingTopic Topic, int Partition, long Count, IReadOnlyList<string> Examples, DateTime First, DateTime Last)
{
    /// <summary>No more examples than this.</summary>
    public const int MaxExamples = 5;

    public static byte[] KeyOf(string id) => Encoding.UTF8.GetBytes(id);

    public byte[] ToBytes()
    {
        var writer = new PackWriter();
        writer.Text(Topic.Org);
        writer.Optional(Topic.SyncId);
        writer.Optional(Topic.Vendor);
        writer.Optional(Topic.Stream);
        writer.Text(Topic.Code);
        writer.Optional(Topic.Subject);
        writer.Text(Topic.Severity);
        writer.Text(Topic.Message);
        writer.Optional(Topic.Remedy);
        writer.Optional(Topic.Responsible);
        writer.Count(Partition);
        writer.Number(Count);
        writer.Number(First.Ticks);
        writer.Number(Last.Ticks);
        writer.Count(Examples.Count);
        foreach (var example in Examples)
        {
            writer.Text(example);
        }

        return writer.ToArray();
    }

    public static FindingTally FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new PackReader(bytes);
        var topic = new FindingTopic
        {
            Org = reader.Text(),
            SyncId = reader.Optional(),
            Vendor = reader.Optional(),
            Stream = reader.Optional(),
            Code = reader.Text(),
            Subject = reader.Optional(),
            Severity = reader.Text(),
            Message = reader.Text(),
            Remedy = reader.Optional(),
            Responsible = reader.Optional(),
        };
        var (partition, count) = (reader.Count(), reader.Number());
        var (first, last) = (new DateTime(reader.Number(), DateTimeKind.Utc), new DateTime(reader.Number(), DateTimeKind.Utc));
        var examples = new string[reader.Count()];
        for (var i = 0; i < examples.Length; i++)
        {
            examples[i] = reader.Text();
        }

        return new FindingTally(topic, partition, count, examples, first, last);
    }
}
