namespace StreamSync.Contracts;

/// <summary>Read access to a warehouse: the console and the command query it without knowing which one it is.</summary>
public interface IWarehouse
{
    /// <summary>Runs one read-only statement.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="maxRows">Rows read at most; the result says when there were more.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <exception cref="WarehouseQueryException">The statement is wrong or writes; the message says where.</exception>
    Task<QueryResult> QueryAsync(string sql, int maxRows, CancellationToken cancellationToken);
}

/// <summary>Rows of a query.</summary>
/// <param name="Columns">Column names, in order.</param>
/// <param name="Types">Type names of the warehouse, in the same order.</param>
/// <param name="Rows">Rows; each value is null, string, bool, a number, DateTime or a list of such.</param>
/// <param name="Truncated">True when the statement had more rows than were asked for.</param>
public sealed record QueryResult(IReadOnlyList<string> Columns, IReadOnlyList<string> Types, IReadOnlyList<IReadOnlyList<object?>> Rows, bool Truncated);

/// <summary>A statement that the warehouse refused.</summary>
public sealed class WarehouseQueryException : Exception
{
    /// <summary>Creates the error.</summary>
    public WarehouseQueryException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, in the warehouse's words.</param>
    public WarehouseQueryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">The warehouse's own error.</param>
    public WarehouseQueryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
