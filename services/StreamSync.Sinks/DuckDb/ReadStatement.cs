using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using StreamSync.Contracts;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// One statement that only reads. DuckDB itself says what kind a statement is, and runs it in a read-only transaction; files
/// and settings are out of its reach because of how the file was opened.
/// </summary>
sealed partial class ReadStatement(string sql, int maxRows)
{
    /// <summary>Values that one answer may hold, whatever rows are asked for: it is held in memory beside everything else.</summary>
    const long MaxValues = 5_000_000;

    /// <summary>Runs the statement.</summary>
    /// <exception cref="WarehouseQueryException">It is wrong, or does more than read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public QueryResult Run(DuckDBConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            RequireOneRead(connection);
            DuckDbDatabase.Execute(connection, "BEGIN TRANSACTION READ ONLY");
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var interrupt = new Interrupter(connection, cancellationToken);
            using var reader = command.ExecuteReader();
            return Read(reader, cancellationToken);
        }
        catch (DuckDBException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WarehouseQueryException(error.Message.Trim(), error);
        }
        catch (DuckDBException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    QueryResult Read(DuckDBDataReader reader, CancellationToken cancellationToken)
    {
        var columns = Enumerable.Range(0, reader.FieldCount).ToList();
        var rows = new List<IReadOnlyList<object?>>();
        var more = false;
        while (reader.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (rows.Count == maxRows || (rows.Count + 1L) * columns.Count > MaxValues)
            {
                more = true;
                break;
            }

            rows.Add(columns.ConvertAll(i => reader.IsDBNull(i) ? null : Value(reader, i)));
        }

        return new QueryResult(columns.ConvertAll(reader.GetName), columns.ConvertAll(reader.GetDataTypeName), rows, more);
    }

    static object? Value(DuckDBDataReader reader, int column)
    {
        try
        {
            return QueryValue.Of(reader.GetValue(column));
        }
        catch (InvalidCastException error)
        {
            // DuckDB.NET's dictionaries hold no null.
            throw new WarehouseQueryException($"{error.Message}; select map_entries({reader.GetName(column)}) instead", error);
        }
    }

    void RequireOneRead(DuckDBConnection connection)
    {
        var count = ExtractStatements.DuckDBExtractStatements(connection.NativeConnection, sql, out var statements);
        using (statements)
        {
            if (count == 0)
            {
                var error = ExtractStatements.DuckDBExtractStatementsError(statements);
                throw new WarehouseQueryException(string.IsNullOrEmpty(error) ? "there is no statement" : error.Trim());
            }

            if (count > 1)
            {
                throw new WarehouseQueryException($"there are {count} statements; send one at a time");
            }

            var state = ExtractStatements.DuckDBPrepareExtractedStatement(connection.NativeConnection, statements, 0, out var prepared);
            using (prepared)
            {
                if (state != DuckDBState.Success)
                {
                    throw new WarehouseQueryException(PreparedStatements.DuckDBPrepareError(prepared).Trim());
                }

                if (PreparedStatements.DuckDBParams(prepared) > 0)
                {
                    throw new WarehouseQueryException("the statement has parameters ($1 or ?); write their values into it");
                }

                var kind = Native.StatementType(prepared);
                if (kind is not (DuckDBStatementType.Select or DuckDBStatementType.Explain))
                {
                    throw new WarehouseQueryException($"only statements that read are allowed here, such as SELECT, SHOW, DESCRIBE, SUMMARIZE and EXPLAIN; this is {kind.ToString().ToUpperInvariant()}");
                }
            }
        }
    }

    /// <summary>Interrupts a statement once a token says so, again and again: an interrupt just before the statement begins would be lost.</summary>
    sealed class Interrupter : IDisposable
    {
        readonly Lock _gate = new();
        readonly Timer _timer;
        readonly CancellationTokenRegistration _registration;
        readonly DuckDBConnection _connection;
        bool _ended;

        public Interrupter(DuckDBConnection connection, CancellationToken cancellationToken)
        {
            _connection = connection;
            _timer = new Timer(_ => Interrupt());
            _registration = cancellationToken.Register(() => _timer.Change(TimeSpan.Zero, TimeSpan.FromMilliseconds(20)));
        }

        public void Dispose()
        {
            _registration.Dispose();
            _timer.Dispose();
            lock (_gate)
            {
                _ended = true;
            }
        }

        void Interrupt()
        {
            lock (_gate)
            {
                if (!_ended)
                {
                    _connection.NativeConnection.Interrupt();
                }
            }
        }
    }

    static partial class Native
    {
        [LibraryImport("duckdb", EntryPoint = "duckdb_prepared_statement_type")]
        public static partial DuckDBStatementType StatementType(DuckDBPreparedStatement statement);
    }
}
