using Avro.Generic;
using Newtonsoft.Json.Linq;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Vendor values as JSON and back; a blank text is null, as everywhere in mappings.</summary>
static class AvroJson
{
    public static JToken Of(object? value) => value switch
    {
        null => JValue.CreateNull(),
        string text => string.IsNullOrWhiteSpace(text) ? JValue.CreateNull() : new JValue(text),
        bool flag => new JValue(flag),
        int number => new JValue(number),
        long number => new JValue(number),
        float number => new JValue(number),
        double number => new JValue(number),
        DateTime time => new JValue(Texts.Iso(time)),
        GenericRecord record => OfRecord(record),
        IDictionary<string, object> map => new JObject(map.Select(e => new JProperty(e.Key, Of(e.Value)))),
        System.Collections.IEnumerable list => new JArray(list.Cast<object?>().Select(Of)),
        _ => new JValue(Texts.Of(value)),
    };

    /// <summary>JSON as the values that mappings know.</summary>
    public static object? Value(JToken? token) => token switch
    {
        null => null,
        JObject map => map.Properties().ToDictionary(p => p.Name, p => Value(p.Value)!),
        JArray list => list.Select(Value).ToList(),
        JValue { Value: string text } => string.IsNullOrWhiteSpace(text) ? null : text,
        JValue { Value: DateTime time } => Texts.Iso(time),
        JValue single => single.Value,
        _ => token.ToString(),
    };

    static JObject OfRecord(GenericRecord record)
    {
        var json = new JObject();
        foreach (var field in record.Schema.Fields)
        {
            json.Add(field.Name, Of(record.GetValue(field.Pos)));
        }

        return json;
    }
}
