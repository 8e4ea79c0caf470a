using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Rest;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;
using StreamSync.Connectors.Webhook;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Tests.Support;

/// <summary>Syncs of a configuration text, planned as in the product.</summary>
static class TestSync
{
    public static IReadOnlyList<StreamPlan> Plan(string yaml, TimeProvider clock, params IReadOnlyList<IStreamStyle> more)
    {
        var config = StreamSyncConfig.Parse(yaml, "streamsync.yaml");
        IStreamStyle[] all = [.. more, new FileStyle(), new RestStyle(), new StreamSync.Connectors.Postgres.PostgresStyle(), new WebhookStyle(new WebhookListener(config, TimeProvider.System))];
        return new ConnectorPlanner(new ConnectorCatalog(all.DistinctBy(s => s.Name)), config, clock, NullLoggerFactory.Instance).Plan();
    }

    /// <summary>One file stream over a folder.</summary>
    public static StreamPlan Files(string connector, string stream, string folder, TimeProvider clock, string more = "", string secrets = "{}") => Plan(
        $$"""
        org: mi-wtp
        syncs:
          - id: drops
            connector: {{connector}}
            instance: c77
            streams: [{{stream}}]
            settings: { folder: "{{folder}}"{{(more.Length > 0 ? ", " + more : "")}} }
            secrets: {{secrets}}
        """,
        clock).Single();
}
