using System.Globalization;
using DuckDB.NET.Data;

namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// The one opening of a DuckDB file in this process. DuckDB lets no other process open a file that is open for writing, so
/// writer and readers share this one; statements can't reach other files, the network or the settings.
/// </summary>
sealed class DuckDbDatabase : IDisposable
{
    /// <summary>
    /// Size of the write-ahead log after which its rows move into the file, MB. Each move writes again the parts of the tables that
    /// changed, which at DuckDB's own 16 MB costs much of a large load. After a kill the log is read back at the next opening.
    /// </summary>
    const int CheckpointMb = 256;

    readonly string _connectionString;
    readonly DuckDBConnection _first;

    DuckDbDatabase(string connectionString, DuckDBConnection first)
    {
        _connectionString = connectionString;
        _first = first;
    }

    /// <summary>Opens the file.</summary>
    /// <param name="options">The file and its limits.</param>
    /// <param name="readOnly">True to read a file that nobody writes.</param>
    /// <exception cref="WarehouseWriteException">The file can't be opened; the message says why and what to do.</exception>
    public static DuckDbDatabase Open(DuckDbOptions options, bool readOnly)
    {
        var builder = new DuckDBConnectionStringBuilder
        {
            DataSource = Path.GetFullPath(options.Path),
            ["access_mode"] = readOnly ? "READ_ONLY" : "READ_WRITE",
            ["memory_limit"] = string.Create(CultureInfo.InvariantCulture, $"{options.MemoryMb}MB"),
            ["checkpoint_threshold"] = string.Create(CultureInfo.InvariantCulture, $"{CheckpointMb}MB"),
            ["threads"] = options.Threads.ToString(CultureInfo.InvariantCulture),
            ["enable_external_access"] = "false",
            ["autoinstall_known_extensions"] = "false",
            ["autoload_known_extensions"] = "false",
        };
        var connectionString = builder.ConnectionString;
        var connection = new DuckDBConnection(connectionString);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Path))!);
            connection.Open();
            Execute(connection, "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL lock_configuration = true");
            return new DuckDbDatabase(connectionString, connection);
        }
        catch (DuckDBException error)
        {
            connection.Dispose();
            throw new WarehouseWriteException(Explain(options.Path, error), error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            connection.Dispose();
            throw new WarehouseWriteException($"the folder of the warehouse {options.Path} can't be made: {error.Message}", error);
        }
    }

    /// <summary>Opens one more connection; the caller disposes it before this.</summary>
    public DuckDBConnection Connect()
    {
        var connection = new DuckDBConnection(_connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Runs statements and ignores their rows.</summary>
    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _first.Dispose();

    static string Explain(string path, DuckDBException error)
    {
        var text = DuckDbErrors.FirstLine(error.Message);
        var remedy = text.Contains("lock", StringComparison.OrdinalIgnoreCase)
            ? "another process has it open: stop that process, or ask the running instance"
            : "check that the path is a DuckDB file, that its folder can be written and that the disk is not full";
        return $"the warehouse {path} can't be opened ({text}); {remedy}";
    }
}
