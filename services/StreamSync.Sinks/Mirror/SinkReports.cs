using StreamSync.Contracts;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Clients;

namespace StreamSync.Sinks.Mirror;

/// <summary>Tells the platform what the warehouse could not take: quarantine entries and findings, both keyed so that telling twice changes nothing.</summary>
/// <param name="publisher">Publishes them.</param>
/// <param name="org">The group to which a record without a source URN is charged.</param>
/// <param name="clock">Clock of the entries.</param>
sealed class SinkReports(OpsPublisher publisher, string org, TimeProvider clock)
{
    /// <summary>Puts records into quarantine and waits until they are safe there.</summary>
    public Task QuarantineAsync(IReadOnlyList<RejectedRecord> records, CancellationToken cancellationToken) =>
        Task.WhenAll(records.Select(r => publisher.PublishAsync(TopicCatalog.Quarantine, "sink/" + r.Place, Entry(r), cancellationToken)));

    /// <summary>Publishes a finding on a topic's table.</summary>
    /// <param name="topic">Topic.</param>
    /// <param name="code">Machine word.</param>
    /// <param name="severity">info, warning or error.</param>
    /// <param name="message">What was found.</param>
    /// <param name="remedy">What to do.</param>
    /// <param name="count">How often.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task FindAsync(string topic, string code, string severity, string message, string remedy, long count, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var id = $"{org}/warehouse/{topic}/{code}";
        return publisher.PublishAsync(
            TopicCatalog.Finding,
            id,
            new Finding
            {
                FindingId = id,
                Org = org,
                SyncId = "warehouse",
                Stream = topic,
                Code = code,
                Severity = severity,
                Message = message,
                Remedy = remedy,
                Count = count,
                ExampleUrns = [],
                FirstSeenAt = now,
                LastSeenAt = now,
            },
            cancellationToken);
    }

    QuarantineEntry Entry(RejectedRecord record)
    {
        var isUrn = SourceUrn.TryParse(record.Key, out var urn);
        return new QuarantineEntry
        {
            QuarantineId = "sink/" + record.Place,
            Org = isUrn ? urn.Org : org,
            SyncId = "warehouse",
            Vendor = isUrn ? urn.Vendor : null,
            Stream = record.Topic,
            Stage = "sink",
            ReasonCode = record.Code,
            Reason = record.Reason,
            Remedy = record.Remedy,
            Place = record.Place,
            SourceUrn = isUrn ? record.Key : null,
            Raw = record.Value,
            ContentType = "application/vnd.confluent.avro",
            OccurredAt = clock.GetUtcNow().UtcDateTime,
        };
    }
}
