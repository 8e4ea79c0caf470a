using System.Text.Json.Serialization;
using StreamSync.Console.Ops;
using StreamSync.Console.Pages;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Console.Api;

/// <summary><c>GET /api/status</c> and the probes <c>/healthz</c> (the process answers) and <c>/readyz</c> (it has something to show).</summary>
static class StatusApi
{
    public static void Map(WebApplication app, IServiceProvider services)
    {
        var ops = services.GetRequiredService<OpsTables>();
        var clock = services.GetRequiredService<TimeProvider>();
        app.MapGet("/healthz", () => Results.Text("ok"));
        app.MapGet("/readyz", (CancellationToken cancellationToken) => ReadyAsync(ops, services.GetService<IWarehouse>(), cancellationToken));
        app.MapGet("/api/status", () => Results.Json(Status(services, ops, clock)));
    }

    static async Task<IResult> ReadyAsync(OpsTables ops, IWarehouse? warehouse, CancellationToken cancellationToken)
    {
        var trouble = ops.Trouble;
        if (trouble is null && warehouse is not null)
        {
            try
            {
                await warehouse.QueryAsync("SELECT 1", 1, cancellationToken);
            }
            catch (WarehouseQueryException error)
            {
                trouble = error.Message;
            }
        }

        return trouble is null ? Results.Text("ready") : Results.Text(trouble, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    static StatusReply Status(IServiceProvider services, OpsTables ops, TimeProvider clock)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var views = SyncView.All(ops.Syncs, ops.Findings, now);
        var connection = services.GetRequiredService<KafkaConnection>();
        return new StatusReply(
            ops.Trouble is not null ? "unknown" : views.Count == 0 ? "starting" : SyncCells.Word(views[0].State),
            ops.Trouble,
            connection.BootstrapServers,
            connection.SchemaRegistryUrl,
            services.GetRequiredService<ConsoleAddress>().Url?.ToString(),
            [.. views.Select(Sync)],
            [.. services.GetRequiredService<IProgressBoard>().Snapshot().Select(e => new ProgressReply(e.Room, e.Item, e.Count, e.Lag, e.WaitingFor))]);
    }

    static SyncReply Sync(SyncView view)
    {
        var s = view.Status;
        return new SyncReply(
            s.Org,
            s.SyncId,
            s.Stream,
            s.Vendor,
            s.Instance,
            SyncCells.Word(view.State),
            s.StateReason,
            s.OwnerName,
            s.OwnerKind,
            s.OwnerContact,
            s.PromiseSeconds,
            s.ArrivalSeconds,
            view.Age is { } age ? (long)age.TotalSeconds : null,
            s.LastArrivalAt,
            s.LastChangeAt,
            s.LastSuccessAt,
            s.NextRunAt,
            s.RecordsRead,
            s.RecordsEmitted,
            s.RecordsQuarantined,
            view.Findings.Count,
            s.Runs,
            s.Errors,
            s.WaitingFor);
    }

    sealed record StatusReply(
        [property: JsonPropertyName("state")] string State,
        [property: JsonPropertyName("trouble")] string? Trouble,
        [property: JsonPropertyName("bootstrap_servers")] string BootstrapServers,
        [property: JsonPropertyName("schema_registry_url")] string SchemaRegistryUrl,
        [property: JsonPropertyName("console_url")] string? ConsoleUrl,
        [property: JsonPropertyName("syncs")] IReadOnlyList<SyncReply> Syncs,
        [property: JsonPropertyName("progress")] IReadOnlyList<ProgressReply> Progress);

    sealed record SyncReply(
        [property: JsonPropertyName("org")] string Org,
        [property: JsonPropertyName("sync_id")] string SyncId,
        [property: JsonPropertyName("stream")] string Stream,
        [property: JsonPropertyName("vendor")] string Vendor,
        [property: JsonPropertyName("instance")] string Instance,
        [property: JsonPropertyName("state")] string State,
        [property: JsonPropertyName("state_reason")] string? StateReason,
        [property: JsonPropertyName("owner_name")] string? OwnerName,
        [property: JsonPropertyName("owner_kind")] string? OwnerKind,
        [property: JsonPropertyName("owner_contact")] string? OwnerContact,
        [property: JsonPropertyName("promise_seconds")] long? PromiseSeconds,
        [property: JsonPropertyName("arrival_seconds")] long? ArrivalSeconds,
        [property: JsonPropertyName("age_seconds")] long? AgeSeconds,
        [property: JsonPropertyName("last_arrival_at")] DateTime? LastArrivalAt,
        [property: JsonPropertyName("last_change_at")] DateTime? LastChangeAt,
        [property: JsonPropertyName("last_success_at")] DateTime? LastSuccessAt,
        [property: JsonPropertyName("next_run_at")] DateTime? NextRunAt,
        [property: JsonPropertyName("records_read")] long RecordsRead,
        [property: JsonPropertyName("records_emitted")] long RecordsEmitted,
        [property: JsonPropertyName("records_quarantined")] long RecordsQuarantined,
        [property: JsonPropertyName("findings")] int Findings,
        [property: JsonPropertyName("runs")] long Runs,
        [property: JsonPropertyName("errors")] long Errors,
        [property: JsonPropertyName("waiting_for")] string? WaitingFor);

    sealed record ProgressReply(
        [property: JsonPropertyName("room")] string Room,
        [property: JsonPropertyName("item")] string Item,
        [property: JsonPropertyName("count")] long Count,
        [property: JsonPropertyName("lag")] long? Lag,
        [property: JsonPropertyName("waiting_for")] string? WaitingFor);
}
