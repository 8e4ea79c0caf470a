using DuckDB.NET.Data;
using DuckDB.NET.Native;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb;

/// <summary>A column as it is in the file.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type, or null when it is none that a mirrored table has.</param>
/// <param name="Logical">DuckDB's handle of the type.</param>
/// <param name="Comment">Comment, or null.</param>
sealed record TableColumn(string Name, SqlType? Type, DuckDBLogicalType Logical, string? Comment);

/// <summary>The columns of a table as they are in the file, in order; none when there is no such table.</summary>
sealed class TableColumns : IDisposable
{
    readonly Dictionary<string, TableColumn> _byName = new(StringComparer.OrdinalIgnoreCase);
    readonly List<TableColumn> _columns = [];

    public IReadOnlyList<TableColumn> All => _columns;

    public TableColumn? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a table's columns.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="table">Table name.</param>
    /// <param name="comments">What <see cref="Comments"/> gave, at least of this table.</param>
    public static TableColumns Read(DuckDBConnection connection, string table, ILookup<string, (string Column, string? Comment)> comments)
    {
        var columns = new TableColumns();
        if (comments.Contains(table))
        {
            columns.ReadTypes(connection, table, comments[table].ToDictionary(c => c.Column, c => c.Comment, StringComparer.OrdinalIgnoreCase));
        }

        return columns;
    }

    /// <summary>Names and comments of the columns of every table, by table: DuckDB goes through all of them in any case.</summary>
    public static ILookup<string, (string Column, string? Comment)> Comments(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal";
        using var reader = command.ExecuteReader();
        var rows = new List<(string Table, string Column, string? Comment)>();
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        }

        return rows.ToLookup(r => r.Table, r => (r.Column, r.Comment), StringComparer.OrdinalIgnoreCase);
    }

    public void Dispose()
    {
        foreach (var column in _columns)
        {
            column.Logical.Dispose();
        }
    }

    void ReadTypes(DuckDBConnection connection, string table, Dictionary<string, string?> comments)
    {
        var state = Query.DuckDBQuery(connection.NativeConnection, $"SELECT * FROM {SqlType.Quote(table)} LIMIT 0", out var result);
        try
        {
            if (state != DuckDBState.Success)
            {
                throw new WarehouseWriteException($"the columns of {table} can't be read: {DuckDbErrors.FirstLine(Query.DuckDBResultError(ref result))}");
            }

            for (var i = 0L; i < (long)Query.DuckDBColumnCount(ref result); i++)
            {
                var name = Query.DuckDBColumnName(ref result, i);
                var logical = Query.DuckDBColumnLogicalType(ref result, i);
                var column = new TableColumn(name, DuckDbTypes.Read(logical), logical, comments.GetValueOrDefault(name));
                _columns.Add(column);
                _byName.Add(name, column);
            }
        }
        finally
        {
            Query.DuckDBDestroyResult(ref result);
        }
    }
}
