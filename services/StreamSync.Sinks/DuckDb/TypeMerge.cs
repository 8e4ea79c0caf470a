namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// What a column becomes when a schema brings another type for it: the narrowest type that holds the old values and the
/// new ones exactly, or a refusal. Nothing here may lose a digit.
/// </summary>
static class TypeMerge
{
    /// <summary>The type that holds both.</summary>
    /// <param name="have">The column's type in the table.</param>
    /// <param name="incoming">The type that the schema asks for.</param>
    /// <returns>The common type, or null when values would be lost.</returns>
    public static SqlType? Of(SqlType have, SqlType incoming) => (have, incoming) switch
    {
        _ when have == incoming => have,
        (ScalarType a, ScalarType b) => Scalars(a.Kind, b.Kind) is { } kind ? new ScalarType(kind) : null,
        (ListType a, ListType b) => Of(a.Item, b.Item) is { } item ? new ListType(item) : null,
        (MapType a, MapType b) => Of(a.Value, b.Value) is { } value ? new MapType(value) : null,
        (StructType a, StructType b) => Structs(a, b),
        _ => null,
    };

    static ScalarKind? Scalars(ScalarKind a, ScalarKind b) => a <= b ? Ordered(a, b) : Ordered(b, a);

    static ScalarKind? Ordered(ScalarKind low, ScalarKind high) => (low, high) switch
    {
        (ScalarKind.Integer, ScalarKind.BigInt) => ScalarKind.BigInt,
        // A 32-bit integer is exact in a double but not in a float; a 64-bit one in neither.
        (ScalarKind.Integer, ScalarKind.Float or ScalarKind.Double) => ScalarKind.Double,
        (ScalarKind.Float, ScalarKind.Double) => ScalarKind.Double,
        (ScalarKind.Boolean or ScalarKind.Integer or ScalarKind.BigInt or ScalarKind.Float or ScalarKind.Double, ScalarKind.VarChar) => ScalarKind.VarChar,
        _ => null,
    };

    static StructType? Structs(StructType have, StructType incoming)
    {
        var fields = have.Fields.ToList();
        foreach (var field in incoming.Fields)
        {
            var index = have.IndexOf(field.Name);
            if (index < 0)
            {
                fields.Add(field);
            }
            else if (Of(have.Fields[index].Type, field.Type) is { } merged)
            {
                fields[index] = have.Fields[index] with { Type = merged };
            }
            else
            {
                return null;
            }
        }

        return new StructType(fields);
    }
}
