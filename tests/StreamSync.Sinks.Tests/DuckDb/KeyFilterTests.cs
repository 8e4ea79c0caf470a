using System.Text;
using DuckDB.NET.Data;
using StreamSync.Sinks.DuckDb;

namespace StreamSync.Sinks.Tests.DuckDb;

public class KeyFilterTests
{
    [Fact]
    public void It_never_denies_a_key_that_the_table_had_or_got_and_seldom_claims_another()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        DuckDbDatabase.Execute(connection, "CREATE TABLE t (k VARCHAR); INSERT INTO t SELECT 'old-' || i FROM range(50_000) r(i)");
        var filter = KeyFilter.Of(connection, "t", "k")!;
        for (var i = 0; i < 50_000; i++)
        {
            filter.Add(Encoding.UTF8.GetBytes($"new-{i}"));
        }

        var wrong = 0;
        for (var i = 0; i < 50_000; i++)
        {
            Assert.True(filter.MayHold(Encoding.UTF8.GetBytes($"old-{i}")));
            Assert.True(filter.MayHold(Encoding.UTF8.GetBytes($"new-{i}")));
            wrong += filter.MayHold(Encoding.UTF8.GetBytes($"other-{i}")) ? 1 : 0;
        }

        Assert.InRange(wrong, 0, 1_000);
    }
}
