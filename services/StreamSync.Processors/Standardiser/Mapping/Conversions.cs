using System.Collections;
using System.Globalization;
using Avro;
using Avro.Generic;
using Newtonsoft.Json.Linq;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Turns values into what a field of the data standard takes; what does not fit is a problem of the record, named without its value.</summary>
static class Conversions
{
    static readonly TimeRule Typed = new(0, null, "explicit", false);

    /// <summary>The conversion for a field's schema; null for arrays of records and records, which have parts of their own.</summary>
    public static Value? For(Schema schema, Value value, string field)
    {
        var inner = FieldPath.NonNull(schema);
        return inner switch
        {
            LogicalSchema => Time(value, Typed, field),
            PrimitiveSchema { Tag: Schema.Type.String } => scope => Text(value(scope), scope, field),
            PrimitiveSchema { Tag: Schema.Type.Boolean } => scope => Boolean(value(scope), scope, field),
            PrimitiveSchema { Tag: Schema.Type.Long } => scope => Long(value(scope), scope, field),
            ArraySchema { ItemSchema: PrimitiveSchema { Tag: Schema.Type.String } } => scope => TextList(value(scope), scope, field),
            MapSchema => scope => TextMap(value(scope), scope, field),
            _ => null,
        };
    }

    /// <summary>A time that a rule reads.</summary>
    public static Value Time(Value value, TimeRule rule, string field) => scope => rule.Read(value(scope), scope, field)?.Instant;

    static object? Text(object? value, MappingScope scope, string field) =>
        Texts.Of(value) ?? (value is null or string ? null : scope.Fail($"'{field}' takes a single value, and is a list, a map or a record"));

    static object? Boolean(object? value, MappingScope scope, string field) => value switch
    {
        null => null,
        bool => value,
        _ => Texts.Of(value)?.Trim().ToLowerInvariant() switch
        {
            null => null,
            "true" or "t" or "1" or "yes" or "y" => true,
            "false" or "f" or "0" or "no" or "n" => false,
            _ => scope.Fail($"'{field}' is neither true nor false"),
        },
    };

    static object? Long(object? value, MappingScope scope, string field)
    {
        switch (value)
        {
            case null:
                return null;
            case long:
                return value;
            case int number:
                return (long)number;
            default:
                var text = Texts.Of(value);
                return decimal.TryParse(text, NumberStyles.Number & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var exact) && exact == decimal.Truncate(exact) && exact is >= long.MinValue and <= long.MaxValue
                    ? (long)exact
                    : scope.Fail($"'{field}' is no whole number");
        }
    }

    static List<string> TextList(object? value, MappingScope scope, string field)
    {
        var texts = new List<string>();
        if (value is IList list)
        {
            foreach (var item in list)
            {
                if (Text(item, scope, field) is string text)
                {
                    texts.Add(text);
                }
            }
        }
        else if (Text(value, scope, field) is string single)
        {
            texts.Add(single);
        }

        return texts;
    }

    static Dictionary<string, string> TextMap(object? value, MappingScope scope, string field)
    {
        var map = new Dictionary<string, string>();
        switch (value)
        {
            case null:
                break;
            case GenericRecord record:
                foreach (var one in record.Schema.Fields)
                {
                    Add(one.Name, record.GetValue(one.Pos));
                }

                break;
            case IDictionary<string, object> entries:
                foreach (var (name, item) in entries)
                {
                    Add(name, item);
                }

                break;
            case string json when TryObject(json) is { } parsed:
                foreach (var property in parsed.Properties())
                {
                    Add(property.Name, AvroJson.Value(property.Value));
                }

                break;
            default:
                scope.Fail($"'{field}' takes names with values, and is something else");
                break;
        }

        return map;

        void Add(string name, object? item)
        {
            var text = Texts.Of(item) ?? (item is null or string ? null : AvroJson.Of(item).ToString(Newtonsoft.Json.Formatting.None));
            if (text is not null)
            {
                map[name] = text;
            }
        }
    }

    static JObject? TryObject(string json)
    {
        try
        {
            // Dates stay the texts that they are.
            return Newtonsoft.Json.JsonConvert.DeserializeObject<JToken>(json, new Newtonsoft.Json.JsonSerializerSettings { DateParseHandling = Newtonsoft.Json.DateParseHandling.None }) as JObject;
        }
        catch (Newtonsoft.Json.JsonException)
        {
            return null;
        }
    }
}
