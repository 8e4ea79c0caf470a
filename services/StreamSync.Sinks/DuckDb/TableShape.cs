using Avro;

namespace StreamSync.Sinks.DuckDb;

/// <summary>A column as a schema asks for it.</summary>
/// <param name="Name">Column name.</param>
/// <param name="Type">Column type.</param>
/// <param name="Comment">The schema's documentation of the field, or null.</param>
sealed record Column(string Name, SqlType Type, string? Comment);

/// <summary>
/// The table that a record schema asks for. Single nested records become columns with the field's name before theirs
/// (<c>canvasser_name</c>; a name that already starts so is left, <c>canvasser_id</c>); arrays and maps stay DuckDB lists,
/// structs and maps, which analysts unnest.
/// </summary>
sealed class TableShape
{
    /// <summary>Columns that say where a row came from; no field may carry their names.</summary>
    public static readonly IReadOnlyList<Column> Provenance =
    [
        new("_partition", new ScalarType(ScalarKind.Integer), "Partition of the topic from which the row was read."),
        new("_offset", new ScalarType(ScalarKind.BigInt), "Offset of the record in its partition; negative when the topic was re-created and has not brought the row again."),
        new("_published_at", new ScalarType(ScalarKind.Timestamp), "When the record was written to the topic (UTC)."),
        new("_loaded_at", new ScalarType(ScalarKind.Timestamp), "When the row was written to this table (UTC)."),
    ];

    TableShape(string key, IReadOnlyList<Column> columns)
    {
        Key = key;
        Columns = columns;
    }

    /// <summary>Name of the primary key: the first field, which every topic of the catalogue keys its records by.</summary>
    public string Key { get; }

    /// <summary>The columns of the schema, without <see cref="Provenance"/>.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Derives the table of a record schema.</summary>
    /// <exception cref="SchemaNotMirroredException">The schema has no table; the message names field and remedy.</exception>
    public static TableShape Of(Schema schema)
    {
        if (schema is not RecordSchema record || record.Fields.Count == 0)
        {
            throw new SchemaNotMirroredException($"a table needs a record schema with fields, this one is {schema.Tag}");
        }

        var first = record.Fields[0];
        if (first.Schema.Tag != Schema.Type.String)
        {
            throw new SchemaNotMirroredException($"the first field, {first.Name}, is the table's key and must be a string that is never null");
        }

        var columns = new List<Column>();
        Flatten(record, prefix: string.Empty, columns);
        var names = new HashSet<string>(Provenance.Select(c => c.Name), StringComparer.OrdinalIgnoreCase);
        return columns.Find(c => !names.Add(c.Name)) is { } twice
            ? throw new SchemaNotMirroredException($"two fields give the column {twice.Name}; rename one of them in the schema")
            : new TableShape(first.Name, columns);
    }

    /// <summary>The column of a field inside a flattened record.</summary>
    public static string ColumnName(string prefix, string field) =>
        prefix.Length == 0 || field.StartsWith(prefix + "_", StringComparison.OrdinalIgnoreCase) ? field : prefix + "_" + field;

    /// <summary>The schema of a field's values, without the null branch.</summary>
    /// <param name="schema">The field's schema.</param>
    /// <param name="field">The field, for the error.</param>
    /// <exception cref="SchemaNotMirroredException">A union of several types.</exception>
    public static Schema WithoutNull(Schema schema, string field)
    {
        if (schema is not UnionSchema union)
        {
            return schema;
        }

        var branches = union.Schemas.Where(s => s.Tag != Schema.Type.Null).ToList();
        return branches.Count == 1
            ? branches[0]
            : throw new SchemaNotMirroredException($"the field {field} is a union of {branches.Count} types; a column has one type and null");
    }

    static void Flatten(RecordSchema record, string prefix, List<Column> columns, int depth = 0)
    {
        if (depth > 8)
        {
            throw new SchemaNotMirroredException($"the record {record.Name} nests more than eight records deep, or contains itself");
        }

        foreach (var field in record.Fields)
        {
            var name = ColumnName(prefix, field.Name);
            var schema = WithoutNull(field.Schema, field.Name);
            if (schema is RecordSchema nested)
            {
                Flatten(nested, name, columns, depth + 1);
            }
            else
            {
                columns.Add(new Column(name, TypeOf(schema, field.Name, depth: 0), field.Documentation));
            }
        }
    }

    static SqlType TypeOf(Schema schema, string field, int depth)
    {
        if (depth > 8)
        {
            throw new SchemaNotMirroredException($"the field {field} nests more than eight types deep, or contains itself");
        }

        return schema switch
        {
            UnionSchema => TypeOf(WithoutNull(schema, field), field, depth),
            LogicalSchema logical => new ScalarType(LogicalKind(logical, field)),
            ArraySchema array => new ListType(TypeOf(array.ItemSchema, field, depth + 1)),
            MapSchema map => new MapType(TypeOf(map.ValueSchema, field, depth + 1)),
            RecordSchema { Fields.Count: > 0 } record =>
                new StructType([.. record.Fields.Select(f => new StructField(f.Name, TypeOf(f.Schema, f.Name, depth + 1)))]),
            _ => new ScalarType(PrimitiveKind(schema.Tag, field)),
        };
    }

    static ScalarKind PrimitiveKind(Schema.Type type, string field) => type switch
    {
        Schema.Type.Boolean => ScalarKind.Boolean,
        Schema.Type.Int => ScalarKind.Integer,
        Schema.Type.Long => ScalarKind.BigInt,
        Schema.Type.Float => ScalarKind.Float,
        Schema.Type.Double => ScalarKind.Double,
        Schema.Type.String or Schema.Type.Enumeration => ScalarKind.VarChar,
        Schema.Type.Bytes or Schema.Type.Fixed => ScalarKind.Blob,
        _ => throw new SchemaNotMirroredException($"the field {field} has the type {type}, for which there is no column type"),
    };

    static ScalarKind LogicalKind(LogicalSchema schema, string field) => schema.LogicalTypeName switch
    {
        "timestamp-millis" or "timestamp-micros" or "local-timestamp-millis" or "local-timestamp-micros" => ScalarKind.Timestamp,
        "date" => ScalarKind.Date,
        "time-millis" or "time-micros" => ScalarKind.Time,
        "uuid" when schema.BaseSchema.Tag == Schema.Type.String => ScalarKind.VarChar,
        var other => throw new SchemaNotMirroredException($"the field {field} has the logical type {other}, for which there is no column type"),
    };
}

/// <summary>A schema that no table can mirror.</summary>
sealed class SchemaNotMirroredException : Exception
{
    public SchemaNotMirroredException()
    {
    }

    public SchemaNotMirroredException(string message)
        : base(message)
    {
    }

    public SchemaNotMirroredException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
