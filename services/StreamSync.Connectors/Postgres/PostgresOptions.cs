namespace StreamSync.Connectors.Postgres;

/// <summary>A stream's <c>postgres:</c> block.</summary>
internal sealed record PostgresOptions
{
    /// <summary>Schema of the table.</summary>
    public required string Schema { get; init; }

    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>Fields that no column fills: field to text, or to <c>setting:NAME</c>.</summary>
    public required IReadOnlyDictionary<string, string> Set { get; init; }
}
