using Confluent.Kafka;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>Writes the numbers in order with one idempotent producer that lives through all kills, and keeps what was acknowledged.</summary>
sealed class NumberWriter : IDisposable
{
    const int PaddingBytes = 200;
    const int MostInFlight = 2000;

    readonly IProducer<Null, byte[]> _producer;
    readonly Lock _gate = new();
    readonly long[] _acknowledged = [.. Enumerable.Repeat(-1L, KillLoop.Partitions)];
    readonly SemaphoreSlim _room = new(MostInFlight, MostInFlight);
    Exception? _failure;
    long _count;

    public NumberWriter(string bootstrapServers, ClientLog log) => _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
    {
        BootstrapServers = bootstrapServers,
        EnableIdempotence = true,
        LingerMs = 1,
        MessageTimeoutMs = 0, // retries for ever
        ReconnectBackoffMs = 10,
        ReconnectBackoffMaxMs = 50,
        RetryBackoffMs = 10,
    }).SetLogHandler((_, message) => log.Add("writer", message)).Build();

    /// <summary>The highest acknowledged offset of each partition. All below are acknowledged too, as the producer keeps order.</summary>
    public long[] Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return [.. _acknowledged];
            }
        }
    }

    /// <summary>How many were acknowledged.</summary>
    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(CancellationToken stop)
    {
        for (var number = 0L; !stop.IsCancellationRequested; number++)
        {
            await _room.WaitAsync(CancellationToken.None);
            ThrowIfFailed();
            var value = new byte[sizeof(long) + PaddingBytes];
            BitConverter.TryWriteBytes(value, number);
            _producer.Produce(new TopicPartition(KillLoop.Numbers, (int)(number % KillLoop.Partitions)), new Message<Null, byte[]> { Value = value }, Delivered);
            if (number % 20 == 0)
            {
                // The load is to leave the broker time for the other clients.
                await Task.Delay(1, CancellationToken.None);
            }
        }

        await Task.Run(() => _producer.Flush(TimeSpan.FromMinutes(1)), CancellationToken.None);
        ThrowIfFailed();
    }

    void Delivered(DeliveryReport<Null, byte[]> report)
    {
        lock (_gate)
        {
            var partition = report.Partition.Value;
            if (report.Error.IsError)
            {
                _failure ??= new KafkaException(report.Error);
            }
            else if (report.Offset.Value <= _acknowledged[partition])
            {
                _failure ??= new InvalidOperationException($"offset {report.Offset} of partition {partition} was acknowledged after {_acknowledged[partition]}");
            }
            else
            {
                _acknowledged[partition] = report.Offset.Value;
                _count++;
            }
        }

        _room.Release();
    }

    void ThrowIfFailed()
    {
        lock (_gate)
        {
            Assert.True(_failure is null, $"the writer: {_failure}");
        }
    }

    public void Dispose()
    {
        _producer.Dispose();
        _room.Dispose();
    }
}
