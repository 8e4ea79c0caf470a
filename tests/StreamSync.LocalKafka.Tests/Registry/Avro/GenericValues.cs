using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Avro;
using Avro.Generic;
using Avro.Util;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

/// <summary>Between Avro's JSON encoding, in which the vectors give values, and the generic values of Apache.Avro for .NET.</summary>
static class GenericValues
{
    public static object? FromJson(Schema schema, JsonElement json)
    {
        switch (schema)
        {
            case LogicalSchema logical:
                var inner = FromJson(logical.BaseSchema, json);
                return logical.LogicalType.ConvertToLogicalValue(inner, logical);
            case UnionSchema union:
                if (json.ValueKind == JsonValueKind.Null)
                {
                    return null;
                }
                var branch = json.EnumerateObject().Single();
                return FromJson(union.Schemas.Single(one => NameOf(one) == branch.Name), branch.Value);
            case RecordSchema record:
                var filled = new GenericRecord(record);
                foreach (var field in record.Fields)
                {
                    filled.Add(field.Name, FromJson(field.Schema, json.GetProperty(field.Name)));
                }
                return filled;
            case EnumSchema symbols:
                return new GenericEnum(symbols, json.GetString());
            case FixedSchema bytes:
                return new GenericFixed(bytes, Encoding.Latin1.GetBytes(json.GetString()!));
            case ArraySchema array:
                return json.EnumerateArray().Select(item => FromJson(array.ItemSchema, item)).ToArray();
            case MapSchema map:
                return json.EnumerateObject().ToDictionary(member => member.Name, member => FromJson(map.ValueSchema, member.Value));
            default:
                return schema.Tag switch
                {
                    Schema.Type.Null => null,
                    Schema.Type.Boolean => json.GetBoolean(),
                    Schema.Type.Int => json.GetInt32(),
                    Schema.Type.Long => json.GetInt64(),
                    Schema.Type.Float => json.GetSingle(),
                    Schema.Type.Double => json.GetDouble(),
                    Schema.Type.Bytes => Encoding.Latin1.GetBytes(json.GetString()!),
                    Schema.Type.String => json.GetString(),
                    _ => throw new NotSupportedException(schema.Name),
                };
        }
    }

    public static JsonNode? ToJson(Schema schema, object? value)
    {
        switch (schema)
        {
            case LogicalSchema logical:
                return ToJson(logical.BaseSchema, logical.LogicalType.ConvertToBaseValue(value, logical));
            case UnionSchema union:
                if (value is null)
                {
                    return null;
                }
                var branch = union.Schemas.First(one => Holds(one, value));
                return new JsonObject { [NameOf(branch)] = ToJson(branch, value) };
            case RecordSchema record:
                return new JsonObject(record.Fields.Select(field =>
                    KeyValuePair.Create(field.Name, ToJson(field.Schema, ((GenericRecord)value!)[field.Name]))));
            case ArraySchema array:
                return new JsonArray([.. ((IEnumerable<object?>)value!).Select(item => ToJson(array.ItemSchema, item))]);
            case MapSchema map:
                return new JsonObject(((IDictionary<string, object?>)value!).Select(pair => KeyValuePair.Create(pair.Key, ToJson(map.ValueSchema, pair.Value))));
            default:
                return value switch
                {
                    null => null,
                    bool truth => truth,
                    int number => number,
                    long number => number,
                    float number => number,
                    double number => number,
                    string text => text,
                    byte[] bytes => Encoding.Latin1.GetString(bytes),
                    GenericFixed bytes => Encoding.Latin1.GetString(bytes.Value),
                    GenericEnum symbol => symbol.Value,
                    _ => throw new NotSupportedException(value.GetType().Name),
                };
        }
    }

    static string NameOf(Schema schema) => schema is NamedSchema named ? named.Fullname : schema is LogicalSchema logical ? NameOf(logical.BaseSchema) : schema.Name;

    static bool Holds(Schema schema, object value) => schema switch
    {
        LogicalSchema logical => logical.LogicalType.IsInstanceOfLogicalType(value),
        NamedSchema named => value switch
        {
            GenericRecord record => record.Schema.Fullname == named.Fullname,
            GenericEnum symbol => symbol.Schema.Fullname == named.Fullname,
            GenericFixed bytes => bytes.Schema.Fullname == named.Fullname,
            _ => false,
        },
        ArraySchema => value is Array,
        MapSchema => value is IDictionary<string, object>,
        _ => schema.Tag switch
        {
            Schema.Type.Boolean => value is bool,
            Schema.Type.Int => value is int,
            Schema.Type.Long => value is long,
            Schema.Type.Float => value is float,
            Schema.Type.Double => value is double,
            Schema.Type.Bytes => value is byte[],
            Schema.Type.String => value is string,
            _ => false,
        },
    };
}
