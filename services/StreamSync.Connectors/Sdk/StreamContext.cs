using Avro;
using Microsoft.Extensions.Logging;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>Everything a reader may know about its stream.</summary>
sealed record StreamContext
{
    public required SyncSettings Sync { get; init; }

    public required ConnectorManifest Connector { get; init; }

    public required StreamManifest Stream { get; init; }

    /// <summary>The sync's settings, checked against the connector's declarations.</summary>
    public required SettingsReader Settings { get; init; }

    /// <summary>Schema of the vendor's record.</summary>
    public required RecordSchema RecordSchema { get; init; }

    /// <summary>Turns drafts into records: keys, times, fingerprints.</summary>
    public required RecordFactory Records { get; init; }

    /// <summary>Budget of the credential that the sync uses; shared by all its streams.</summary>
    public required RequestBudget Budget { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Says what the reader waits for (null when it works); shown as the stream's status.</summary>
    public Action<string?> WaitingFor { get; init; } = _ => { };

    /// <summary>Says that the reader has looked and found nothing new: what a stream has is fresh as of now.</summary>
    public Action CaughtUp { get; init; } = () => { };

    /// <summary><c>org/sync/stream</c>: key of status, checkpoints and findings.</summary>
    public string Key => $"{Sync.Org}/{Sync.Id}/{Stream.Name}";
}
