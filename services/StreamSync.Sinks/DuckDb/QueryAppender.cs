using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using static DuckDB.NET.Native.NativeMethods;
using DuckDBAppender = DuckDB.NET.Native.DuckDBAppender;

namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// Rows that a statement takes as the table <c>appended_data</c> when they are flushed: DuckDB's query appender, which
/// needs no staging table. It works inside the connection's open transaction.
/// </summary>
sealed partial class QueryAppender : IDisposable
{
    readonly DuckDBAppender _appender;
    readonly nint[] _types;
    readonly string _what;

    QueryAppender(DuckDBAppender appender, nint[] types, string what)
    {
        _appender = appender;
        _types = types;
        _what = what;
    }

    /// <summary>Prepares a statement that reads <c>appended_data</c>.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="columns">Names of the columns of <c>appended_data</c>.</param>
    /// <param name="types">Their types; must live as long as the appender.</param>
    /// <param name="what">What it writes, for errors.</param>
    public static unsafe QueryAppender Create(
        DuckDBConnection connection, string statement, IReadOnlyList<string> columns, IReadOnlyList<DuckDBLogicalType> types, string what)
    {
        var names = columns.Select(Marshal.StringToCoTaskMemUTF8).ToArray();
        var handles = types.Select(t => t.DangerousGetHandle()).ToArray();
        try
        {
            fixed (nint* namePointers = names)
            fixed (nint* typePointers = handles)
            {
                var state = Native.AppenderCreateQuery(connection.NativeConnection, statement, (ulong)columns.Count, typePointers, null, namePointers, out var appender);
                var created = new QueryAppender(appender, handles, what);
                if (state != DuckDBState.Success)
                {
                    using (created)
                    {
                        throw created.Error();
                    }
                }

                return created;
            }
        }
        finally
        {
            foreach (var name in names)
            {
                Marshal.FreeCoTaskMem(name);
            }
        }
    }

    /// <summary>A chunk of <c>duckdb_vector_size</c> rows with the appender's columns.</summary>
    public DuckDBDataChunk CreateChunk() => DataChunks.DuckDBCreateDataChunk(_types, (ulong)_types.Length);

    /// <summary>Copies a chunk's rows.</summary>
    public void Append(DuckDBDataChunk chunk, int rows)
    {
        DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)rows);
        Check(Appender.DuckDBAppendDataChunk(_appender, chunk));
    }

    /// <summary>Runs the statement on the rows appended since the last flush.</summary>
    public void Flush() => Check(Appender.DuckDBAppenderFlush(_appender));

    public void Dispose() => _appender.Dispose();

    void Check(DuckDBState state)
    {
        if (state != DuckDBState.Success)
        {
            throw Error();
        }
    }

    WarehouseWriteException Error()
    {
        using var error = Appender.DuckDBAppenderErrorData(_appender);
        return new WarehouseWriteException($"DuckDB refused rows for {_what}: {DuckDbErrors.WithoutValues(ErrorData.DuckDBErrorDataErrorType(error), error.Message)}");
    }

    static partial class Native
    {
        [LibraryImport("duckdb", EntryPoint = "duckdb_appender_create_query", StringMarshalling = StringMarshalling.Utf8)]
        public static unsafe partial DuckDBState AppenderCreateQuery(
            DuckDBNativeConnection connection, string query, ulong columnCount, nint* types, string? tableName, nint* columnNames, out DuckDBAppender appender);
    }
}
