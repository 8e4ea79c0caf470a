using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>What is to be written, and what to answer once it is written and read back.</summary>
/// <param name="Records">The records, written as one transaction; none if there is nothing to change.</param>
/// <param name="Result">The answer.</param>
sealed record WritePlan<T>(IReadOnlyList<RegistryRecord> Records, T Result);

/// <summary>
/// The registry's state, kept in a compacted topic of one partition. Reads are of what has been read back; a write is answered
/// only after it has been, too. Several registries may share one topic (see <see cref="SchemaLogWriter"/>).
/// </summary>
sealed class SchemaStore : IAsyncDisposable
{
    const int MostAttempts = 20;
    const int LongestPauseMs = 20;

    readonly SchemaRegistryOptions _options;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly RegistryState _state = new();
    readonly Lock _stateLock = new();
    readonly SemaphoreSlim _writing = new(1, 1);
    readonly CancellationTokenSource _stopped = new();
    SchemaLogReader? _reader;
    SchemaLogWriter? _writer;

    public SchemaStore(SchemaRegistryOptions options, TimeProvider clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Opens the topic, creating it if the cluster lacks it, and reads it to its end.</summary>
    /// <exception cref="InvalidOperationException">The topic exists and is not fit to keep schemas in.</exception>
    /// <exception cref="KafkaException">The cluster cannot be reached or refuses.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        // Building a client loads the native library, which takes too long for the caller's thread.
        _reader = await Task.Run(() => new SchemaLogReader(ReaderConfig(), _options.Topic, Apply, _logger), cancellationToken);
        var existed = await EnsureTopicAsync(_reader.Handle, cancellationToken);
        var end = existed ? await Task.Run(() => _reader.End(_options.StartTimeout), cancellationToken) : 0;
        _reader.Start();
        await _reader.WaitForAsync(end, _options.StartTimeout, _clock, cancellationToken);
    }

