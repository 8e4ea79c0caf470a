using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace StreamSync.Sinks.DuckDb;

/// <summary>DuckDB's error texts, fit for a log.</summary>
static class DuckDbErrors
{
    /// <summary>The first line of an error, or only its kind where DuckDB would quote a row's values, which may be personal.</summary>
    public static string WithoutValues(DuckDBErrorType type, string? message) => type switch
    {
        DuckDBErrorType.Constraint or DuckDBErrorType.Conversion or DuckDBErrorType.InvalidInput or DuckDBErrorType.OutOfRange => $"a value was refused ({type})",
        _ => FirstLine(message),
    };

    /// <inheritdoc cref="WithoutValues(DuckDBErrorType, string?)"/>
    public static string WithoutValues(DuckDBException error) => WithoutValues(error.ErrorType, error.Message);

    /// <summary>The first line of a text.</summary>
    public static string FirstLine(string? message) => string.IsNullOrEmpty(message) ? "DuckDB does not say why" : message.Split('\n', 2)[0].Trim();
}
