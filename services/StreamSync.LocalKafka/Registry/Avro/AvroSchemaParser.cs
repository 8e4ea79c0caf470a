using System.Globalization;
using System.Runtime.CompilerServices;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// Reads schema texts as Avro Java 1.12 does, which is what Confluent's registry accepts and refuses. Where it is looser than the
/// specification (a type used before it is defined, one type defined twice in the same words, unknown logical types) this is too;
/// where it is stricter (defaults, namespaces) likewise.
/// </summary>
sealed class AvroSchemaParser
{
    static readonly HashSet<string> SchemaReserved =
        ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];

    static readonly HashSet<string> EnumReserved = [.. SchemaReserved, "default"];

    static readonly HashSet<string> FieldReserved = ["default", "doc", "name", "order", "type", "aliases"];

    readonly bool _checkDefaults;
    readonly OrderedDictionary<string, AvroSchema> _known = new(StringComparer.Ordinal);
    NameRule _rule;
    int _unresolved;

    AvroSchemaParser(bool checkDefaults) => _checkDefaults = checkDefaults;

    /// <summary>Reads a schema.</summary>
    /// <param name="text">The schema as JSON.</param>
    /// <param name="referenced">Texts of the schemas whose types it may name, each after those it needs itself.</param>
    /// <param name="isNew">Whether names and defaults are held to the specification; stored schemas are taken as they are.</param>
    /// <exception cref="AvroSchemaException">The text is no valid schema.</exception>
    public static AvroSchema Parse(string text, IEnumerable<string> referenced, bool isNew)
    {
        var parser = new AvroSchemaParser(isNew) { _rule = isNew ? NameRule.Strict : NameRule.None };
        foreach (var reference in referenced)
        {
            parser.ParseOne(reference);
        }
        parser._rule = isNew ? NameRule.Strict : NameRule.Lenient;
        return parser.ParseOne(text);
    }

    AvroSchema ParseOne(string text)
    {
        var schema = ParseSchema(JsonValue.Parse(text), null);
        return new SchemaResolver(_known, _checkDefaults).Resolve(schema);
    }

    AvroSchema ParseSchema(JsonValue json, string? space)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (json.Kind)
        {
            case JsonKind.Text:
                return Find(json.Text!, space);
            case JsonKind.Array:
                var union = new UnionSchema([.. json.Items.Select(branch => ParseSchema(branch, space))]);
                union.Check();
                return union;
            case JsonKind.Object:
                var type = json.GetText("type") ?? throw new AvroSchemaException("a schema has no \"type\" that is a text");
                return type switch
                {
                    "record" => ParseRecord(json, space, isError: false),
                    "error" => ParseRecord(json, space, isError: true),
                    "enum" => ParseEnum(json, space),
                    "array" => WithProperties(new ArraySchema(ParseRequired(json, "items", space)), json),
                    "map" => WithProperties(new MapSchema(ParseRequired(json, "values", space)), json),
                    "fixed" => ParseFixed(json, space),
                    _ when AvroTypes.TryPrimitive(type, out var primitive) => WithProperties(new PrimitiveSchema(primitive), json),
                    _ => Find(type, space),
                };
            default:
                throw new AvroSchemaException($"a schema must be a text, an object or a list, not {json.Kind}");
        }
    }

    AvroSchema ParseRequired(JsonValue json, string member, string? space) =>
        ParseSchema(json.Get(member) ?? throw new AvroSchemaException($"{json.GetText("type")} without \"{member}\""), space);

    /// <summary>The type of that name: as qualified by the namespace around it, else as written, else to be found at the end.</summary>
    AvroSchema Find(string name, string? space)
    {
        if (AvroTypes.TryPrimitive(name, out var primitive))
        {
            return new PrimitiveSchema(primitive);
        }
        var full = space is not null && !name.Contains('.', StringComparison.Ordinal) ? $"{space}.{name}" : name;
        return _known.GetValueOrDefault(full) ?? _known.GetValueOrDefault(name) ?? new UnresolvedSchema(full, _unresolved++);
    }

    RecordSchema ParseRecord(JsonValue json, string? space, bool isError)
    {
        var name = ParseName(json, space);
        var record = new RecordSchema(name, json.GetText("doc"), isError);
        if (json.Get("fields") is not { IsArray: true } fields)
        {
            throw new AvroSchemaException($"record \"{name.Full}\" has no list of \"fields\"");
        }
        foreach (var field in fields.Items)
        {
            record.Add(ParseField(field, name));
        }
        return Define(record, json, SchemaReserved);
    }

    AvroField ParseField(JsonValue json, AvroName record)
    {
        var name = json.GetText("name") ?? throw new AvroSchemaException($"a field of \"{record.Full}\" has no name");
        AvroName.Check(name, _rule, $"the field name in \"{record.Full}\"");
        var schema = ParseSchema(
            json.Get("type") ?? throw new AvroSchemaException($"field \"{record.Full}.{name}\" has no type"), record.Space);
        var order = json.Get("order") is not { } written ? AvroOrder.Ascending : written.Text?.ToUpperInvariant() switch
        {
            "ASCENDING" => AvroOrder.Ascending,
            "DESCENDING" => AvroOrder.Descending,
            "IGNORE" => AvroOrder.Ignore,
            _ => throw new AvroSchemaException($"the order of field \"{record.Full}.{name}\" is none of ascending, descending and ignore"),
        };
        var fallback = json.Get("default");
        if (fallback is { IsText: true } && schema.Type is AvroType.Float or AvroType.Double)
        {
            fallback = double.TryParse(fallback!.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? JsonValue.FromDouble(number)
                : throw new AvroSchemaException($"the default of field \"{record.Full}.{name}\" is no number");
        }
        if (_checkDefaults && fallback is not null)
        {
            AvroDefaults.Check(record, name, schema, fallback, inProgress: null);
        }
        var field = new AvroField(name, schema, json.GetText("doc"), fallback, order, ParseAliases(json));
        CopyProperties(json, field.Properties, FieldReserved);
        return field;
    }

    EnumSchema ParseEnum(JsonValue json, string? space)
    {
        var name = ParseName(json, space);
        if (json.Get("symbols") is not { IsArray: true } written)
        {
            throw new AvroSchemaException($"enum \"{name.Full}\" has no list of \"symbols\"");
        }
        var symbols = new List<string>();
        foreach (var symbol in written.Items)
        {
            AvroName.Check(symbol.Text, _rule, $"a symbol of enum \"{name.Full}\"");
            var text = symbol.Text ?? throw new AvroSchemaException($"a symbol of enum \"{name.Full}\" is no text");
            if (symbols.Contains(text))
            {
                throw new AvroSchemaException($"symbol \"{text}\" stands twice in enum \"{name.Full}\"");
            }
            symbols.Add(text);
        }
        var fallback = json.GetText("default");
        if (fallback is not null && !symbols.Contains(fallback))
        {
            throw new AvroSchemaException($"the default of enum \"{name.Full}\" is none of its symbols");
        }
        return Define(new EnumSchema(name, json.GetText("doc"), symbols, fallback), json, EnumReserved);
    }

    FixedSchema ParseFixed(JsonValue json, string? space)
    {
        var name = ParseName(json, space);
        // Java's own arrays end five bytes or so below 2^31; Avro refuses sizes above 2^31-9.
        if (json.Get("size") is not { Kind: JsonKind.Integer, Integer: >= 0 and <= int.MaxValue - 8 } size)
        {
            throw new AvroSchemaException($"fixed \"{name.Full}\" has no \"size\" that is a number of bytes");
        }
        return Define(new FixedSchema(name, json.GetText("doc"), (int)size.Integer), json, SchemaReserved);
    }

    AvroName ParseName(JsonValue json, string? space)
    {
        var written = json.GetText("name") ?? throw new AvroSchemaException($"{json.GetText("type")} without a name");
        var name = new AvroName(written, json.GetText("namespace") ?? space);
        AvroName.Check(name.Simple, _rule, "the name of a type");
        if (AvroTypes.TryPrimitive(name.Full, out _))
        {
            throw new AvroSchemaException($"a type may not be named after the primitive \"{name.Full}\"");
        }
        return name;
    }

    T Define<T>(T schema, JsonValue json, HashSet<string> reserved) where T : NamedSchema
    {
        CopyProperties(json, schema.Properties, reserved);
        foreach (var written in ParseAliases(json))
        {
            var alias = new AvroName(written, schema.Name.Space);
            if (_rule == NameRule.Strict)
            {
                AvroName.Check(alias.Simple, _rule, $"an alias of \"{schema.FullName}\"");
            }
            if (!schema.Aliases.Contains(alias))
            {
                schema.Aliases.Add(alias);
            }
        }
        if (_rule == NameRule.Strict)
        {
            AvroName.CheckFull(schema.Name, _rule);
        }
        if (_known.TryGetValue(schema.FullName, out var known) && !SchemaEquality.Same(known, schema))
        {
            throw new AvroSchemaException($"\"{schema.FullName}\" is defined twice, in different words");
        }
        _known.TryAdd(schema.FullName, schema);
        return schema;
    }

    static T WithProperties<T>(T schema, JsonValue json) where T : AvroSchema
    {
        CopyProperties(json, schema.Properties, SchemaReserved);
        return schema;
    }

    static void CopyProperties(JsonValue json, OrderedDictionary<string, JsonValue> properties, HashSet<string> reserved)
    {
        foreach (var (name, value) in json.Members)
        {
            if (!reserved.Contains(name))
            {
                properties[name] = value;
            }
        }
    }

    static List<string> ParseAliases(JsonValue json)
    {
        if (json.Get("aliases") is not { } written)
        {
            return [];
        }
        if (!written.IsArray || written.Items.Any(alias => !alias.IsText))
        {
            throw new AvroSchemaException("\"aliases\" must be a list of texts");
        }
        return [.. written.Items.Select(alias => alias.Text!).Distinct(StringComparer.Ordinal)];
    }
}
