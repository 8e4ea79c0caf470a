using System.Security.Cryptography;
using System.Text;
using Avro;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Runtime;

/// <summary>
/// Turns the syncs of a configuration into streams to read: every manifest, setting, schema and path is checked before anything runs, and all that
/// is wrong is told at once.
/// </summary>
sealed class ConnectorPlanner(ConnectorCatalog catalog, StreamSyncConfig config, TimeProvider clock, ILoggerFactory loggers)
{
    readonly Dictionary<string, RequestBudget> _budgets = [];
    readonly Dictionary<(string Vendor, string Stream), StreamTopics> _topics = [];
    readonly List<ConfigError> _errors = [];

    /// <exception cref="ConfigException">Something is wrong; holds every error.</exception>
    public IReadOnlyList<StreamPlan> Plan()
    {
        var plans = new List<StreamPlan>();
        foreach (var sync in config.Syncs)
        {
            Plan(sync, plans);
        }

        return _errors.Count == 0 ? plans : throw new ConfigException([.. _errors.Distinct()]);
    }

    void Plan(SyncSettings sync, List<StreamPlan> plans)
    {
        if (catalog.Find(sync.Connector, _errors) is not { } connector)
        {
            if (!catalog.Has(sync.Connector))
            {
                _errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' names the connector '{sync.Connector}', which is not there", $"use one of: {string.Join(", ", catalog.Vendors)}"));
            }

            return;
        }

        var before = _errors.Count;
        string[] secrets = [.. connector.Secrets.Where(s => s.Required || sync.Secrets.ContainsKey(s.Name)).Select(s => s.Name)];
        var settings = SettingsReader.Read(sync, connector.Settings, secrets, config.BaseDirectory, _errors);
        foreach (var name in (sync.Streams ?? []).Where(n => connector.Streams.All(s => s.Name != n)))
        {
            _errors.Add(new ConfigError(sync.Place, $"the connector '{connector.Vendor}' has no stream '{name}'", $"use some of: {string.Join(", ", connector.Streams.Select(s => s.Name))}"));
        }

        if (_errors.Count > before)
        {
            return;
        }

        var wanted = plans.Count;
        foreach (var stream in connector.Streams.Where(s => sync.Streams is null || sync.Streams.Contains(s.Name)))
        {
            if (Plan(sync, connector, stream, settings) is { } plan)
            {
                plans.Add(plan);
            }
        }

        if (plans.Count == wanted && _errors.Count == before)
        {
            _errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' reads nothing: its settings leave every stream out", $"see the README of the connector '{connector.Vendor}'"));
        }
    }

    StreamPlan? Plan(SyncSettings sync, ConnectorManifest connector, StreamManifest stream, SettingsReader settings)
    {
        try
        {
            var topics = TopicsOf(connector.Vendor, stream.Name);
            var schema = SourceSchemas.RecordOf((RecordSchema)topics.Source.ValueSchema);
            var context = new StreamContext
            {
                Sync = sync,
                Connector = connector,
                Stream = stream,
                Settings = settings,
                RecordSchema = schema,
                Records = new RecordFactory(sync, connector, stream, schema, settings),
                Budget = BudgetOf(sync, connector),
                Clock = clock,
                Logger = loggers.CreateLogger($"StreamSync.Connectors.{connector.Vendor}"),
            };
            var style = catalog.Styles[stream.Style];
            if (!style.IsWanted(context))
            {
                if (sync.Streams?.Contains(stream.Name) == true)
                {
                    _errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' asks for the stream '{stream.Name}', but its settings leave it out", $"see the README of the connector '{connector.Vendor}'"));
                }

                return null;
            }

            style.Check(context, _errors);
            return new StreamPlan(context, style, topics);
        }
        catch (ConfigException e)
        {
            _errors.AddRange(e.Errors);
        }
        catch (Exception e) when (e is FileNotFoundException or SchemaParseException)
        {
            _errors.Add(new ConfigError(stream.Place, $"the stream '{stream.Name}' can't be used: {e.Message}", "add or mend the schema file"));
        }

        return null;
    }

    StreamTopics TopicsOf(string vendor, string stream) =>
        _topics.TryGetValue((vendor, stream), out var known) ? known : _topics[(vendor, stream)] = StreamTopics.Of(vendor, stream);

    /// <summary>Syncs that use the same credential at the same vendor share its budget.</summary>
    RequestBudget BudgetOf(SyncSettings sync, ConnectorManifest connector)
    {
        var secrets = string.Join('\n', sync.Secrets.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value.Reveal()));
        var key = $"{connector.Vendor}/{(secrets.Length == 0 ? sync.Id : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secrets))))}";
        return _budgets.TryGetValue(key, out var known) ? known : _budgets[key] = new RequestBudget(connector.RateLimit, clock);
    }
}
