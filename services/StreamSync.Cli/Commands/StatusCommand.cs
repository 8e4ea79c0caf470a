using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Cli.Instances;
using StreamSync.Cli.Output;
using StreamSync.Contracts;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync status</c>: whether it runs, on which ports, and how each sync keeps its promise; works when it is stopped too.</summary>
static class StatusCommand
{
    const string SyncsSql =
        """
        select sync_id, stream, vendor, state, state_reason, owner_name, owner_contact, promise_seconds, arrival_seconds,
               last_arrival_at, last_change_at, last_success_at, records_read, records_emitted, records_quarantined,
               (select count(*) from ops_quarantine q where q.org = s.org and q.sync_id = s.sync_id and q.stream = s.stream and q.closed_at is null) in_quarantine,
               errors, waiting_for, updated_at
        from ops_sync s order by org, sync_id, stream
        """;

    /// <summary>What is no stream's (decisions that contradict each other, and the like), and every error of a stream.</summary>
    const string FindingsSql =
        """
        select severity, code, subject, message, remedy, responsible, "count", last_seen_at, example_urns
        from ops_finding where (sync_id is null and vendor is null) or severity = 'error' order by severity, code, subject
        """;

    /// <summary>Warnings on what comes from a tool: how many, by sync and stream.</summary>
    const string WarningsSql =
        """
        select coalesce(sync_id, vendor) sync_id, stream, count(*) warnings, string_agg(distinct code, ', ' order by code) codes
        from ops_finding where severity = 'warning' and (sync_id is not null or vendor is not null)
        group by org, coalesce(sync_id, vendor), stream order by org, 1, 2
        """;

    const string ShowWarnings = "select sync_id, stream, code, subject, message, remedy from ops_finding where severity = 'warning'";

    const int MostFindings = 20;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var data = SharedOptions.Data();
        var json = new Option<bool>("--json") { Description = "Print JSON for programs." };
        var command = new Command("status", "Show whether StreamSync runs, its ports, and the state of each sync.") { data, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = SharedOptions.Folder(parsed.GetValue(data));
            Instance.Require(folder);
            var instance = InstanceFile.FindRunning(folder);
            var waiting = await WaitingAsync(instance, cancellationToken);
            var (syncs, findings) = (await ReadAsync(folder, SyncsSql, cancellationToken), await ReadAsync(folder, FindingsSql, cancellationToken));
            var warnings = await ReadAsync(folder, WarningsSql, cancellationToken);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(ToJson(folder, instance, waiting, syncs, findings, warnings).ToJsonString(Indented));
            }
            else
            {
                PrintText(folder, instance, waiting, syncs, findings, warnings);
            }

