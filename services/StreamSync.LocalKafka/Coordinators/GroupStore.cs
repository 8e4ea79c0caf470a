using System.Collections.Concurrent;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>All groups, in memory and in <c>__consumer_offsets</c>, from which they are read at the start.</summary>
sealed class GroupStore(TopicCatalog catalog, TimeProvider clock, ILogger logger)
{
    readonly PartitionLog _log = catalog.Partition(InternalTopics.ConsumerOffsets, 0)!;
    readonly ConcurrentDictionary<string, Group> _groups = new();

    /// <summary>Groups with offsets in undecided transactions, by producer.</summary>
    readonly ConcurrentDictionary<long, ConcurrentDictionary<string, byte>> _pendingGroups = new();

    public IEnumerable<Group> All => _groups.Values;

    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void Load()
    {
        foreach (var record in _log.ReadRecords(_log.LogStartOffset))
        {
            if (record.Control is { } control)
            {
                Decide(record.ProducerId, control == ControlType.Commit);
                continue;
            }

            try
            {
                GroupRecords.Decode(record, (g, p, o) => LoadOffset(record, g, p, o), LoadGroup);
            }
            catch (ProtocolException e)
            {
                logger.LogError("The record at offset {Offset} of {Topic} cannot be read and is passed over: {Reason}", record.Offset, _log.Topic, e.Message);
            }
        }
    }

    public Group? Find(string id) => _groups.GetValueOrDefault(id);

    /// <summary>Runs something under the lock of a group, which is made if there is none.</summary>
    public T With<T>(string id, Func<Group, T> action)
    {
        while (true)
        {
            var group = _groups.GetOrAdd(id, name => new Group(name));
            lock (group.Lock)
            {
                if (group.State != GroupState.Dead)
                {
                    return action(group);
                }
            }
        }
    }

    /// <summary>Runs something under the lock of a group, or returns <paramref name="none"/> if there is no such group.</summary>
    public T WithExisting<T>(string id, T none, Func<Group, T> action)
    {
        while (_groups.TryGetValue(id, out var group))
        {
            lock (group.Lock)
            {
                if (group.State != GroupState.Dead)
                {
                    return action(group);
                }
            }
        }

        return none;
    }

    /// <summary>Stores members and generation of a group. The caller holds its lock.</summary>
    /// <exception cref="LogAppendException">The disk refused.</exception>
    public void Save(Group group) => _log.AppendInternal([GroupRecords.Group(group)]);

    /// <summary>Stores offsets, then lets them count: at once, or within a transaction when that is committed. The caller holds the lock.</summary>
    /// <exception cref="LogAppendException">The disk refused.</exception>
    public void Commit(Group group, IReadOnlyList<(TopicPartition Partition, CommittedOffset Offset)> offsets, long producerId = -1, short producerEpoch = -1)
    {
        if (offsets.Count == 0)
        {
            return;
        }

        var records = offsets.Select(o => GroupRecords.Offset(group.Id, o.Partition, o.Offset)).ToList();
        var first = _log.AppendInternal(records, producerId: producerId, producerEpoch: producerEpoch, transactional: producerId >= 0);
        for (var i = 0; i < offsets.Count; i++)
        {
            Put(group, offsets[i].Partition, offsets[i].Offset with { RecordOffset = first + i }, producerId);
        }
    }

    /// <summary>Forgets offsets, pending ones too. The caller holds the lock.</summary>
    /// <exception cref="LogAppendException">The disk refused.</exception>
    public void Forget(Group group, IReadOnlyCollection<TopicPartition> partitions)
    {
        var known = partitions.Where(p => group.Offsets.ContainsKey(p) || group.IsPending(p)).ToList();
        if (known.Count == 0)
        {
            return;
        }

        _log.AppendInternal([.. known.Select(p => GroupRecords.NoOffset(group.Id, p))]);
        foreach (var partition in known)
        {
            group.Offsets.Remove(partition);
            foreach (var pending in group.Pending.Values)
            {
                pending.Remove(partition);
            }
        }
    }

    /// <summary>Deletes a group with all it has. The caller holds the lock.</summary>
    /// <exception cref="LogAppendException">The disk refused.</exception>
    public void Delete(Group group)
    {
        _log.AppendInternal([.. group.Offsets.Keys.Select(p => GroupRecords.NoOffset(group.Id, p)), GroupRecords.NoGroup(group.Id)]);
        group.PhaseTimer?.Dispose();
        group.Enter(GroupState.Dead, Now);
        _groups.TryRemove(new(group.Id, group));
    }

    /// <summary>A producer's transaction is decided: its offsets count now, or never did.</summary>
    public void Decide(long producerId, bool commit)
    {
        if (!_pendingGroups.TryRemove(producerId, out var names))
        {
            return;
        }

        foreach (var name in names.Keys)
        {
            WithExisting(name, false, group =>
            {
                if (group.Pending.Remove(producerId, out var offsets) && commit)
                {
                    foreach (var (partition, offset) in offsets)
                    {
                        Put(group, partition, offset, -1);
                    }
                }

                return true;
            });
        }
    }

    void Put(Group group, TopicPartition partition, CommittedOffset offset, long producerId)
    {
        if (producerId >= 0)
        {
            if (!group.Pending.TryGetValue(producerId, out var pending))
            {
                group.Pending[producerId] = pending = [];
            }

            pending[partition] = offset;
            _pendingGroups.GetOrAdd(producerId, _ => new()).TryAdd(group.Id, 0);
        }
        else if (!group.Offsets.TryGetValue(partition, out var now) || now.RecordOffset <= offset.RecordOffset)
        {
            group.Offsets[partition] = offset;
        }
    }

    void LoadOffset(LogRecord record, string name, TopicPartition partition, CommittedOffset? offset) => With(name, group =>
    {
        if (offset is not null)
        {
            Put(group, partition, offset, record.IsTransactional ? record.ProducerId : -1);
        }
        else
        {
            group.Offsets.Remove(partition);
            foreach (var pending in group.Pending.Values)
            {
                pending.Remove(partition);
            }
        }

        return true;
    });

    void LoadGroup(string name, GroupRecords.GroupValue? value)
    {
        if (value is null)
        {
            // Its offsets have tombstones of their own; what is left of the group is dropped when nothing is in it.
            WithExisting(name, false, group =>
            {
                group.Members.ToList().ForEach(group.Remove);
                if (group.Offsets.Count == 0 && group.Pending.Count == 0)
                {
                    group.Enter(GroupState.Dead, Now);
                    _groups.TryRemove(new(name, group));
                }
                else
                {
                    group.Enter(GroupState.Empty, Now);
                }

                return true;
            });
            return;
        }

        With(name, group =>
        {
            group.Members.ToList().ForEach(group.Remove);
            group.Generation = value.Generation;
            group.ProtocolType = value.ProtocolType.Length == 0 ? null : value.ProtocolType;
            group.ProtocolName = value.Protocol;
            foreach (var m in value.Members)
            {
                group.Add(new GroupMember(m.Id, m.InstanceId, m.ClientId, m.ClientHost)
                {
                    RebalanceTimeoutMs = m.RebalanceTimeoutMs,
                    SessionTimeoutMs = m.SessionTimeoutMs,
                    Protocols = value.Protocol is null ? [] : [new MemberProtocol(value.Protocol, m.Subscription)],
                    Assignment = m.Assignment,
                });
            }

            group.LeaderId = value.Leader;
            group.Enter(value.Members.Count == 0 ? GroupState.Empty : GroupState.Stable, value.StateSinceMs);
            return true;
        });
    }
}
