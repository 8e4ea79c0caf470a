using Confluent.Kafka;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>
/// Copies the numbers, partition by partition, in transactions that carry their own offsets; ends some of them on purpose by an abort.
/// When a transaction's end is unknown it does as every program must: it starts anew from the offsets that are committed.
/// </summary>
sealed class NumberCopier(string bootstrapServers, int seed, ClientLog log)
{
    const string Group = "copier";
    const int LargestTransaction = 200;

    /// <summary>
    /// A call that lasts longer than this will not end: librdkafka may wait for a coordinator for ever that went away at the wrong moment,
    /// whatever the time-out says. A program would be started again.
    /// </summary>
    static readonly TimeSpan HangTime = TimeSpan.FromSeconds(10);

    readonly Random _random = new(seed);
    long[] _copied = new long[KillLoop.Partitions];
    Task _call = Task.CompletedTask;

    /// <summary>Transactions known to be committed.</summary>
    public long Committed { get; private set; }

    /// <summary>Transactions aborted on purpose.</summary>
    public long Aborted { get; private set; }

    /// <summary>For each partition, how many numbers are copied for sure.</summary>
    public IReadOnlyList<long> Copied => _copied;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Session? session = null;
            try
            {
                session = new Session(bootstrapServers, log);
                var committed = await Limited(session.Open);
                for (var p = 0; p < committed.Length; p++)
                {
                    Assert.True(committed[p] >= _copied[p], $"the committed offset of partition {p} went back from {_copied[p]} to {committed[p]}");
                }

                _copied = committed;
                while (!stop.IsCancellationRequested)
                {
                    await CopyAsync(session);
                }
            }
            catch (Exception e) when (e is KafkaException or TimeoutException)
            {
                // Killed in the middle: whether the transaction took place is for the offsets to tell.
            }
            finally
            {
                // A client may be closed only when no call is under way in it. One that hangs is left alone; its successor shuts it out.
                _ = _call.ContinueWith(_ => session?.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    async Task CopyAsync(Session session)
    {
        var (from, size, abort) = (_copied, _random.Next(1, LargestTransaction), _random.Next(8) == 0);
        var next = await Limited(() => session.Copy(from, size, abort));
        if (next is null)
        {
            return;
        }

        if (abort)
        {
            Aborted++;
        }
        else
        {
            Committed++;
            _copied = next;
        }
    }

    Task<T> Limited<T>(Func<T> call)
    {
        var running = Task.Run(call);
        _call = running;
        return running.WaitAsync(HangTime);
    }

    static IEnumerable<TopicPartitionOffset> At(long[] offsets) => offsets.Select((offset, p) => new TopicPartitionOffset(KillLoop.Numbers, p, offset));

    /// <summary>One life of the program.</summary>
    sealed class Session(string bootstrapServers, ClientLog log) : IDisposable
    {
        readonly IProducer<Null, byte[]> _producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            TransactionalId = Group,
            LingerMs = 0,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 50,
            RetryBackoffMs = 10,
        }).SetLogHandler((_, message) => log.Add("copier", message)).Build();

        readonly IConsumer<Ignore, byte[]> _consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers,
            GroupId = Group,
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Error,
            ReconnectBackoffMs = 10,
            ReconnectBackoffMaxMs = 50,
        }).SetLogHandler((_, message) => log.Add("copier", message)).Build();

        /// <summary>Shuts out the life before.</summary>
        /// <returns>The committed offsets.</returns>
        public long[] Open()
        {
            _producer.InitTransactions(HangTime);
            var offsets = _consumer.Committed(At(new long[KillLoop.Partitions]).Select(one => one.TopicPartition), HangTime)
                .OrderBy(one => one.Partition.Value).Select(one => one.Offset == Offset.Unset ? 0 : one.Offset.Value).ToArray();
            _consumer.Assign(At(offsets));
            return offsets;
        }

        /// <summary>Copies what there is, up to a number of records, in one transaction.</summary>
        /// <returns>The offsets after it; null if there was nothing.</returns>
        public long[]? Copy(long[] from, int size, bool abort)
        {
            var records = new List<ConsumeResult<Ignore, byte[]>>();
            while (records.Count < size && _consumer.Consume(records.Count == 0 ? 100 : 0) is { } record)
            {
                records.Add(record);
            }

            if (records.Count == 0)
            {
                return null;
            }

            var next = from.ToArray();
            _producer.BeginTransaction();
            foreach (var record in records)
            {
                Assert.Equal(next[record.Partition.Value]++, record.Offset.Value);

                // What is aborted says so: whoever reads it has read what never was.
                var value = abort ? LogChecker.NeverCommitted : record.Message.Value;
                _producer.Produce(new TopicPartition(KillLoop.Copies, record.Partition), new Message<Null, byte[]> { Value = value });
            }

            if (abort)
            {
                _producer.Flush(TimeSpan.FromMilliseconds(size));
                _producer.AbortTransaction(HangTime);
                _consumer.Assign(At(from));
                return next;
            }

            _producer.SendOffsetsToTransaction(At(next), _consumer.ConsumerGroupMetadata, HangTime);
            _producer.CommitTransaction(HangTime);
            return next;
        }

        public void Dispose()
        {
            _producer.Dispose();
            _consumer.Dispose();
        }
    }
}
