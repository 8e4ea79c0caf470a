using StreamSync.Console.Html;
using StreamSync.Contracts;

namespace StreamSync.Console.Pages;

/// <summary>A statement against the warehouse, and its rows. Statements only read, so they can stand in a link.</summary>
sealed class SqlPage(IWarehouse? warehouse, TimeProvider clock)
{
    const int RowsShown = 200;

    const string TablesSql = """
        SELECT table_name AS name, 'table' AS kind, comment FROM duckdb_tables() WHERE schema_name = 'main'
        UNION ALL SELECT view_name, 'view', comment FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal ORDER BY kind DESC, name
        """;

    /// <summary>The page.</summary>
    /// <param name="sql">The statement; null or empty for none.</param>
    /// <param name="run">False to show the statement only: the request came from another site.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<Markup> RenderAsync(string? sql, bool run, CancellationToken cancellationToken)
    {
        var answer = string.IsNullOrWhiteSpace(sql) ? await TablesAsync(cancellationToken)
            : run ? await AnswerAsync(sql, RowsShown, cancellationToken)
            : Layout.Notice("This statement came with a link from another site. Press Run if it is what you want.");
        return Layout.Page("SQL", "/sql", Markup.Of($"""
            <h1>SQL</h1>
            <form method="get" action="/sql">
            <label for="q">One statement that reads, in <a href="https://duckdb.org/docs/stable/sql/introduction" rel="noreferrer">DuckDB's SQL</a></label>
            <textarea id="q" name="q" rows="6" spellcheck="false" autocapitalize="off" autocomplete="off" required>{sql}</textarea>
            <p><button type="submit">Run</button> <small>Ctrl+Enter</small></p>
            </form>
            <div id="answer" aria-live="polite">{answer}</div>
            """));
    }

    async Task<Markup> AnswerAsync(string sql, int rows, CancellationToken cancellationToken)
    {
        if (warehouse is null)
        {
            return Layout.Notice("This console runs without a warehouse: query it where the sink runs.");
        }

        var start = clock.GetTimestamp();
        try
        {
            var result = await warehouse.QueryAsync(sql, rows, cancellationToken);
            var took = clock.GetElapsedTime(start).TotalMilliseconds;
            var count = result.Truncated ? $"The first {Format.Number(rows)} rows; there are more" : Format.Count(result.Rows.Count, "row");
            return Markup.Of($"<p>{count}, {took:0} ms.</p>{ResultTable.Of(result, "Rows of the statement")}");
        }
        catch (WarehouseQueryException error)
        {
            return Markup.Of($"<div class=\"notice error\" role=\"alert\"><pre>{error.Message}</pre></div>");
        }
    }

    async Task<Markup> TablesAsync(CancellationToken cancellationToken)
    {
        if (warehouse is null)
        {
            return Layout.Notice("This console runs without a warehouse: query it where the sink runs.");
        }

        try
        {
            var tables = await warehouse.QueryAsync(TablesSql, 1000, cancellationToken);
            return Markup.Of($"""
                <h2>Tables and views</h2>
                <ul class="tables">{Markup.Each(tables.Rows, r => Markup.Of($"<li>{Sql.Link((string)r[0]!, (string)r[1]!, $"SELECT * FROM {r[0]} LIMIT 100")} <small>{r[1]}</small> {r[2]}</li>"))}</ul>
                """);
        }
        catch (WarehouseQueryException error)
        {
            return Layout.Notice($"The warehouse does not answer: {error.Message}");
        }
    }
}
