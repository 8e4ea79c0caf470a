using Avro;

namespace StreamSync.Sinks.DuckDb.Filling;

/// <summary>Builds the steps of a <see cref="RowProgram"/>.</summary>
sealed class RowCompiler(IReadOnlyDictionary<string, VectorNode> columns)
{
    /// <summary>Columns that the writer schema fills.</summary>
    public HashSet<string> Used { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The fields of a record, each into the column that <see cref="TableShape"/> gives it.</summary>
    public Step Columns(RecordSchema record, string prefix) =>
        new SequenceStep([.. record.Fields.Select(field => Column(field, TableShape.ColumnName(prefix, field.Name)))]);

    Step Column(Field field, string name)
    {
        if (TableShape.WithoutNull(field.Schema, field.Name) is RecordSchema nested)
        {
            return Nullable(field.Schema, _ => Columns(nested, name));
        }

        Used.Add(name);
        return Value(field.Schema, columns[name]);
    }

    static Step Value(Schema schema, VectorNode target) => Nullable(schema, s => NotNull(s, target), target);

    static Step NotNull(Schema schema, VectorNode target)
    {
        switch (schema)
        {
            case LogicalSchema logical:
                return new ScalarStep(logical.BaseSchema.Tag, Factor(logical), (ScalarVector)target);
            case FixedSchema fixedSize:
                return new FixedStep(fixedSize.Size, (ScalarVector)target);
            case EnumSchema symbols:
                return new EnumStep(symbols, (ScalarVector)target);
            case ArraySchema array:
                var list = (ListVector)target;
                return new ListStep(list, Value(array.ItemSchema, list.Child));
            case MapSchema map:
                var entries = (ListVector)target;
                var entry = (StructVector)entries.Child;
                return new MapStep(entries, entry, Value(map.ValueSchema, entry.Children[1]));
            case RecordSchema record:
                return Struct(record, (StructVector)target);
            default:
                return new ScalarStep(schema.Tag, factor: 1, (ScalarVector)target);
        }
    }

    static StructStep Struct(RecordSchema record, StructVector target)
    {
        var filled = record.Fields.Select(field => target.Type.IndexOf(field.Name)).ToList();
        var steps = record.Fields.Select((field, i) => Value(field.Schema, target.Children[filled[i]]));
        return new StructStep(target, new SequenceStep([.. steps]), [.. target.Children.Where((_, i) => !filled.Contains(i))]);
    }

    static Step Nullable(Schema schema, Func<Schema, Step> notNull, VectorNode? target = null)
    {
        if (schema is not UnionSchema union)
        {
            return notNull(schema);
        }

        var value = notNull(union.Schemas.Single(s => s.Tag != Schema.Type.Null));
        return new UnionStep([.. union.Schemas.Select(s => s.Tag == Schema.Type.Null ? null : value)], value, target);
    }

    /// <summary>Microseconds are what DuckDB keeps; a date is in days in both.</summary>
    static int Factor(LogicalSchema schema) => schema.LogicalTypeName.EndsWith("-millis", StringComparison.Ordinal) ? 1000 : 1;
}
