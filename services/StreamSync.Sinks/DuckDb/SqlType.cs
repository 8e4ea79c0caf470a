namespace StreamSync.Sinks.DuckDb;

/// <summary>Scalar types that a mirrored table uses.</summary>
enum ScalarKind
{
    Boolean,
    Integer,
    BigInt,
    Float,
    Double,
    VarChar,
    Blob,
    Date,
    Time,
    Timestamp,
}

/// <summary>A column type of DuckDB, as far as mirrored tables use them.</summary>
abstract record SqlType
{
    /// <summary>The type in DuckDB's own words.</summary>
    public abstract string Sql { get; }

    /// <summary>Quotes an identifier.</summary>
    public static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>Quotes a text literal.</summary>
    public static string Literal(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    public sealed override string ToString() => Sql;
}

sealed record ScalarType(ScalarKind Kind) : SqlType
{
    public static readonly ScalarType VarChar = new(ScalarKind.VarChar);

    public override string Sql => Kind.ToString().ToUpperInvariant();
}

sealed record ListType(SqlType Item) : SqlType
{
    public override string Sql => Item.Sql + "[]";
}

/// <summary>Avro maps have text keys.</summary>
sealed record MapType(SqlType Value) : SqlType
{
    public override string Sql => $"MAP(VARCHAR, {Value.Sql})";
}

sealed record StructType(IReadOnlyList<StructField> Fields) : SqlType
{
    public override string Sql => $"STRUCT({string.Join(", ", Fields.Select(f => $"{Quote(f.Name)} {f.Type.Sql}"))})";

    public bool Equals(StructType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    public override int GetHashCode() => Fields.Aggregate(0, (hash, field) => HashCode.Combine(hash, field));

    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Count; i++)
        {
            if (string.Equals(Fields[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}

sealed record StructField(string Name, SqlType Type);
