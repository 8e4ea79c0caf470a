namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// The logical types of the specification and what each may stand on. One that is unknown or does not fit is kept as a property
/// and otherwise ignored; none plays a part in compatibility.
/// </summary>
static class LogicalTypes
{
    public const string Decimal = "decimal";

    /// <summary>The name of the schema's logical type, or null where it has none that holds.</summary>
    public static string? NameOf(AvroSchema schema)
    {
        var name = schema.Properties.GetValueOrDefault("logicalType")?.Text;
        var holds = name switch
        {
            Decimal => IsDecimal(schema),
            "big-decimal" => schema.Type == AvroType.Bytes,
            "duration" => schema is FixedSchema { Size: 12 },
            "uuid" => schema is { Type: AvroType.String } or FixedSchema { Size: 16 },
            "date" or "time-millis" => schema.Type == AvroType.Int,
            "time-micros" or "timestamp-millis" or "timestamp-micros" or "timestamp-nanos" or "local-timestamp-millis"
                or "local-timestamp-micros" or "local-timestamp-nanos" => schema.Type == AvroType.Long,
            _ => false,
        };
        return holds ? name : null;
    }

    static bool IsDecimal(AvroSchema schema)
    {
        var most = schema switch
        {
            FixedSchema bytes => (long)Math.Floor(Math.Log10(2) * ((8L * bytes.Size) - 1)),
            { Type: AvroType.Bytes } => int.MaxValue,
            _ => 0,
        };
        return schema.Properties.GetValueOrDefault("precision") is { Kind: JsonKind.Integer } precision
            && precision.Integer > 0 && precision.Integer <= most
            && (!schema.Properties.TryGetValue("scale", out var scale)
                || (scale.Kind == JsonKind.Integer && scale.Integer >= 0 && scale.Integer <= precision.Integer));
    }
}
