using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace StreamSync.Sinks.DuckDb;

/// <summary>The analyst views that ship with the product: one <c>.sql</c> file each, in <c>Views/</c>.</summary>
static class Views
{
    const string Prefix = "StreamSync.Sinks.DuckDb.Views.";

    /// <summary>Names of the views.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Files().Select(NameOf)];

    /// <summary>Makes every view anew; the comment at the head of its file becomes its comment.</summary>
    /// <returns>Views that could not be made, because a table or column that they read is missing, each with DuckDB's reason.</returns>
    public static IReadOnlyDictionary<string, string> Create(DuckDBConnection connection)
    {
        var failed = new Dictionary<string, string>();
        foreach (var file in Files())
        {
            using var stream = typeof(Views).Assembly.GetManifestResourceStream(file)!;
            using var reader = new StreamReader(stream);
            var sql = reader.ReadToEnd();
            var comment = string.Join(' ', sql.Split('\n').TakeWhile(l => l.StartsWith("--", StringComparison.Ordinal)).Select(l => l[2..].Trim()));
            var name = SqlType.Quote(NameOf(file));
            try
            {
                DuckDbDatabase.Execute(connection, $"CREATE OR REPLACE VIEW {name} AS\n{sql};\nCOMMENT ON VIEW {name} IS {SqlType.Literal(comment)}");
            }
            catch (DuckDBException error) when (error.ErrorType is DuckDBErrorType.Catalog or DuckDBErrorType.Binder or DuckDBErrorType.Invalid)
            {
                failed[NameOf(file)] = DuckDbErrors.FirstLine(error.Message);
            }
        }

        return failed;
    }

    static IEnumerable<string> Files() =>
        typeof(Views).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    static string NameOf(string file) => file[Prefix.Length..^".sql".Length];
}