            return 0;
        });
        return command;
    }

    /// <summary>
    /// What the running process waits for, other than its sources: while the warehouse stands still, all that is read from it below is of before.
    /// </summary>
    static async Task<IReadOnlyList<string>> WaitingAsync(InstanceInfo? instance, CancellationToken cancellationToken)
    {
        if (instance?.ConsoleUrl is not { } url)
        {
            return [];
        }

        try
        {
            using var console = new ConsoleClient(new Uri(url));
            return [.. from entry in await console.ProgressAsync(cancellationToken)
                       where entry.Room != ProgressRoom.Connectors && entry.WaitingFor is not null
                       select $"{entry.Item}: {entry.WaitingFor}"];
        }
        catch (CommandException e)
        {
            return [e.Message];
        }
    }

    static async Task<QueryResult?> ReadAsync(DataFolder folder, string sql, CancellationToken cancellationToken)
    {
        try
        {
            await using var warehouse = Instance.OpenWarehouse(folder);
            return await warehouse.QueryAsync(sql, int.MaxValue, cancellationToken);
        }
        catch (Exception e) when (e is CommandException or WarehouseQueryException)
        {
            return null; // Nothing has reached the warehouse yet.
        }
    }

    static JsonArray ToJson(QueryResult? rows)
    {
        var list = new JsonArray();
        foreach (var row in rows?.Rows ?? [])
        {
            var item = new JsonObject();
            for (var i = 0; i < row.Count; i++)
            {
                item[rows!.Columns[i]] = row[i] switch
                {
                    null => null,
                    long or int => JsonValue.Create(Convert.ToInt64(row[i], CultureInfo.InvariantCulture)),
                    string text => JsonValue.Create(text),
                    DateTime => JsonValue.Create(ResultWriter.Text(row[i])),
                    System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(value => (JsonNode?)JsonValue.Create(ResultWriter.Text(value)))]),
                    var value => JsonValue.Create(ResultWriter.Text(value)),
                };
            }

            list.Add(item);
        }

        return list;
    }

    static JsonObject ToJson(DataFolder folder, InstanceInfo? instance, IReadOnlyList<string> waiting, QueryResult? syncs, QueryResult? findings, QueryResult? warnings) =>
        new()
        {
            ["state"] = instance is not null ? "running" : FolderClaim.FindBusy(folder) is not { } busy ? "stopped" : busy.IsStopping ? "stopping" : "starting",
            ["data"] = folder.Root,
            ["pid"] = instance?.Pid,
            ["started_at"] = instance?.StartedAt,
            ["version"] = instance?.Version,
            ["config"] = instance?.ConfigFile,
            ["bootstrap_servers"] = instance?.BootstrapServers,
            ["schema_registry_url"] = instance?.SchemaRegistryUrl,
            ["console_url"] = instance?.ConsoleUrl,
            ["webhook_url"] = instance?.WebhookUrl,
            ["ports"] = instance is null ? null : new JsonObject
            {
                ["broker"] = PortOf("tcp://" + instance.BootstrapServers.Split(',')[0]),
                ["registry"] = PortOf(instance.SchemaRegistryUrl),
                ["console"] = PortOf(instance.ConsoleUrl),
                ["webhooks"] = PortOf(instance.WebhookUrl),
            },
            ["waiting_for"] = new JsonArray([.. waiting.Select(reason => (JsonNode?)JsonValue.Create(reason))]),
            ["syncs"] = ToJson(syncs),
            ["findings"] = ToJson(findings),
            ["warnings"] = ToJson(warnings),
        };

    static int? PortOf(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.Port : null;

    static void PrintText(DataFolder folder, InstanceInfo? instance, IReadOnlyList<string> waiting, QueryResult? syncs, QueryResult? findings, QueryResult? warnings)
    {
        if (instance is null)
        {
            System.Console.WriteLine(FolderClaim.FindBusy(folder) is { } busy ? $"{busy}" : $"stopped; data in {folder.Root}");
        }
        else
        {
            System.Console.WriteLine($"running since {instance.StartedAt:yyyy-MM-dd HH:mm:ss}Z (process {instance.Pid})");
            System.Console.WriteLine($"console {instance.ConsoleUrl}   broker {instance.BootstrapServers}   registry {instance.SchemaRegistryUrl}   webhooks {instance.WebhookUrl ?? "none"}");
            foreach (var reason in waiting)
            {
                System.Console.WriteLine($"waiting: {reason}");
            }
        }

        if (syncs is null || syncs.Rows.Count == 0)
        {
            System.Console.WriteLine("no sync has reported yet");
            return;
        }

        string[] shown = ["sync_id", "stream", "state", "records_read", "in_quarantine", "last_change_at", "owner_name", "state_reason"];
        var indexes = shown.Select(c => syncs.Columns.ToList().IndexOf(c)).ToArray();
        ResultWriter.Write(
            new QueryResult(shown, shown, [.. syncs.Rows.Select(r => (IReadOnlyList<object?>)[.. indexes.Select(i => r[i])])], false),
            "table",
            System.Console.Out,
            System.Console.IsOutputRedirected ? null : "--json");

        foreach (var row in (findings?.Rows ?? []).Take(MostFindings))
        {
            System.Console.WriteLine($"{row[0]}: {row[3]} ({row[2]})");
            System.Console.WriteLine($"  what to do: {row[4]}");
        }

        if (findings?.Rows.Count > MostFindings)
        {
            System.Console.WriteLine($"... and {findings.Rows.Count - MostFindings} more: streamsync query \"select * from ops_finding\"");
        }

        foreach (var row in warnings?.Rows ?? [])
        {
            System.Console.WriteLine($"{row[0]}{(row[1] is null ? "" : $" {row[1]}")}: {row[2]} {(row[2] is 1L ? "warning" : "warnings")} ({row[3]})");
        }

        if (warnings?.Rows.Count > 0)
        {
            System.Console.WriteLine($"  what to do: see the page of the sync in the console, or streamsync query \"{ShowWarnings}\"");
        }
    }
}
