namespace StreamSync.Sinks.DuckDb;

/// <summary>A schema asks for a column type that would lose what the column holds.</summary>
sealed class ColumnConflictException : Exception
{
    public ColumnConflictException()
    {
    }

    public ColumnConflictException(string message)
        : base(message)
    {
    }

    public ColumnConflictException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public ColumnConflictException(string table, string column, string? have, string wanted)
        : base($"the column {table}.{column} is {have ?? "of a foreign type"} and the schema asks for {wanted}, which would lose values")
    {
    }
}