    /// <summary>The id of the cluster that the topic is in.</summary>
    /// <exception cref="RegistryException">The cluster does not tell.</exception>
    public async Task<string> ClusterIdAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(_reader!.Handle).Build();
            var cluster = await admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = _options.WriteTimeout }).WaitAsync(cancellationToken);
            return cluster.ClusterId;
        }
        catch (KafkaException problem)
        {
            throw RegistryErrors.Store($"The cluster does not tell its id: {problem.Message}", problem);
        }
    }

    public T Read<T>(Func<RegistryState, T> read)
    {
        lock (_stateLock)
        {
            return read(_state);
        }
    }

    /// <summary>Decides on the state as it is and writes what was decided, so that nothing can come in between.</summary>
    /// <param name="decide">Asked again whenever another registry wrote first; throws to refuse.</param>
    /// <param name="cancellationToken">Gives up waiting for one's turn; a write under way is seen through.</param>
    /// <exception cref="RegistryException">The decision was to refuse, or the cluster did not take the write.</exception>
    public async Task<T> WriteAsync<T>(Func<RegistryState, WritePlan<T>> decide, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var current = false;
            for (var attempt = 0; attempt < MostAttempts; attempt++)
            {
                current |= await OwnLogAsync();
                WritePlan<T>? plan = null;
                try
                {
                    plan = Read(decide);
                }
                catch (RegistryException) when (!current)
                {
                    // Refused on what is known here, which may not be all.
                }
                if (!current && plan is not { Records.Count: > 0 })
                {
                    // Only a write meets the fence of another registry: where nothing is written, its last word must be looked for.
                    await CatchUpAsync();
                    current = true;
                    continue;
                }
                if (plan!.Records.Count == 0 || await TryWriteAsync(plan.Records))
                {
                    return plan.Result;
                }
                // Two registries that fence each other in step would never get anywhere.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(LongestPauseMs * (attempt + 1))), _clock, _stopped.Token);
            }
            throw RegistryErrors.Store($"Other registries keep writing to {_options.Topic}; try again.");
        }
        catch (Exception problem) when (problem is KafkaException or TimeoutException)
        {
            // Whether it was written is unknown: the next writer starts from what the log says.
            DropWriter();
            throw problem is ProduceException<byte[], byte[]?> { Error.Code: ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge }
                ? RegistryErrors.TooLarge()
                : problem is TimeoutException || problem is KafkaException { Error.Code: ErrorCode.Local_TimedOut }
                    ? RegistryErrors.Timeout($"Writing to {_options.Topic} timed out; whether it was written is unknown.", problem)
                    : RegistryErrors.Store($"Writing to {_options.Topic} failed: {problem.Message}", problem);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <returns>True when the log was just taken over, so that all that is in it is known.</returns>
    async Task<bool> OwnLogAsync()
    {
        if (_writer is not null)
        {
            return false;
        }
        _writer = await Task.Run(() => SchemaLogWriter.Open(WriterConfig(), _options.Topic, _options.WriteTimeout, _logger), _stopped.Token);
        await CatchUpAsync();
        return true;
    }

    async Task CatchUpAsync() =>
        await _reader!.WaitForAsync(await _writer!.EndAsync(_options.WriteTimeout), _options.WriteTimeout, _clock, _stopped.Token);

    async Task<bool> TryWriteAsync(IReadOnlyList<RegistryRecord> records)
    {
        try
        {
            var end = await Task.Run(() => _writer!.Write(records, _options.WriteTimeout), _stopped.Token);
            await _reader!.WaitForAsync(end, _options.WriteTimeout, _clock, _stopped.Token);
        }
        catch (NotWrittenException)
        {
            DropWriter();
            return false;
        }
        // A registry of another kind does not know of the fence: its schema may have come first and taken the id.
        return Read(state => records.OfType<SchemaRecord>().All(record =>
            record.Value is null || state.Versions(record.Subject).GetValueOrDefault(record.Version)?.Id == record.Value.Id));
    }

    void DropWriter()
    {
        _writer?.Dispose();
        _writer = null;
    }

    void Apply(RegistryRecord record)
    {
        bool taken;
        lock (_stateLock)
        {
            taken = _state.Apply(record);
        }
        if (!taken && record is SchemaRecord void_)
        {
            _logger.LogError("Version {Version} of {Subject} is left out: another schema holds its id", void_.Version, void_.Subject);
        }
    }

    async Task<bool> EnsureTopicAsync(Handle client, CancellationToken cancellationToken)
    {
        using var admin = new DependentAdminClientBuilder(client).Build();
        var metadata = await Task.Run(() => admin.GetMetadata(_options.Topic, _options.StartTimeout), cancellationToken);
        var topic = metadata.Topics.Single();
        if (topic.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return !await CreateTopicAsync(admin, (short)Math.Clamp(metadata.Brokers.Count, 1, _options.ReplicationFactor));
        }
        if (topic.Error.IsError)
        {
            throw new KafkaException(topic.Error);
        }
        if (topic.Partitions.Count != 1)
        {
            throw new InvalidOperationException($"Topic {_options.Topic} has {topic.Partitions.Count} partitions; schemas need a topic of one.");
        }
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = _options.Topic };
        var settings = await admin.DescribeConfigsAsync([resource], new DescribeConfigsOptions { RequestTimeout = _options.StartTimeout });
        if (settings[0].Entries.TryGetValue("cleanup.policy", out var policy) && policy.Value != "compact")
        {
            throw new InvalidOperationException(
                $"Topic {_options.Topic} has cleanup.policy={policy.Value}, so schemas would be lost with time; set it to compact.");
        }
        return true;
    }

    /// <returns>False if another registry created it first.</returns>
    async Task<bool> CreateTopicAsync(IAdminClient admin, short copies)
    {
        try
        {
            await admin.CreateTopicsAsync(
                [new TopicSpecification { Name = _options.Topic, NumPartitions = 1, ReplicationFactor = copies, Configs = new() { ["cleanup.policy"] = "compact" } }],
                new CreateTopicsOptions { RequestTimeout = _options.StartTimeout, OperationTimeout = _options.StartTimeout });
            return true;
        }
        catch (CreateTopicsException problem) when (problem.Results.All(result => result.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            return false;
        }
    }

    ConsumerConfig ReaderConfig() => new(new ClientConfig(_options.ClientSettings.ToDictionary()))
    {
        BootstrapServers = _options.BootstrapServers,
        ClientId = "schema-registry-reader",
        // Required by the client library; as partitions are assigned, no group is ever joined.
        GroupId = "schema-registry",
        EnableAutoCommit = false,
        EnableAutoOffsetStore = false,
        EnablePartitionEof = true,
        AutoOffsetReset = AutoOffsetReset.Earliest,
        AllowAutoCreateTopics = false,
        IsolationLevel = IsolationLevel.ReadCommitted,
        TopicMetadataRefreshFastIntervalMs = 20,
        ReconnectBackoffMs = 20,
    };

    ProducerConfig WriterConfig() => new(new ClientConfig(_options.ClientSettings.ToDictionary()))
    {
        BootstrapServers = _options.BootstrapServers,
        ClientId = "schema-registry-writer",
        TransactionalId = string.Create(CultureInfo.InvariantCulture, $"schema-registry-{_options.Topic}"),
        // A registry that dies in the middle of a write must not hold up readers for longer than this.
        TransactionTimeoutMs = 10_000,
        LingerMs = 0,
        Acks = Acks.All,
        TopicMetadataRefreshFastIntervalMs = 20,
        ReconnectBackoffMs = 20,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _writing.WaitAsync();
        await Task.Run(() =>
        {
            DropWriter();
            _reader?.Dispose();
        });
        _writing.Dispose();
        _stopped.Dispose();
    }
}
