using System.Collections;
using Avro;
using Avro.Specific;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Compiles the fields of an entity, or of a record inside it, into setters.</summary>
/// <param name="values">Compiles single values.</param>
/// <param name="errors">Takes every error.</param>
sealed class FieldsReader(ValueReader values, ICollection<ConfigError> errors)
{
    /// <summary>Fields that the standardiser fills itself.</summary>
    static readonly HashSet<string> Provenance = ["source_urn", "org", "vendor", "instance", "source_id", "source_version", "observed_at", "change_id", "extras"];

    /// <summary>Reads fields for a schema.</summary>
    public IReadOnlyList<Setter> Read(IReadOnlyList<ConfigEntry> entries, RecordSchema schema, string name)
    {
        var setters = new List<Setter>();
        foreach (var entry in entries)
        {
            if (!schema.TryGetField(entry.Name, out var field) || Provenance.Contains(entry.Name))
            {
                var known = schema.Fields.Select(f => f.Name).Where(f => !Provenance.Contains(f));
                errors.Add(new ConfigError(entry.Place, $"a {name} has no field '{entry.Name}' to fill", $"use one of: {string.Join(", ", known)}"));
                continue;
            }

            setters.Add(field.Name == "occurred_at" && OccurredSetter.Fits(schema) ? Occurred(entry, schema) : Plain(entry, field));
        }

        return setters;
    }

    Setter Plain(ConfigEntry entry, Field field)
    {
        var position = field.Pos;
        var value = Field(entry, field);
        return (target, scope) =>
        {
            if (value(scope) is { } result)
            {
                target.Put(position, result);
            }
        };
    }

    Value Field(ConfigEntry entry, Field field)
    {
        var schema = FieldPath.NonNull(field.Schema)!;
        return schema switch
        {
            RecordSchema record => Record(entry.Value, record, entry.Name),
            ArraySchema array => Array(entry, array),
            _ => Single(entry, field),
        };
    }

    Value Single(ConfigEntry entry, Field field)
    {
        if (entry.Value is not ConfigMap map)
        {
            return Conversions.For(field.Schema, values.Read(entry.Value), entry.Name)!;
        }

        var block = new MapBlock(map, $"'{entry.Name}'", errors);
        Value value;
        if (FieldPath.NonNull(field.Schema) is MapSchema && !block.Has("from"))
        {
            // {map: path}: a whole map of the vendor's record.
            value = values.Read(block.Node("map") ?? map);
        }
        else
        {
            var time = block.Map("time");
            value = values.Read(block);
            if (time is not null)
            {
                var rule = values.Time(time);
                if (FieldPath.NonNull(field.Schema) is not LogicalSchema)
                {
                    block.Error($"'{entry.Name}' is no time", "leave out 'time:'", time.Place);
                }

                value = Conversions.Time(value, rule, entry.Name);
            }
        }

        block.Done();
        return Conversions.For(field.Schema, value, entry.Name)!;
    }

    Setter Occurred(ConfigEntry entry, RecordSchema schema)
    {
        var setter = new OccurredSetter(schema);
        if (entry.Value is not ConfigMap map)
        {
            errors.Add(new ConfigError(entry.Place, "'occurred_at' does not say how its time is read", "write {time: occurred} for the change's own time, or {from: PATH, time: {zone: ...}}"));
            return static (_, _) => { };
        }

        var block = new MapBlock(map, "'occurred_at'", errors);
        if (block.Node("time") is ConfigScalar { Text: "occurred" })
        {
            block.Done();
            return setter.FromChange;
        }

        var rule = block.Map("time") is { } time ? values.Time(time) : new TimeRule(0, null, "assumed", false);
        var value = values.Read(block);
        block.Done();
        return (target, scope) =>
        {
            if (rule.Read(value(scope), scope, "occurred_at") is { } reading)
            {
                setter.Put(target, reading);
            }
        };
    }

