using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamSync.Bench.Broker;

/// <summary>What is measured at a broker with librdkafka; every method takes a topic of its own.</summary>
sealed class BrokerLoad(string bootstrapServers)
{
    const int RecordBytes = 1024;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    static int _topics;

    /// <summary>Topics of one partition in one request.</summary>
    /// <returns>Topics a second.</returns>
    public async Task<double> CreateTopicsAsync(int count)
    {
        using var admin = Admin();
        var watch = Stopwatch.GetTimestamp();
        await admin.CreateTopicsAsync(
            Enumerable.Range(0, count).Select(i => new TopicSpecification { Name = Many(i), NumPartitions = 1, ReplicationFactor = 1 }),
            new CreateTopicsOptions { RequestTimeout = Patience, OperationTimeout = Patience });
        return count / Stopwatch.GetElapsedTime(watch).TotalSeconds;
    }

    /// <summary>Writes one record to each of those topics.</summary>
    /// <returns>Time until all are acknowledged.</returns>
    public TimeSpan WriteToTopics(int count)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig())).Build();
        var failed = 0;
        var value = new byte[RecordBytes];
        var watch = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            Produce(producer, Many(i), value, report => failed += report.Error.IsError ? 1 : 0);
        }

        producer.Flush(Patience);
        return failed == 0 ? Stopwatch.GetElapsedTime(watch) : throw new InvalidOperationException($"{failed} records were refused");
    }

    /// <summary>Reads the record of one of those topics.</summary>
    public void ReadFromTopic(int number)
    {
        using var consumer = Consumer(Many(number), Offset.Beginning);
        _ = consumer.Consume(Patience) ?? throw new InvalidOperationException($"the record in {Many(number)} is gone");
    }

    /// <summary>About what the sample program makes a broker carry: forty topics of two partitions, 70,000 records of 250 bytes, read again.</summary>
    public async Task DemoAsync()
    {
        const int topics = 40, records = 70_000;
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig { EnableIdempotence = true })).Build();
        var names = new List<string>();
        for (var i = 0; i < topics; i++)
        {
            names.Add(await NewTopicAsync(partitions: 2));
        }

        for (var i = 0; i < records; i++)
        {
            Produce(producer, new TopicPartition(names[i % topics], i / topics % 2), new byte[250], null);
        }

        producer.Flush(Patience);
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "demo", AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        consumer.Subscribe(names);
        for (var i = 0; i < records; i++)
        {
            _ = consumer.Consume(Patience) ?? throw new InvalidOperationException($"only {i} of {records} records came back");
        }

        consumer.Close();
    }

    /// <summary>Records of 1 KB, acks=all.</summary>
    /// <returns>The topic, and MB a second.</returns>
    public async Task<(string Topic, double Rate)> ProduceAsync(int records, CompressionType codec, bool idempotent)
    {
        var topic = await NewTopicAsync();
        var failed = 0;
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig { CompressionType = codec, EnableIdempotence = idempotent })).Build();
        var values = Values();
        var watch = Stopwatch.GetTimestamp();
        for (var i = 0; i < records; i++)
        {
            Produce(producer, topic, values[i % values.Length], report => failed += report.Error.IsError ? 1 : 0);
        }

        producer.Flush(Patience);
        var rate = (double)records * RecordBytes / 1e6 / Stopwatch.GetElapsedTime(watch).TotalSeconds;
        return failed == 0 ? (topic, rate) : throw new InvalidOperationException($"{failed} records were refused");
    }

    /// <summary>Reads a topic from its beginning.</summary>
    /// <returns>MB a second, from the first record on.</returns>
    public double Fetch(string topic, int records)
    {
        using var consumer = Consumer(topic, Offset.Beginning);
        var first = 0L;
        for (var i = 0; i < records; i++)
        {
            _ = consumer.Consume(Patience) ?? throw new InvalidOperationException($"only {i} of {records} records came back");
            first = first == 0 ? Stopwatch.GetTimestamp() : first;
        }

        return (double)records * RecordBytes / 1e6 / Stopwatch.GetElapsedTime(first).TotalSeconds;
    }

    /// <summary>Transactions of 100 records each.</summary>
    /// <returns>Transactions a second.</returns>
    public async Task<double> TransactAsync(int transactions)
    {
        var topic = await NewTopicAsync();
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig { TransactionalId = topic, LingerMs = 0 })).Build();
        producer.InitTransactions(Patience);
        var values = Values();
        var watch = Stopwatch.GetTimestamp();
        for (var i = 0; i < transactions; i++)
        {
            producer.BeginTransaction();
            for (var j = 0; j < 100; j++)
            {
                Produce(producer, topic, values[j], null);
            }

            producer.CommitTransaction(Patience);
        }

        return transactions / Stopwatch.GetElapsedTime(watch).TotalSeconds;
    }

    /// <summary>From just before a record is given to the producer until the consumer has it, at a steady rate.</summary>
    /// <returns>Milliseconds in ascending order.</returns>
    public async Task<double[]> LatencyAsync(int perSecond, TimeSpan duration)
    {
        var topic = await NewTopicAsync();
        var count = (int)(perSecond * duration.TotalSeconds);
        using var consumer = Consumer(topic, Offset.Beginning, new ConsumerConfig { FetchWaitMaxMs = 100 });
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig { LingerMs = 0 })).Build();
        await producer.ProduceAsync(topic, new Message<Null, byte[]> { Value = new byte[RecordBytes] });
        _ = consumer.Consume(Patience);
        var reading = Task.Factory.StartNew(
            () =>
            {
                var latencies = new double[count];
                for (var i = 0; i < count; i++)
                {
                    var record = consumer.Consume(Patience) ?? throw new InvalidOperationException($"only {i} of {count} records came back");
                    latencies[i] = Stopwatch.GetElapsedTime(BitConverter.ToInt64(record.Message.Value)).TotalMilliseconds;
                }

                return latencies;
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var sent = 0; sent < count;)
        {
            await timer.WaitForNextTickAsync();
            for (var due = Math.Min(count, Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond); sent < due; sent++)
            {
                var value = new byte[RecordBytes];
                BitConverter.TryWriteBytes(value, Stopwatch.GetTimestamp());
                Produce(producer, topic, value, null);
            }
        }

        var all = await reading;
        // The first second warms up.
        var warm = all[Math.Min(perSecond, count / 2)..];
        Array.Sort(warm);
        return warm;
    }

    /// <summary>Writes this much log, in large records, to a topic of four partitions.</summary>
    /// <returns>The topic and the offset after the last record of partition 0.</returns>
    public async Task<(string Topic, long End)> FillAsync(double gigabytes)
    {
        const int large = 900_000;
        var topic = await NewTopicAsync(partitions: 4);
        using var producer = new ProducerBuilder<Null, byte[]>(Config(new ProducerConfig { QueueBufferingMaxKbytes = 131_072 })).Build();
        var value = new byte[large];
        new Random(1).NextBytes(value);
        long end = 0, records = (long)(gigabytes * 1e9 / large);
        for (var i = 0L; i < records; i++)
        {
            Produce(producer, new TopicPartition(topic, (int)(i % 4)), value, report => end = report.Partition.Value == 0 ? report.Offset.Value + 1 : end);
        }

        producer.Flush(TimeSpan.FromMinutes(10));
        return (topic, end);
    }

    /// <summary>Reads the last record before an offset.</summary>
    public void ReadLast(string topic, long end)
    {
        using var consumer = Consumer(topic, end - 1);
        if (consumer.Consume(TimeSpan.FromMinutes(10))?.Offset.Value != end - 1)
        {
            throw new InvalidOperationException($"record {end - 1} of {topic} is gone");
        }
    }

    static string Many(int number) => $"many-{number}";

    async Task<string> NewTopicAsync(int partitions = 1)
    {
        var topic = $"bench-{Interlocked.Increment(ref _topics)}";
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1 }]);
        return topic;
    }

    static void Produce(IProducer<Null, byte[]> producer, string topic, byte[] value, Action<DeliveryReport<Null, byte[]>>? done) =>
        Produce(producer, new TopicPartition(topic, 0), value, done);

    static void Produce(IProducer<Null, byte[]> producer, TopicPartition partition, byte[] value, Action<DeliveryReport<Null, byte[]>>? done)
    {
        var message = new Message<Null, byte[]> { Value = value };
        while (true)
        {
            try
            {
                producer.Produce(partition, message, done);
                return;
            }
            catch (ProduceException<Null, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    ProducerConfig Config(ProducerConfig config)
    {
        config.BootstrapServers = bootstrapServers;
        config.Acks = Acks.All;
        config.LingerMs ??= 5;
        config.QueueBufferingMaxMessages ??= 500_000;
        return config;
    }

    IConsumer<Ignore, byte[]> Consumer(string topic, Offset from, ConsumerConfig? config = null)
    {
        config ??= new ConsumerConfig();
        (config.BootstrapServers, config.GroupId, config.EnableAutoCommit) = (bootstrapServers, "bench", false);
        // It would tell of every attempt to reach a broker that is still at its recovery.
        var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, from));
        return consumer;
    }

    IAdminClient Admin() => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();

    /// <summary>Values of 1 KB that compress about as well as rows of a table do.</summary>
    static byte[][] Values()
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, 1000).Select(i =>
        {
            var text = new StringBuilder();
            while (text.Length < RecordBytes)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"person_id\":{random.Next()},\"canvassed_at\":\"2026-10-{random.Next(1, 31):00}T17:{random.Next(60):00}:00Z\",\"result\":\"canvassed\",");
            }

            return Encoding.ASCII.GetBytes(text.ToString(0, RecordBytes));
        })];
    }
}
