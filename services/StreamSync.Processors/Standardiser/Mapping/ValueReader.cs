using System.Collections;
using System.Collections.Frozen;
using Avro;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Compiles the single values of a mapping: paths, expressions, constants, code lists, references, times.</summary>
/// <param name="record">Schema of the vendor's record.</param>
/// <param name="element">Schema where paths start; null where it is open.</param>
/// <param name="settings">Names of the connector's settings.</param>
/// <param name="errors">Takes every error.</param>
sealed class ValueReader(RecordSchema record, Schema? element, IReadOnlySet<string> settings, ICollection<ConfigError> errors)
{
    const string SettingPrefix = "setting:";
    const string FieldPrefix = "field:";

    static readonly Value Nothing = static _ => null;

    /// <summary>A reader of the same record whose paths start elsewhere.</summary>
    public ValueReader At(Schema? start) => new(record, start, settings, errors);

    /// <summary>Reads a value.</summary>
    public Value Read(ConfigNode node)
    {
        switch (node)
        {
            case ConfigScalar { Text: { Length: > 0 } text }:
                return Expression(text, node.Place);
            case ConfigMap map:
                var block = new MapBlock(map, "the value", errors);
                var value = Read(block);
                block.Done();
                return value;
            default:
                errors.Add(new ConfigError(node.Place, "this is no value", "write a path, or a map with 'from', 'value' or 'ref'"));
                return Nothing;
        }
    }

    /// <summary>Reads a path to a list, and says what its elements are.</summary>
    public (Value List, Schema? Element) ReadList(ConfigNode node)
    {
        var paths = new List<FieldPath>();
        var value = node is ConfigScalar { Text: { Length: > 0 } text } ? Expression(text, node.Place, paths) : Read(node);
        Schema? items = null;
        if (paths is [var path] && path.TryResolve(path.FromRecord ? record : element, out var end, out _))
        {
            items = (end as ArraySchema)?.ItemSchema;
            if (end is not (null or ArraySchema))
            {
                errors.Add(new ConfigError(node.Place, "this field is no list", "name a field that holds a list, or map it without 'for_each' and 'each'"));
            }
        }

        return (value, FieldPath.NonNull(items));
    }

    /// <summary>Reads the keys of a value from a block that may have others; null when it has none of 'from', 'value', 'ref'.</summary>
    public Value Read(MapBlock block)
    {
        var value = Source(block);
        if (block.Has("map"))
        {
            value = block.Node("map") is ConfigScalar { Text: { } text } node && text.StartsWith(SettingPrefix, StringComparison.Ordinal)
                ? SettingCodes(text[SettingPrefix.Length..], node.Place, value)
                : block.Map("map") is { } codes ? Codes(codes, value) : value;
        }

        var other = Default(block);
        if (block.Node("when") is { } when)
        {
            var (condition, inner) = (Read(when), value);
            value = scope => Expressions.IsTrue(condition(scope)) ? inner(scope) : null;
        }

        if (other is not null)
        {
            var (inner, fallback) = (value, other);
            value = scope => inner(scope) ?? fallback(scope);
        }

        return value;
    }

    /// <summary>Reads <c>time: {...}</c>.</summary>
    public TimeRule Time(MapBlock block)
    {
        var unit = block.Text("unit") switch
        {
            null => 0,
            "seconds" => TimeSpan.TicksPerSecond,
            "milliseconds" => TimeSpan.TicksPerMillisecond,
            "microseconds" => TimeSpan.TicksPerMicrosecond,
            var other => Wrong(other),
        };
        var (zone, source) = Zone(block);
        var rule = new TimeRule(unit, zone, source, block.Flag("ignore_offset"));
        block.Done();
        return rule;

        long Wrong(string word)
        {
            block.Error($"the unit is '{word}'", "use seconds, milliseconds or microseconds", block.Node("unit")!.Place);
            return 1;
        }
    }