    /// <summary>A record: <c>{record: {...}, when: ...}</c>; null when every field of it is empty.</summary>
    Value Record(ConfigNode node, RecordSchema schema, string name)
    {
        if (node is not ConfigMap map || map.Find("record") is null)
        {
            errors.Add(new ConfigError(node.Place, $"'{name}' takes a record", "write {record: {field: path, ...}}"));
            return static _ => null;
        }

        var block = new MapBlock(map, $"'{name}'", errors);
        var fields = block.Map("record");
        var when = block.Node("when") is { } condition ? values.Read(condition) : null;
        block.Done();
        return Build(Read(fields?.Entries ?? [], schema, name), schema, when);
    }

    static Value Build(IReadOnlyList<Setter> setters, RecordSchema schema, Value? when)
    {
        var create = AvroTypes.FactoryOf(schema);
        var lists = schema.Fields.Where(f => f.Schema is ArraySchema).Select(f => (f.Pos, Empty: AvroTypes.EmptyOf(f.Schema))).ToArray();
        var required = schema.Fields.Where(f => f.Schema is PrimitiveSchema).Select(f => f.Pos).ToArray();
        return scope =>
        {
            if (when is not null && !Expressions.IsTrue(when(scope)))
            {
                return null;
            }

            var record = create();
            foreach (var set in setters)
            {
                set(record, scope);
            }

            var any = false;
            for (var i = 0; i < schema.Count && !any; i++)
            {
                any = record.Get(i) is { } value and not ICollection { Count: 0 };
            }

            foreach (var position in required)
            {
                any &= record.Get(position) is not null;
            }

            foreach (var (position, empty) in lists)
            {
                if (record.Get(position) is null)
                {
                    record.Put(position, empty());
                }
            }

            return any ? record : null;
        };
    }

    /// <summary>A list: <c>{each: path, record: {...}}</c>, <c>{list: [...]}</c>, or for texts also a path.</summary>
    Value Array(ConfigEntry entry, ArraySchema schema)
    {
        var items = schema.ItemSchema as RecordSchema;
        if (entry.Value is not ConfigMap map)
        {
            if (items is null)
            {
                return Conversions.For(schema, values.Read(entry.Value), entry.Name)!;
            }

            errors.Add(new ConfigError(entry.Value.Place, $"'{entry.Name}' takes a list of records", "write {each: PATH, record: {...}} or {list: [{record: {...}}]}"));
            return static _ => null;
        }

        var block = new MapBlock(map, $"'{entry.Name}'", errors);
        Value value;
        if (block.Has("list"))
        {
            var parts = block.List("list").Select(n => items is null ? values.Read(n) : Record(n, items, entry.Name)).ToArray();
            value = ListOf(schema, entry.Name, parts);
        }
        else if (block.Has("each") && items is not null)
        {
            var (list, element) = values.ReadList(block.Node("each")!);
            var inner = new FieldsReader(values.At(element), errors);
            var when = block.Node("when") is { } condition ? values.At(element).Read(condition) : null;
            value = Each(schema, list, Build(inner.Read(block.Map("record")?.Entries ?? [], items, entry.Name), items, when));
        }
        else if (items is null)
        {
            value = Conversions.For(schema, values.Read(block), entry.Name)!;
        }
        else
        {
            block.Error($"'{entry.Name}' takes a list of records", "add 'each:' and 'record:', or 'list:'");
            value = static _ => null;
        }

        block.Done();
        return value;
    }

    static Value ListOf(ArraySchema schema, string name, Value[] parts)
    {
        if (schema.ItemSchema is not RecordSchema)
        {
            return Conversions.For(schema, scope => parts.Select(part => part(scope)).ToList(), name)!;
        }

        var empty = AvroTypes.EmptyOf(schema);
        return scope =>
        {
            var list = (IList)empty();
            foreach (var part in parts)
            {
                if (part(scope) is { } item)
                {
                    list.Add(item);
                }
            }

            return list;
        };
    }

    static Value Each(ArraySchema schema, Value list, Value item)
    {
        var empty = AvroTypes.EmptyOf(schema);
        return scope =>
        {
            var result = (IList)empty();
            if (list(scope) is IList elements)
            {
                var outer = scope.Current;
                foreach (var element in elements)
                {
                    scope.Current = element;
                    if (item(scope) is { } record)
                    {
                        result.Add(record);
                    }
                }

                scope.Current = outer;
            }

            return result;
        };
    }
}
