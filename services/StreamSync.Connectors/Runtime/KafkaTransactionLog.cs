using System.Text;
using Confluent.Kafka;
using StreamSync.Kafka.Clients;

namespace StreamSync.Connectors.Runtime;

/// <summary>The real one. Changes carry their CloudEvents attributes as headers (binary mode of the CloudEvents Kafka binding).</summary>
/// <param name="publisher">Publisher of the stream.</param>
/// <param name="source">CloudEvents source: <c>/org/vendor/instance/stream</c>.</param>
/// <param name="type">CloudEvents type.</param>
sealed class KafkaTransactionLog(TransactionalPublisher publisher, string source, string type) : ITransactionLog
{
    static readonly Header SpecVersion = new("ce_specversion", "1.0"u8.ToArray());
    readonly Header _source = new("ce_source", Encoding.UTF8.GetBytes(source));
    readonly Header _type = new("ce_type", Encoding.UTF8.GetBytes(type));

    public Task InitAsync(CancellationToken cancellationToken) => publisher.InitAsync(cancellationToken);

    public bool NeedsInit => publisher.NeedsInit;

    public void Begin() => publisher.Begin();

    public void Produce(string topic, string key, byte[]? value, string? changeId = null) => publisher.Produce(topic, key, value, changeId is null ? null : Headers(changeId));

    public Task CommitAsync(CancellationToken cancellationToken) => publisher.CommitAsync(cancellationToken);

    public Task AbortAsync(CancellationToken cancellationToken) => publisher.AbortAsync(cancellationToken);

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    /// <summary>The attributes that CloudEvents asks for and no more: each costs about a microsecond a change.</summary>
    Headers Headers(string changeId) => [SpecVersion, new Header("ce_id", Encoding.ASCII.GetBytes(changeId)), _source, _type];
}
