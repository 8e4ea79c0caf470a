using StreamSync.Contracts;

namespace StreamSync.Cli.Instances;

/// <summary>The warehouse of a running instance, asked through its console: only one process can have the file open.</summary>
sealed class RemoteWarehouse(Uri console) : IWarehouse, IDisposable
{
    static readonly Uri Path = new(QueryWire.Path, UriKind.Relative);
    readonly ConsoleClient _console = new(console);

    public async Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken)
    {
        try
        {
            using var content = QueryWire.Request(sql, maxRows);
            using var answer = await _console.SendAsync(HttpMethod.Post, Path, content, cancellationToken);
            return QueryWire.Read(answer.RootElement);
        }
        catch (RefusedException e)
        {
            throw new WarehouseQueryException(e.Message, e);
        }
    }

    public void Dispose() => _console.Dispose();
}
