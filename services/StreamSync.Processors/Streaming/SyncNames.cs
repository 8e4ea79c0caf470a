using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Streaming;

/// <summary>Which sync of the configuration feeds an account of a vendor, and who answers for it.</summary>
sealed class SyncNames(StreamSyncConfig config)
{
    readonly Dictionary<(string Org, string Vendor, string Instance), SyncSettings> _syncs =
        config.Syncs.GroupBy(s => (s.Org, s.Connector, s.Instance)).ToDictionary(g => g.Key, g => g.First());

    /// <summary>Id of the sync; null when the configuration has none.</summary>
    public string? Of(string org, string vendor, string instance) => _syncs.GetValueOrDefault((org, vendor, instance))?.Id;

    /// <summary>Who answers for it; null when unknown.</summary>
    public string? OwnerOf(string org, string vendor, string instance) => _syncs.GetValueOrDefault((org, vendor, instance))?.Owner?.Name;
}
