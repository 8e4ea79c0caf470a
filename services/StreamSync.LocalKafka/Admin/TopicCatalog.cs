using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Admin;

/// <summary>A change that was refused: code and explanation for the client.</summary>
sealed class RefusedException(ErrorCode error, string message) : Exception(message)
{
    public ErrorCode Error => error;
}

/// <summary>A topic to be created.</summary>
sealed record WantedTopic(string Name, int Partitions, IReadOnlyDictionary<string, string?> Configs);

/// <summary>
/// Every topic, its id, settings and partitions. What is stored in <see cref="CatalogFile"/> counts: logs that a crash left without an entry
/// are empty and taken over when the topic is created again, and a deletion that was begun is finished at the next start.
/// </summary>
sealed partial class TopicCatalog
{
    /// <summary>More partitions in one topic are refused: on a laptop it can only be a slip, and each costs files and memory.</summary>
    public const int MaxPartitions = 10_000;

    readonly Lock _lock = new();
    readonly LogStore _store;
    readonly CatalogFile _file;
    readonly FsyncPolicy _fsync;
    readonly Dictionary<string, Topic> _byName = [];
    readonly Dictionary<Guid, Topic> _byId = [];

    // Names that differ only by '.' and '_' would be one name in the metrics of Apache Kafka, which therefore allows only one of them.
    readonly Dictionary<string, string> _byFolded = [];
    volatile IReadOnlyDictionary<string, Topic> _snapshot = new Dictionary<string, Topic>();

    TopicCatalog(LogStore store, CatalogFile file, FsyncPolicy fsync)
    {
        _store = store;
        _file = file;
        _fsync = fsync;
    }

    /// <summary>Called after a topic is gone, outside any lock.</summary>
    public event Action<Topic>? Deleted;

    public string ClusterId => _file.Content.ClusterId;

    /// <summary>All topics in order of name.</summary>
    public IEnumerable<Topic> All => _snapshot.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    public static TopicCatalog Open(string directory, LogStore store, FsyncPolicy fsync, ILogger logger)
    {
        var file = CatalogFile.Open(directory);
        var catalog = new TopicCatalog(store, file, fsync);
        foreach (var name in file.Content.Deleting)
        {
            store.DeleteTopic(name);
        }

        var onDisk = store.Stored.ToHashSet();
        foreach (var (name, stored) in file.Content.Topics)
        {
            for (var partition = 0; partition < stored.Partitions; partition++)
            {
                if (!onDisk.Contains(new TopicPartition(name, partition)))
                {
                    logger.LogError("{Partition}: its directory is missing, and so are the records that it held; it begins anew at offset 0", new TopicPartition(name, partition));
                }
            }

            catalog.Put(catalog.OpenTopic(name, stored.Id, stored.Partitions, stored.Configs));
        }

        store.KeepNew();

        var strangers = store.Stored.Where(p => !file.Content.Topics.ContainsKey(p.Topic) && !file.Content.Deleting.Contains(p.Topic)).ToList();
        if (strangers.Count > 0)
        {
            logger.LogWarning(
                "{Count} partition directories belong to no known topic and are left alone, the first is {First}. If topics.json was lost, restore it; else delete them",
                strangers.Count, strangers[0]);
        }

        if (file.Content.Deleting.Count > 0)
        {
            file.Update(c => c.Deleting.Clear());
        }

        catalog.Publish();
        catalog.EnsureInternal();
        return catalog;
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Topic? topic) => _snapshot.TryGetValue(name, out topic);

