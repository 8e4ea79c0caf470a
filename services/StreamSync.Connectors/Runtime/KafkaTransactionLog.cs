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
    static readonly byte[] SpecVersion = "1.0"u8.ToArray();
    static readonly byte[] ContentType = "application/avro"u8.ToArray();
    readonly byte[] _source = Encoding.UTF8.GetBytes(source);
    readonly byte[] _type = Encoding.UTF8.GetBytes(type);

    public Task InitAsync(CancellationToken cancellationToken) => publisher.InitAsync(cancellationToken);

    public bool NeedsInit => publisher.NeedsInit;

    public void Begin() => publisher.Begin();

    public void Produce(string topic, string key, byte[]? value, string? changeId = null) => publisher.Produce(topic, key, value, changeId is null ? null : Headers(changeId));

    public Task CommitAsync(CancellationToken cancellationToken) => publisher.CommitAsync(cancellationToken);

    public Task AbortAsync(CancellationToken cancellationToken) => publisher.AbortAsync(cancellationToken);

    public ValueTask DisposeAsync() => publisher.DisposeAsync();

    Headers Headers(string changeId) => new()
    {
        { "ce_specversion", SpecVersion },
        { "ce_id", Encoding.ASCII.GetBytes(changeId) },
        { "ce_source", _source },
        { "ce_type", _type },
        { "content-type", ContentType },
    };
}
