namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>The names that a reader's schema gives to what a writer's schema calls otherwise.</summary>
sealed class ReaderAliases
{
    readonly Dictionary<AvroName, AvroName> _types = [];
    readonly Dictionary<AvroName, Dictionary<string, string>> _fields = [];
    readonly HashSet<AvroSchema> _seen = new(ReferenceEqualityComparer.Instance);

    public ReaderAliases(AvroSchema reader) => Collect(reader);

    public AvroName NameOf(NamedSchema writer) => _types.GetValueOrDefault(writer.Name, writer.Name);

    /// <summary>The field's name in the reader's record. Aliases of fields hold only within records of one name.</summary>
    public string FieldOf(RecordSchema writer, AvroField field) =>
        _fields.TryGetValue(NameOf(writer), out var names) ? names.GetValueOrDefault(field.Name, field.Name) : field.Name;

    void Collect(AvroSchema schema)
    {
        if (!_seen.Add(schema))
        {
            return;
        }
        foreach (var alias in (schema as NamedSchema)?.Aliases ?? [])
        {
            _types[alias] = ((NamedSchema)schema).Name;
        }
        switch (schema)
        {
            case ArraySchema array:
                Collect(array.Items);
                break;
            case MapSchema map:
                Collect(map.Values);
                break;
            case UnionSchema union:
                union.Branches.ForEach(Collect);
                break;
            case RecordSchema record:
                foreach (var field in record.Fields)
                {
                    foreach (var alias in field.Aliases)
                    {
                        if (!_fields.TryGetValue(record.Name, out var names))
                        {
                            _fields[record.Name] = names = new(StringComparer.Ordinal);
                        }
                        names[alias] = field.Name;
                    }
                    Collect(field.Schema);
                }
                break;
        }
    }
}
