using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>A name of a way to assign partitions, and what the member says about itself in that way's own bytes.</summary>
readonly record struct MemberProtocol(string Name, byte[] Metadata);

/// <summary>One member of a group. Guarded by the group's lock.</summary>
sealed class GroupMember(string id, string? instanceId, string clientId, string clientHost)
{
    public string Id { get; set; } = id;

    /// <summary>Name that outlives a restart of the member (static membership), or null.</summary>
    public string? InstanceId => instanceId;

    public string ClientId { get; set; } = clientId;

    public string ClientHost { get; set; } = clientHost;

    public int SessionTimeoutMs { get; set; }

    public int RebalanceTimeoutMs { get; set; }

    public IReadOnlyList<MemberProtocol> Protocols { get; set; } = [];

    public byte[] Assignment { get; set; } = [];

    /// <summary>Whether it has never finished a join: then it does not send heartbeats yet.</summary>
    public bool IsNew { get; set; }

    /// <summary>Waits for the end of a join, if it has asked for one.</summary>
    public TaskCompletionSource<JoinGroupResponse>? Joining { get; set; }

    /// <summary>Waits for its assignment, if it has asked for it.</summary>
    public TaskCompletionSource<SyncGroupResponse>? Syncing { get; set; }

    /// <summary>Fires when it has not been heard of for its session timeout.</summary>
    public ITimer? Session { get; set; }

    public bool Supports(string protocol) => Protocols.Any(p => p.Name == protocol);

    public byte[] Metadata(string protocol) => Protocols.FirstOrDefault(p => p.Name == protocol).Metadata ?? [];

    public bool HasSame(IReadOnlyList<MemberProtocol> protocols) =>
        Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(pair => pair.First.Name == pair.Second.Name && pair.First.Metadata.AsSpan().SequenceEqual(pair.Second.Metadata));
}