    public bool TryGet(Guid id, [NotNullWhen(true)] out Topic? topic)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(id, out topic);
        }
    }

    public PartitionLog? Partition(string topic, int partition) => TryGet(topic, out var t) ? t.Partition(partition) : null;

    /// <summary>Creates topics, or with <paramref name="validateOnly"/> says only whether that would work. Each succeeds or fails alone.</summary>
    /// <returns>For each wanted topic the topic, or why there is none.</returns>
    public IReadOnlyList<(Topic? Made, RefusedException? Refused)> Create(IReadOnlyList<WantedTopic> wanted, bool validateOnly)
    {
        lock (_lock)
        {
            var results = wanted.Select(w => TryMake(w, validateOnly)).ToList();
            var made = results.Select(r => r.Made).OfType<Topic>().ToList();
            if (validateOnly || made.Count == 0)
            {
                return results;
            }

            try
            {
                _store.KeepNew();
                _file.Update(c =>
                {
                    foreach (var topic in made)
                    {
                        c.Topics[topic.Name] = new StoredTopic
                        {
                            Id = topic.Id,
                            Partitions = topic.Partitions.Count,
                            Configs = new(topic.Configs),
                        };
                    }
                });
            }
            catch (IOException)
            {
                foreach (var topic in made)
                {
                    Forget(topic);
                    _store.DeleteTopic(topic.Name);
                }

                throw;
            }
            finally
            {
                Publish();
            }

            return results;
        }
    }

    /// <summary>Deletes topics and all their records.</summary>
    public void Delete(IReadOnlyList<Topic> topics)
    {
        lock (_lock)
        {
            topics = [.. topics.Where(t => _byName.TryGetValue(t.Name, out var now) && now.Id == t.Id).DistinctBy(t => t.Name)];
            _file.Update(c =>
            {
                foreach (var topic in topics)
                {
                    c.Topics.Remove(topic.Name);
                    c.Deleting.Add(topic.Name);
                }
            });
            foreach (var topic in topics)
            {
                Forget(topic);
            }

            Publish();
            foreach (var topic in topics)
            {
                _store.DeleteTopic(topic.Name);
            }

            _file.Update(c => c.Deleting.ExceptWith(topics.Select(t => t.Name)));
        }

        foreach (var topic in topics)
        {
            Deleted?.Invoke(topic);
        }
    }

    /// <summary>Adds partitions, so that the topic has <paramref name="count"/>.</summary>
    public void Grow(string name, int count, bool validateOnly)
    {
        lock (_lock)
        {
            if (!_byName.TryGetValue(name, out var topic))
            {
                throw new RefusedException(ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
            }

            if (count == topic.Partitions.Count)
            {
                throw new RefusedException(ErrorCode.InvalidPartitions, $"Topic already has {count} partition(s).");
            }

            if (count < topic.Partitions.Count)
            {
                throw new RefusedException(
                    ErrorCode.InvalidPartitions, $"The topic {name} currently has {topic.Partitions.Count} partition(s); {count} would not be an increase.");
            }

            if (count > MaxPartitions)
            {
                throw new RefusedException(ErrorCode.InvalidPartitions, $"This broker creates at most {MaxPartitions} partitions in a topic.");
            }

            if (!validateOnly)
            {
                _file.Update(c => c.Topics[name].Partitions = count);
                Put(OpenTopic(name, topic.Id, count, topic.Configs));
                _store.KeepNew();
                Publish();
            }
        }
    }

    /// <summary>Replaces the settings of a topic by what <paramref name="change"/> makes of them.</summary>
    public void Configure(string name, Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string?>> change, bool validateOnly)
    {
        lock (_lock)
        {
            if (!_byName.TryGetValue(name, out var topic))
            {
                if (name.Length == 0)
                {
                    throw new RefusedException(ErrorCode.InvalidRequest, "Default topic resources are not allowed.");
                }

                CheckName(name);
                throw new RefusedException(ErrorCode.UnknownTopicOrPartition, $"The topic '{name}' does not exist.");
            }

            var wanted = change(topic.Configs);
            if (TopicSettings.Check(wanted) is { } wrong)
            {
                throw new RefusedException(ErrorCode.InvalidConfig, wrong);
            }

            if (validateOnly)
            {
                return;
            }

            var configs = wanted.ToDictionary(c => c.Key, c => c.Value!);
            _file.Update(c => c.Topics[name].Configs = configs);
            var options = TopicSettings.ToLogOptions(configs, _fsync);
            foreach (var log in topic.Partitions)
            {
                log.UpdateOptions(options);
            }

            Put(topic.With(configs: configs));
            Publish();
        }
    }

    /// <summary>Takes the next <paramref name="count"/> producer ids, which no later start will hand out again.</summary>
    /// <returns>The first of them.</returns>
    public long ReserveProducerIds(int count)
    {
        lock (_lock)
        {
            var first = _file.Content.NextProducerId;
            _file.Update(c => c.NextProducerId += count);
            return first;
        }
    }

    /// <summary>The error for a topic that is not there: perhaps none could have that name.</summary>
    public static ErrorCode WhyUnknown(string name)
    {
        try
        {
            CheckName(name);
            return ErrorCode.UnknownTopicOrPartition;
        }
        catch (RefusedException e)
        {
            return e.Error;
        }
    }

    /// <summary>Throws unless Kafka allows the name.</summary>
    public static void CheckName(string name)
    {
        var wrong = name switch
        {
            "" => "the empty string is not allowed",
            "." or ".." => $"'{name}' is not allowed",
            { Length: > 249 } => $"the length of '{name}' is longer than the max allowed length 249",
            _ when !LegalName().IsMatch(name) =>
                $"'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new RefusedException(ErrorCode.InvalidTopicException, "Topic name is invalid: " + wrong);
        }
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9._-]+\z")]
    private static partial Regex LegalName();

    static string Folded(string name) => name.Replace('.', '_');

    void EnsureInternal()
    {
        var configs = new Dictionary<string, string?> { ["cleanup.policy"] = "compact", ["segment.bytes"] = "16777216" };
        var missing = InternalTopics.All.Where(n => !_byName.ContainsKey(n)).Select(n => new WantedTopic(n, 1, configs)).ToList();
        foreach (var (_, refused) in Create(missing, validateOnly: false))
        {
            if (refused is not null)
            {
                throw refused;
            }
        }
    }

    (Topic? Made, RefusedException? Refused) TryMake(WantedTopic wanted, bool validateOnly)
    {
        try
        {
            return (Make(wanted, validateOnly), null);
        }
        catch (RefusedException e)
        {
            return (null, e);
        }
        catch (IOException e)
        {
            _store.DeleteTopic(wanted.Name);
            return (null, new RefusedException(ErrorCode.KafkaStorageError, e.Message));
        }
    }

    Topic Make(WantedTopic wanted, bool validateOnly)
    {
        var (name, partitions, configs) = wanted;
        CheckName(name);
        if (_byName.ContainsKey(name))
        {
            throw new RefusedException(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.");
        }

        if (_byFolded.TryGetValue(Folded(name), out var twin))
        {
            throw new RefusedException(ErrorCode.InvalidTopicException, $"Topic '{name}' collides with existing topic: {twin}");
        }

        if (partitions is < 1 or > MaxPartitions)
        {
            throw new RefusedException(
                ErrorCode.InvalidPartitions,
                partitions < 1
                    ? "Number of partitions was set to an invalid non-positive value."
                    : $"This broker creates at most {MaxPartitions} partitions in a topic.");
        }

        if (TopicSettings.Check(configs) is { } wrong)
        {
            throw new RefusedException(ErrorCode.InvalidConfig, wrong);
        }

        var given = configs.ToDictionary(c => c.Key, c => c.Value!);
        if (validateOnly)
        {
            return new Topic { Name = name, Id = NewId(), Configs = given, Partitions = new PartitionLog[partitions] };
        }

        var topic = OpenTopic(name, NewId(), partitions, given);
        Put(topic);
        return topic;
    }

    /// <summary>A random id that is none of those which mean something (all zero, and one reserved for the cluster's metadata).</summary>
    static Guid NewId()
    {
        Guid id;
        do
        {
            id = Guid.NewGuid();
        }
        while (id == Guid.Empty || id == new Guid(0, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]));

        return id;
    }

    Topic OpenTopic(string name, Guid id, int partitions, IReadOnlyDictionary<string, string> configs)
    {
        var options = TopicSettings.ToLogOptions(configs, _fsync);
        return new Topic
        {
            Name = name,
            Id = id,
            Configs = configs,
            Partitions = [.. Enumerable.Range(0, partitions).Select(p => _store.Create(name, p, options))],
        };
    }

    void Put(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
        _byFolded[Folded(topic.Name)] = topic.Name;
    }

    void Forget(Topic topic)
    {
        _byName.Remove(topic.Name);
        _byId.Remove(topic.Id);
        _byFolded.Remove(Folded(topic.Name));
    }

    void Publish() => _snapshot = new Dictionary<string, Topic>(_byName);
}