    (Value? Zone, string Source) Zone(MapBlock block)
    {
        var text = block.Text("zone");
        if (text is null)
        {
            return (null, "assumed");
        }

        var place = block.Node("zone")!.Place;
        if (text.StartsWith(SettingPrefix, StringComparison.Ordinal))
        {
            return (Setting(text[SettingPrefix.Length..], place), "org_default");
        }

        if (text.StartsWith(FieldPrefix, StringComparison.Ordinal))
        {
            return (Expression(text[FieldPrefix.Length..], place), "location");
        }

        if (TimeZones.Find(text) is null)
        {
            block.Error($"'{text}' is no time zone", "use an IANA name such as America/New_York, setting:NAME or field:PATH", place);
        }

        return (_ => text, "assumed");
    }

    Value Source(MapBlock block)
    {
        if (block.Has("from"))
        {
            return Read(block.Node("from")!);
        }

        if (block.Has("value"))
        {
            return Constant(block.Node("value")!);
        }

        if (block.Text("ref") is { } entity)
        {
            return Reference(entity, [.. block.List("id", required: true).Select(Read)]);
        }

        block.Error("the value has no source", "add 'from:' with a path, 'value:' with a constant, or 'ref:' with an entity");
        return Nothing;
    }

    /// <summary>The URN of another record of the same org, vendor and instance; null when no part of its id is there.</summary>
    static Value Reference(string entity, Value[] id) => scope =>
    {
        var parts = new string?[id.Length];
        for (var i = 0; i < id.Length; i++)
        {
            parts[i] = Texts.Of(id[i](scope));
        }

        var origin = scope.Change.Source;
        return SourceUrn.JoinId(parts) is null ? null : SourceUrn.Create(origin.Org, origin.Vendor, origin.Instance, entity, parts).ToString();
    };

    Value Constant(ConfigNode node)
    {
        if (node is not ConfigScalar { Text: { Length: > 0 } text })
        {
            errors.Add(new ConfigError(node.Place, "a constant must be a single value", "write a text, a number, true or false"));
            return Nothing;
        }

        return text.StartsWith(SettingPrefix, StringComparison.Ordinal) ? Setting(text[SettingPrefix.Length..], node.Place) : _ => text;
    }

    Value Setting(string name, ConfigPlace place)
    {
        if (!settings.Contains(name))
        {
            errors.Add(new ConfigError(place, $"the connector declares no setting '{name}'", settings.Count == 0 ? "declare it in connector.yaml" : $"use one of: {string.Join(", ", settings.Order(StringComparer.Ordinal))}, or declare it in connector.yaml"));
        }

        return scope => scope.Settings.GetValueOrDefault(name);
    }

    Value? Default(MapBlock block) => block.Has("default") ? Constant(block.Node("default")!) : null;

    static Value Codes(MapBlock block, Value value)
    {
        var codes = new Dictionary<string, string>();
        foreach (var entry in block.Entries)
        {
            codes[entry.Name] = block.Text(entry.Name) ?? string.Empty;
        }

        var frozen = codes.ToFrozenDictionary(StringComparer.Ordinal);
        return scope => Texts.Of(value(scope)) is { } text && frozen.TryGetValue(text.Trim(), out var word) ? word : null;
    }

    /// <summary>A code list that the sync itself sets.</summary>
    Value SettingCodes(string name, ConfigPlace place, Value value)
    {
        Setting(name, place);
        return scope => Texts.Of(value(scope)) is { } text ? scope.Settings.GetValueOrDefault(MappingScope.SettingOf(name, text.Trim())) : null;
    }

    Value Expression(string text, ConfigPlace place, List<FieldPath>? found = null)
    {
        var paths = found ?? [];
        try
        {
            var value = Expressions.Compile(text, paths);
            foreach (var path in paths)
            {
                if (!path.TryResolve(path.FromRecord ? record : element, out _, out var missing))
                {
                    errors.Add(new ConfigError(place, $"the path '{text}' names '{missing}', which the stream's schema does not have", "mend the path, or add the field to the stream's .avsc file"));
                }
            }

            return value;
        }
        catch (FormatException e)
        {
            errors.Add(new ConfigError(place, $"'{text}' is neither a path nor a JMESPath expression: {e.Message}", "see jmespath.org for the syntax"));
            return Nothing;
        }
    }
}
