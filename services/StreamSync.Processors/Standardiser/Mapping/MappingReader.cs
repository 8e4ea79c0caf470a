using Avro;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Compiles a vendor's <c>mapping.yaml</c>; every error is reported at its file, line and column, all at once.</summary>
/// <param name="streams">Record schemas of the vendor's streams.</param>
/// <param name="settings">Names of the settings that the connector declares.</param>
/// <param name="errors">Takes every error.</param>
sealed class MappingReader(IReadOnlyDictionary<string, RecordSchema> streams, IReadOnlySet<string> settings, ICollection<ConfigError> errors)
{
    /// <summary>Reads the file's tree.</summary>
    /// <returns>Mappings by stream; only to be used when no error was added.</returns>
    public IReadOnlyDictionary<string, List<EntityMapping>> Read(ConfigMap root)
    {
        var result = new Dictionary<string, List<EntityMapping>>();
        var file = new MapBlock(root, "the mapping file", errors);
        foreach (var node in file.List("mappings", required: true))
        {
            if (node is not ConfigMap map)
            {
                file.Error("an item of 'mappings' must be a map", "write '- stream: ...' items", node.Place);
                continue;
            }

            var block = new MapBlock(map, "the mapping", errors);
            var (stream, kind) = (StreamOf(block), KindOf(block));
            if (stream is not null && kind is not null)
            {
                var mapping = Mapping(block, kind, streams[stream]);
                (result.TryGetValue(stream, out var list) ? list : result[stream] = []).Add(mapping);
            }

            block.Done();
        }

        file.Done();
        return result;
    }

    string? StreamOf(MapBlock block)
    {
        var stream = block.Text("stream", required: true);
        if (stream is null || streams.ContainsKey(stream))
        {
            return stream;
        }

        block.Error($"the vendor has no stream '{stream}'", $"use one of: {string.Join(", ", streams.Keys.Order(StringComparer.Ordinal))}", block.Node("stream")!.Place);
        return null;
    }

    static EntityKind? KindOf(MapBlock block)
    {
        var kind = block.Text("entity", required: true);
        if (kind is null || TopicCatalog.EntityKinds.TryGetValue(kind, out var known))
        {
            return kind is null ? null : TopicCatalog.EntityKinds[kind];
        }

        block.Error($"the data standard has no '{kind}'", $"use one of: {string.Join(", ", TopicCatalog.EntityKinds.Keys)}", block.Node("entity")!.Place);
        return null;
    }

    EntityMapping Mapping(MapBlock block, EntityKind kind, RecordSchema record)
    {
        var top = new ValueReader(record, record, settings, errors);
        var list = block.Node("for_each");
        var (forEach, element) = list is null ? (null, record) : top.ReadList(list);
        var values = new ValueReader(record, list is null ? record : element, settings, errors);
        var urn = block.Map("urn");
        var when = block.Node("when");
        var fields = block.Map("fields");
        if (fields is null && !block.Has("fields"))
        {
            block.Error("the mapping has no 'fields'", "add 'fields:' with at least one field");
        }

        var setters = new FieldsReader(values, errors).Read(fields?.Entries ?? [], (RecordSchema)kind.Schema, kind.Name);
        return new EntityMapping(kind)
        {
            Urn = urn is null ? null : Urn(urn, values),
            ForEach = forEach,
            When = when is null ? null : values.Read(when),
            Setters = setters,
        };
    }

    static UrnRule Urn(MapBlock block, ValueReader values)
    {
        var rule = new UrnRule(block.Text("entity", required: true) ?? string.Empty, [.. block.List("id", required: true).Select(values.Read)]);
        block.Done();
        return rule;
    }
}
