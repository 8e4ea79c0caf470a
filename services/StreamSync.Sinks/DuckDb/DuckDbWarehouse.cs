using DuckDB.NET.Data;
using StreamSync.Contracts;

namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// A DuckDB file: one writer and any number of readers in this process. While nothing in this process writes it, each query
/// opens the file read-only and closes it again, so that the next start finds it free.
/// </summary>
public sealed class DuckDbWarehouse : IWarehouse, IDisposable
{
    readonly DuckDbOptions _options;
    readonly TimeProvider _clock;
    readonly SharedAccess _access = new(maxShared: 4);
    CancellationTokenSource _closing = new();
    DuckDbDatabase? _database;
    volatile bool _isToBeOpen;
    bool _disposed;

    /// <summary>Names a file; nothing is opened.</summary>
    /// <param name="options">The file and its limits.</param>
    /// <param name="clock">Clock of time limits.</param>
    public DuckDbWarehouse(DuckDbOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
    }

    /// <summary>The file.</summary>
    public string Path => _options.Path;

    /// <summary>Longest time that a query may take.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxRows);
        var statement = new ReadStatement(sql, maxRows);
        while (true)
        {
            try
            {
                return await QueryOnceAsync(statement, cancellationToken);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Where the writer only came in between, as at a start, what is asked is open again at once.
                if (!_isToBeOpen)
                {
                    throw new WarehouseQueryException("the warehouse was closed while the statement ran; ask again");
                }
            }
        }
    }

    async Task<QueryResult> QueryOnceAsync(ReadStatement statement, CancellationToken cancellationToken)
    {
        using (await _access.EnterSharedAsync(cancellationToken))
        {
            if (_database is { } database)
            {
                return await Task.Run(() => Run(statement, database, cancellationToken), cancellationToken);
            }
        }

        // Nothing writes the file here: readers take turns, each with an opening of its own.
        using (await _access.EnterAloneAsync(cancellationToken))
        {
            return await Task.Run(() => RunAlone(statement, cancellationToken), cancellationToken);
        }
    }

    /// <summary>Opens the file for writing.</summary>
    /// <returns>The writer's connection, to be closed before <see cref="CloseWriter"/>.</returns>
    /// <exception cref="WarehouseWriteException">It can't be opened now.</exception>
    internal DuckDBConnection OpenWriter()
    {
        _isToBeOpen = true;
        Exchange(() => DuckDbDatabase.Open(_options, readOnly: false));
        return _database!.Connect();
    }

    /// <summary>Closes the file; queries that run are stopped.</summary>
    internal void CloseWriter()
    {
        _isToBeOpen = false;
        Exchange(() => null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        CloseWriter();
        _access.Dispose();
        _closing.Dispose();
    }

    QueryResult RunAlone(ReadStatement statement, CancellationToken cancellationToken)
    {
        if (_database is { } database)
        {
            return Run(statement, database, cancellationToken);
        }

        if (!File.Exists(_options.Path))
        {
            throw new WarehouseQueryException($"there is no warehouse at {_options.Path} yet; start StreamSync once to fill it, or name its folder with --data");
        }

        try
        {
            using var own = DuckDbDatabase.Open(_options, readOnly: true);
            return Run(statement, own, cancellationToken);
        }
        catch (WarehouseWriteException error)
        {
            throw new WarehouseQueryException(error.Message, error);
        }
    }

    QueryResult Run(ReadStatement statement, DuckDbDatabase database, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(QueryTimeout, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token, limit.Token);
        try
        {
            using var connection = database.Connect();
            return statement.Run(connection, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new WarehouseQueryException($"the statement took longer than {QueryTimeout.TotalSeconds:0} s and was stopped; narrow it, for example to fewer days");
        }
    }

    void Exchange(Func<DuckDbDatabase?> open)
    {
        _closing.Cancel();
        using (_access.EnterAlone())
        {
            _closing.Dispose();
            _closing = new CancellationTokenSource();
            _database?.Dispose();
            _database = null;
            _database = open();
        }
    }
}
