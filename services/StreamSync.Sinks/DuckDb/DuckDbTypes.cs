using DuckDB.NET.Native;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Reads DuckDB's own description of a type.</summary>
static class DuckDbTypes
{
    /// <summary>The type, or null when no mirrored column could have it.</summary>
    public static SqlType? Read(DuckDBLogicalType type)
    {
        switch (LogicalType.DuckDBGetTypeId(type))
        {
            case DuckDBType.Boolean:
                return new ScalarType(ScalarKind.Boolean);
            case DuckDBType.Integer:
                return new ScalarType(ScalarKind.Integer);
            case DuckDBType.BigInt:
                return new ScalarType(ScalarKind.BigInt);
            case DuckDBType.Float:
                return new ScalarType(ScalarKind.Float);
            case DuckDBType.Double:
                return new ScalarType(ScalarKind.Double);
            case DuckDBType.Varchar:
                return ScalarType.VarChar;
            case DuckDBType.Blob:
                return new ScalarType(ScalarKind.Blob);
            case DuckDBType.Date:
                return new ScalarType(ScalarKind.Date);
            case DuckDBType.Time:
                return new ScalarType(ScalarKind.Time);
            case DuckDBType.Timestamp:
                return new ScalarType(ScalarKind.Timestamp);
            case DuckDBType.List:
                return Child(LogicalType.DuckDBListTypeChildType(type)) is { } item ? new ListType(item) : null;
            case DuckDBType.Map:
                return Child(LogicalType.DuckDBMapTypeKeyType(type)) == ScalarType.VarChar && Child(LogicalType.DuckDBMapTypeValueType(type)) is { } value
                    ? new MapType(value)
                    : null;
            case DuckDBType.Struct:
                return Struct(type);
            default:
                return null;
        }
    }

    static StructType? Struct(DuckDBLogicalType type)
    {
        var fields = new List<StructField>();
        for (var i = 0; i < LogicalType.DuckDBStructTypeChildCount(type); i++)
        {
            if (Child(LogicalType.DuckDBStructTypeChildType(type, i)) is not { } field)
            {
                return null;
            }

            fields.Add(new StructField(LogicalType.DuckDBStructTypeChildName(type, i), field));
        }

        return new StructType(fields);
    }

    static SqlType? Child(DuckDBLogicalType type)
    {
        using (type)
        {
            return Read(type);
        }
    }
}
