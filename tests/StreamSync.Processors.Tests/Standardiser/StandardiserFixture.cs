using Avro;
using Avro.Generic;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Standardiser;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Standardiser;

/// <summary>The standardiser over the shipped vendors, fed with vendor records.</summary>
sealed class StandardiserFixture : IDisposable
{
    public const string Config = """
        org: mi-wtp
        syncs:
          - { id: van-files, connector: ngpvan, instance: c77, settings: { folder: drops } }
          - { id: spoke, connector: spoke, instance: s1, settings: { host: localhost, database: spoke, user: spoke } }
          - { id: texts, connector: thrutext, instance: a1, settings: { folder: drops, van_scope: "0:MI" } }
          - { id: gifts, connector: actblue, instance: e1, settings: { } }
          - { id: people, connector: csv_people, instance: list, settings: { folder: drops } }
          - { id: events, connector: mobilize, instance: o9, settings: { organization: "9", van_scopes: { 80: "0:CO" }, van_scope: "0:MI" } }
          - { id: actions, connector: action_network, instance: g1, settings: { van_scope: "0:MI" } }
        """;

    readonly Dictionary<string, StreamMapping> _streams;
    long _changes;

    public StandardiserFixture()
    {
        var config = StreamSyncConfig.Parse(Config, "streamsync.yaml");
        var vendors = StandardiserTopology.LoadVendors(config);
        _streams = vendors.SelectMany(v => v.Streams).ToDictionary(s => $"{s.Vendor}.{s.Name}");
        Codecs = TopologyHarness.Codecs([.. _streams.Values.Select(s => s.Topic)]);
        Run = TopologyHarness.Run(Codecs);
        Harness = new TopologyHarness(StandardiserTopology.Define(config, vendors, Codecs, Run)!, Run);
    }

    public AvroCodecs Codecs { get; }

    public StageRun Run { get; }

    public TopologyHarness Harness { get; }

    /// <summary>Pipes a change of a stream.</summary>
    /// <param name="stream">vendor.stream.</param>
    /// <param name="urn">Its URN.</param>
    /// <param name="fields">The vendor's fields; null for a delete.</param>
    /// <param name="build">Changes the envelope.</param>
    public void Change(string stream, string urn, object? fields, Func<SourceChange, SourceChange>? build = null)
    {
        var mapping = _streams[stream];
        var parsed = SourceUrn.Parse(urn);
        var change = new SourceChange
        {
            Op = fields is null ? ChangeOp.Delete : ChangeOp.Create,
            After = fields is null ? null : Record(SourceSchemas.RecordOf((RecordSchema)mapping.Topic.ValueSchema), fields),
            Source = new Origin
            {
                Org = parsed.Org,
                Vendor = parsed.Vendor,
                Instance = parsed.Instance,
                Stream = mapping.Name,
                Entity = parsed.Entity,
                IdParts = [.. parsed.IdParts()],
                ConnectorVersion = "1",
                SyncId = StreamSyncConfig.Parse(Config, "streamsync.yaml").Syncs.First(s => s.Connector == parsed.Vendor).Id,
            },
            ObservedAt = new DateTime(2024, 10, 1, 12, 0, 0, DateTimeKind.Utc).AddSeconds(_changes),
            ChangeId = $"change-{_changes++}",
        };
        Pipe(stream, urn, Codecs.ForSource(mapping.Topic).Encode(build?.Invoke(change) ?? change));
    }

    public void Pipe(string stream, string urn, byte[]? value) => Harness.Pipe(_streams[stream].Topic.Name, urn, value);

    /// <summary>What was written to an entity's topic since the last call, deleted ones apart.</summary>
    public Dictionary<string, T> Table<T>(string kind)
        where T : class, IEntity => Harness.Read("entity." + kind).Table(Codecs.For<T>(TopicCatalog.Entity(kind)));

    public void Dispose() => Harness.Dispose();

    static GenericRecord Record(RecordSchema schema, object fields)
    {
        var record = new GenericRecord(schema);
        foreach (var field in schema.Fields.Where(f => f.Schema is ArraySchema or MapSchema))
        {
            record.Add(field.Pos, field.Schema is ArraySchema ? Array.Empty<object>() : new Dictionary<string, object>());
        }

        foreach (var property in fields.GetType().GetProperties())
        {
            record.Add(property.Name, Avro(Inner(schema[property.Name].Schema), property.GetValue(fields)));
        }

        return record;
    }

    static object? Avro(Schema schema, object? value) => (schema, value) switch
    {
        (_, null) => null,
        (ArraySchema array, System.Collections.IEnumerable list) => list.Cast<object>().Select(item => Avro(Inner(array.ItemSchema), item)).ToArray(),
        (RecordSchema record, _) => Record(record, value),
        (MapSchema, IReadOnlyDictionary<string, string> map) => map.ToDictionary(e => e.Key, e => (object)e.Value),
        _ => value,
    };

    static Schema Inner(Schema schema) => schema is UnionSchema union ? union.Schemas.First(s => s.Tag != Schema.Type.Null) : schema;
}
