namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// Puts the types in the place of the names that were used before they were defined, then looks at everything again that could
/// not be judged without them: branches of unions, and defaults.
/// </summary>
sealed class SchemaResolver(OrderedDictionary<string, AvroSchema> known, bool checkDefaults)
{
    /// <summary>Types that name each other in a long chain nest here without nesting in the text.</summary>
    const int MostLevels = 1000;

    readonly HashSet<AvroSchema> _visited = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<RecordSchema> _inProgress = new(ReferenceEqualityComparer.Instance);
    int _level;

    /// <exception cref="AvroSchemaException">A name is defined nowhere, or what it stands for does not fit its place.</exception>
    public AvroSchema Resolve(AvroSchema main)
    {
        foreach (var schema in known.Values)
        {
            Visit(schema);
        }
        return Visit(main);
    }

    AvroSchema Visit(AvroSchema schema)
    {
        if (schema is UnresolvedSchema unresolved)
        {
            return Visit(known.GetValueOrDefault(unresolved.Wanted)
                ?? throw new AvroSchemaException($"the type \"{unresolved.Wanted}\" is defined nowhere"));
        }
        if (!_visited.Add(schema))
        {
            return schema;
        }
        if (++_level > MostLevels)
        {
            throw new AvroSchemaException($"types are nested more than {MostLevels} levels deep");
        }
        switch (schema)
        {
            case ArraySchema array:
                array.Items = Visit(array.Items);
                break;
            case MapSchema map:
                map.Values = Visit(map.Values);
                break;
            case UnionSchema union:
                for (var i = 0; i < union.Branches.Count; i++)
                {
                    union.Branches[i] = Visit(union.Branches[i]);
                }
                union.Check();
                break;
            case RecordSchema record:
                VisitFields(record);
                break;
        }
        _level--;
        return schema;
    }

    void VisitFields(RecordSchema record)
    {
        _inProgress.Add(record);
        foreach (var field in record.Fields)
        {
            field.Schema = Visit(field.Schema);
        }
        if (checkDefaults)
        {
            foreach (var field in record.Fields.Where(field => field.Default is not null))
            {
                AvroDefaults.Check(record.Name, field.Name, field.Schema, field.Default!, _inProgress);
            }
        }
        _inProgress.Remove(record);
    }
}
