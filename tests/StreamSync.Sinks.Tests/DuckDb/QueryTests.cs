using StreamSync.Contracts;
using StreamSync.Sinks.DuckDb;

namespace StreamSync.Sinks.Tests.DuckDb;

public sealed class QueryTests : IDisposable
{
    static readonly TopicSpec Things = Topics.Of("test.things", """{"name":"n","type":"long"}""");

    readonly Warehouse _warehouse = new(Things);

    public QueryTests() => _warehouse.Add(Things, "a", Topics.Row(Things, "a", ("n", 1L))).Add(Things, "b", Topics.Row(Things, "b", ("n", 2L))).Write();

    public void Dispose() => _warehouse.Dispose();

    [Theory]
    [InlineData("DELETE FROM test_things", "only statements that read are allowed here")]
    [InlineData("INSERT INTO test_things (id) VALUES ('x')", "only statements that read are allowed here")]
    [InlineData("DROP TABLE test_things", "only statements that read are allowed here")]
    [InlineData("CREATE TABLE x (a INT)", "only statements that read are allowed here")]
    [InlineData("UPDATE test_things SET n = 1", "only statements that read are allowed here")]
    [InlineData("COPY test_things TO '/tmp/out.csv'", "file system operations are disabled")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')", "file system operations are disabled")]
    [InlineData("SELECT * FROM read_text('/etc/hostname')", "file system operations are disabled")]
    [InlineData("SELECT * FROM glob('/*')", "file system operations are disabled")]
    [InlineData("ATTACH '/tmp/other.duckdb'", "only statements that read are allowed here")]
    [InlineData("INSTALL httpfs", "only statements that read are allowed here")]
    [InlineData("LOAD httpfs", "only statements that read are allowed here")]
    [InlineData("SET memory_limit = '8GB'", "only statements that read are allowed here")]
    [InlineData("PRAGMA memory_limit = '8GB'", "only statements that read are allowed here")]
    [InlineData("CHECKPOINT", "only statements that read are allowed here")]
    [InlineData("BEGIN", "only statements that read are allowed here")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM test_things", "read-only mode")]
    [InlineData("SELECT 1; DELETE FROM test_things", "there are 2 statements")]
    [InlineData("", "there is no statement")]
    [InlineData("-- nothing", "there is no statement")]
    [InlineData("SELECT $1", "has parameters")]
    [InlineData("SELEC 1", "syntax error")]
    [InlineData("SELECT m FROM test_things", "Referenced column \"m\" not found")]
    [InlineData("SELECT * FROM nothing", "Table with name nothing does not exist")]
    public async Task What_does_more_than_read_or_is_wrong_is_refused_in_words(string sql, string message)
    {
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => _warehouse.Files.QueryAsync(sql, 10, CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(2L, _warehouse.Scalar("SELECT count(*) FROM test_things"));
    }

    [Theory]
    [InlineData("SELECT n FROM test_things ORDER BY id;", 1L)]
    [InlineData("-- a comment\nWITH t AS (SELECT 5::BIGINT AS five) SELECT five FROM t -- done", 5L)]
    [InlineData("FROM test_things SELECT count(*)", 2L)]
    [InlineData("VALUES (7::BIGINT)", 7L)]
    [InlineData("SELECT sum(n) FROM test_things", 3L)]
    public void Statements_that_read_are_answered(string sql, object first) => Assert.Equal(first, _warehouse.Query(sql).Rows[0][0]);

    [Theory]
    [InlineData("SHOW TABLES")]
    [InlineData("DESCRIBE test_things")]
    [InlineData("SUMMARIZE test_things")]
    [InlineData("EXPLAIN SELECT * FROM test_things")]
    [InlineData("PRAGMA table_info('test_things')")]
    public void The_warehouse_describes_itself(string sql) => Assert.NotEmpty(_warehouse.Query(sql).Rows);

    [Fact]
    public async Task Rows_beyond_the_limit_are_left_out_and_the_result_says_so()
    {
        var all = await _warehouse.Files.QueryAsync("SELECT i, 'text' AS t FROM range(10) r(i)", 10, CancellationToken.None);
        var some = await _warehouse.Files.QueryAsync("SELECT i, repeat('x', 1000) FROM range(100000000) r(i)", 3, CancellationToken.None);
        Assert.Equal((10, false), (all.Rows.Count, all.Truncated));
        Assert.Equal(["i", "t"], all.Columns);
        Assert.Equal(["BIGINT", "VARCHAR"], all.Types.Select(t => t.ToUpperInvariant()));
        Assert.Equal((3, true), (some.Rows.Count, some.Truncated));
    }

    [Fact]
    public async Task A_statement_is_stopped_by_its_caller()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _warehouse.Files.QueryAsync(Endless, 10, stop.Token));
        Assert.Equal(2L, _warehouse.Scalar("SELECT count(*) FROM test_things"));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_stopped_and_says_so()
    {
        _warehouse.Mirror.Close();
        using var files = new DuckDbWarehouse(new DuckDbOptions(_warehouse.Files.Path), TimeProvider.System) { QueryTimeout = TimeSpan.FromMilliseconds(200) };
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => files.QueryAsync(Endless, 10, CancellationToken.None));
        Assert.Contains("took longer than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_in_the_middle_of_the_rows_is_an_error_and_no_short_answer()
    {
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => _warehouse.Files.QueryAsync(
            "SELECT CAST(CASE WHEN i = 1000000 THEN 'x' ELSE '1' END AS INT), repeat('y', 200) FROM range(2000000) r(i)", 2_000_000, CancellationToken.None));
        Assert.Contains("Could not convert string 'x'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Queries_see_whole_batches_while_the_sink_writes()
    {
        var before = _warehouse.Query("SELECT count(*), sum(n) FROM test_things").Rows[0];
        _warehouse.Add(Things, "c", Topics.Row(Things, "c", ("n", 3L))).Write();
        var after = _warehouse.Query("SELECT count(*), sum(n) FROM test_things").Rows[0];
        Assert.Equal([2L, 3L], before);
        Assert.Equal([3L, 6L], after);
    }

    [Fact]
    public void A_stopped_warehouse_is_read_from_its_file()
    {
        _warehouse.Mirror.Close();
        Assert.Equal("a|1\nb|2", _warehouse.Rows("SELECT id, n FROM test_things ORDER BY id"));
        _warehouse.Reopen();
        _warehouse.Add(Things, "c", Topics.Row(Things, "c", ("n", 3L))).Write();
        Assert.Equal(3L, _warehouse.Scalar("SELECT count(*) FROM test_things"));
    }

    [Fact]
    public async Task A_warehouse_that_is_not_there_says_where_it_was_looked_for()
    {
        using var files = new DuckDbWarehouse(new DuckDbOptions(Path.Combine(_warehouse.Folder, "none.duckdb")), TimeProvider.System);
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => files.QueryAsync("SELECT 1", 1, CancellationToken.None));
        Assert.Contains("none.duckdb", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(files.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_warehouse_says_so()
    {
        var path = Path.Combine(_warehouse.Folder, "notes.txt");
        await File.WriteAllTextAsync(path, new string('x', 20_000));
        using var files = new DuckDbWarehouse(new DuckDbOptions(path), TimeProvider.System);
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => files.QueryAsync("SELECT 1", 1, CancellationToken.None));
        Assert.Contains("check that the path is a DuckDB file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_stops_queries_that_run()
    {
        var query = _warehouse.Files.QueryAsync(Endless, 10, CancellationToken.None);
        await Task.Run(_warehouse.Mirror.Close);
        var error = await Assert.ThrowsAsync<WarehouseQueryException>(() => query);
        Assert.Contains("closed while the statement ran", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_runs_while_the_sink_starts_is_answered()
    {
        _warehouse.Mirror.Close();
        var query = _warehouse.Files.QueryAsync("SELECT count(*) FROM range(20000) a, range(20000) b WHERE (a.range + b.range) % 2 = 1", 10, CancellationToken.None);
        using (await Task.Run(_warehouse.Files.OpenWriter))
        {
            Assert.Equal(200_000_000L, (await query).Rows[0][0]);
        }

        _warehouse.Files.CloseWriter();
    }

    const string Endless = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range % 7 = 1";
}
