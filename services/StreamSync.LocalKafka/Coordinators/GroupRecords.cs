using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// Records of <c>__consumer_offsets</c> in Apache Kafka's layout: offsets have keys of version 1 and values of version 3, groups keys of
/// version 2 and values of version 3.
/// </summary>
static class GroupRecords
{
    const short OffsetKeyVersion = 1, GroupKeyVersion = 2, OffsetValueVersion = 3, GroupValueVersion = 3;

    public static InternalRecord Offset(string group, TopicPartition partition, CommittedOffset offset) => new(
        OffsetKeyBytes(group, partition),
        RecordBytes.Write(OffsetValueVersion, new OffsetValue
        {
            Offset = offset.Offset,
            LeaderEpoch = offset.LeaderEpoch,
            Metadata = offset.Metadata,
            CommittedMs = offset.CommittedMs,
        }));

    public static InternalRecord NoOffset(string group, TopicPartition partition) => new(OffsetKeyBytes(group, partition), null);

    public static InternalRecord Group(Group group) => new(
        RecordBytes.Write(GroupKeyVersion, new GroupKey { Group = group.Id }),
        RecordBytes.Write(GroupValueVersion, new GroupValue
        {
            ProtocolType = group.ProtocolType ?? "",
            Generation = group.Generation,
            Protocol = group.ProtocolName,
            Leader = group.LeaderId,
            StateSinceMs = group.StateSinceMs,
            Members =
            [
                .. group.Members.Select(m => new MemberValue
                {
                    Id = m.Id,
                    InstanceId = m.InstanceId,
                    ClientId = m.ClientId,
                    ClientHost = m.ClientHost,
                    RebalanceTimeoutMs = m.RebalanceTimeoutMs,
                    SessionTimeoutMs = m.SessionTimeoutMs,
                    Subscription = group.ProtocolName is null ? [] : m.Metadata(group.ProtocolName),
                    Assignment = m.Assignment,
                }),
            ],
        }));

    public static InternalRecord NoGroup(string group) => new(RecordBytes.Write(GroupKeyVersion, new GroupKey { Group = group }), null);

    /// <summary>Reads a record; a kind that is not known here is passed over.</summary>
    public static void Decode(LogRecord record, Action<string, TopicPartition, CommittedOffset?> onOffset, Action<string, GroupValue?> onGroup)
    {
        var key = record.Key ?? [];
        switch (RecordBytes.Version(key))
        {
            case 0 or OffsetKeyVersion:
                var place = RecordBytes.Read<OffsetKey>(key);
                onOffset(place.Group, new TopicPartition(place.Topic, place.Partition), Offset(record));
                break;
            case GroupKeyVersion:
                onGroup(RecordBytes.Read<GroupKey>(key).Group, record.Value is null ? null : RecordBytes.Read<GroupValue>(record.Value));
                break;
        }
    }

    static CommittedOffset? Offset(LogRecord record)
    {
        if (record.Value is null)
        {
            return null;
        }

        var value = RecordBytes.Read<OffsetValue>(record.Value);
        return new CommittedOffset(value.Offset, value.LeaderEpoch, value.Metadata, value.CommittedMs, record.Offset);
    }

    static byte[] OffsetKeyBytes(string group, TopicPartition partition) =>
        RecordBytes.Write(OffsetKeyVersion, new OffsetKey { Group = group, Topic = partition.Topic, Partition = partition.Partition });

    sealed class OffsetKey : IFields
    {
        public string Group = "";
        public string Topic = "";
        public int Partition;

        public void Visit(Wire w)
        {
            w.String(ref Group);
            w.String(ref Topic);
            w.Int32(ref Partition);
        }
    }

    sealed class OffsetValue : IFields
    {
        public long Offset;
        public int LeaderEpoch = -1;
        public string Metadata = "";
        public long CommittedMs;

        public void Visit(Wire w)
        {
            w.Int64(ref Offset);
            w.Int32(ref LeaderEpoch);
            w.String(ref Metadata);
            w.Int64(ref CommittedMs);
        }
    }

    sealed class GroupKey : IFields
    {
        public string Group = "";

        public void Visit(Wire w) => w.String(ref Group);
    }

    /// <summary>A stored group.</summary>
    internal sealed class GroupValue : IFields
    {
        public string ProtocolType = "";
        public int Generation;
        public string? Protocol;
        public string? Leader;
        public long StateSinceMs = -1;
        public List<MemberValue> Members = [];

        public void Visit(Wire w)
        {
            w.String(ref ProtocolType);
            w.Int32(ref Generation);
            w.NullableString(ref Protocol);
            w.NullableString(ref Leader);
            w.Int64(ref StateSinceMs);
            w.Array(ref Members);
        }
    }

    /// <summary>A stored member.</summary>
    internal sealed class MemberValue : IFields
    {
        public string Id = "";
        public string? InstanceId;
        public string ClientId = "";
        public string ClientHost = "";
        public int RebalanceTimeoutMs;
        public int SessionTimeoutMs;
        public byte[] Subscription = [];
        public byte[] Assignment = [];

        public void Visit(Wire w)
        {
            w.String(ref Id);
            w.NullableString(ref InstanceId);
            w.String(ref ClientId);
            w.String(ref ClientHost);
            w.Int32(ref RebalanceTimeoutMs);
            w.Int32(ref SessionTimeoutMs);
            w.Bytes(ref Subscription);
            w.Bytes(ref Assignment);
        }
    }
}
