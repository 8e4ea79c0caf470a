using Npgsql;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Tests.Support;
using StreamSync.Contracts.Ops;
using StreamSync.Contracts.Source;
using StreamSync.TestBroker;

namespace StreamSync.Connectors.Tests.Postgres;

/// <summary>One server for all tests of the class; each takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer? Server { get; private set; }

    public async Task InitializeAsync()
    {
        try
        {
            Server = await PostgresServer.StartAsync();
        }
        catch (SkipException)
        {
            // Told by each test.
        }
    }

    public async Task DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}

/// <summary>A vendor's table by logical replication: what the log leaves out, what a server takes away, and what the vendor does to the table.</summary>
public sealed class PostgresTests(PostgresFixture fixture) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    const string Message = "create table message(id int primary key, text text, user_id int, is_from_contact boolean, send_status text, created_at timestamptz, service_response_at timestamptz)";
    readonly string _name = "t" + Guid.NewGuid().ToString("N")[..10];
    readonly MemoryCluster _cluster = new();
    StreamPlan _plan = null!;

    public async Task InitializeAsync()
    {
        Skip.If(fixture.Server is null, "no PostgreSQL server is installed: install the package 'postgresql'");
        await fixture.Server!.ExecuteAsync("postgres", $"create database {_name}");
        _plan = Plan(_name, fixture.Server.Port);
    }

    public async Task DisposeAsync()
    {
        if (fixture.Server is not null)
        {
            // A slot that nobody reads would keep the log of all databases.
            await using var connection = await OpenAsync("postgres");
            await using var drop = new NpgsqlCommand($"select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '{_name}' and not active", connection);
            await drop.ExecuteNonQueryAsync();
        }
    }

    [SkippableFact]
    public async Task Types_are_read_alike_from_snapshot_and_log()
    {
        await RunSqlAsync(Message, "alter table message add tags text[], add price numeric(12, 4), add data jsonb, add uid uuid, add raw bytea, add day date");
        const string values = "'é ''quoted'' ☎\n', 7, true, 'SENT', '2024-09-01 11:00:00.123456-04', null, '{a,\"b,c\"}', 12.5000, '{\"a\": [1, null]}', '00000000-0000-4000-8000-000000000001', '\\xdeadbeef', '2024-02-29')";
        await RunSqlAsync("insert into message values (1, " + values);
        await using var worker = Run();
        await UntilAsync(() => Count() == 1);
        await RunSqlAsync("insert into message values (2, " + values);
        await UntilAsync(() => Count() == 2);
        Assert.Equal([ChangeOp.Read, ChangeOp.Create], Changes.Select(c => c.Op));
        foreach (var change in Changes)
        {
            Assert.Equal("é 'quoted' ☎\n", change.After!["text"]);
            Assert.Equal(("7", "True", null), (change.After["user_id"].ToString(), change.After["is_from_contact"].ToString(), change.After["service_response_at"]));
            Assert.Equal(("2024-09-01T15:00:00.123456Z", new DateTime(2024, 9, 1, 15, 0, 0, 123, 456, DateTimeKind.Utc)), (change.OccurredAtText, change.OccurredAt));
            Assert.Equal(
                """{"tags":"{a,\u0022b,c\u0022}","price":"12.5000","data":"{\u0022a\u0022: [1, null]}","uid":"00000000-0000-4000-8000-000000000001","raw":"\\xdeadbeef","day":"2024-02-29"}""",
                change.Extras);
        }

        Assert.Equal(6, _cluster.Findings.Values.Count(f => f.Code == "unknown_column"));
    }

    [SkippableFact]
    public async Task A_large_value_that_did_not_change_is_left_out_and_said_to_be_or_kept_with_full_identity()
    {
        await RunSqlAsync(Message, "alter table message alter text set storage external", "insert into message(id, text, send_status) values (1, repeat('x', 20000), 'QUEUED')");
        await using var worker = Run();
        await UntilAsync(() => Count() == 1);
        await RunSqlAsync("update message set send_status = 'SENT'");
        await UntilAsync(() => Count() == 2);
        Assert.Null(Changes[1].After!["text"]);
        Assert.DoesNotContain("text", Changes[1].ChangedFields!);
        Assert.Contains("send_status", Changes[1].ChangedFields!);

        await RunSqlAsync("alter table message replica identity full", "update message set send_status = 'ERROR'");
        await UntilAsync(() => Count() == 3);
        Assert.Equal((20_000, null, "SENT"), (((string)Changes[2].After!["text"]).Length, Changes[2].ChangedFields, (string)Changes[2].Before!["send_status"]));
        await RunSqlAsync("delete from message");
        await UntilAsync(() => Count() == 4);
        Assert.Equal("ERROR", Changes[3].Before!["send_status"]);
    }

    [SkippableFact]
    public async Task A_truncated_table_loses_all_rows_and_what_came_after_stays()
    {
        await RunSqlAsync(Message, "insert into message(id) select generate_series(1, 20)");
        await using var worker = Run();
        await UntilAsync(() => Count() == 20);
        await RunSqlAsync("insert into message(id) values (21); truncate message; insert into message(id) values (3), (22)");
        await UntilAsync(() => Present().SequenceEqual(["22", "3"]));
        Assert.Equal(21, Changes.Count(c => c.Op == ChangeOp.Delete && c.DeleteKind == "explicit"));
        Assert.Empty(_cluster.Findings);
    }

    [SkippableFact]
    public async Task A_row_that_gets_another_key_is_another_record()
    {
        await RunSqlAsync(Message, "insert into message(id, text) values (1, 'a'), (2, 'b')");
        await using var worker = Run();
        await UntilAsync(() => Count() == 2);
        await RunSqlAsync("update message set id = 9 where id = 1");
        await UntilAsync(() => Count() == 4);
        Assert.Equal(["2", "9"], Present());
        Assert.Equal([("Delete", "1"), ("Create", "9")], Changes.Skip(2).Select(c => (c.Op.ToString(), c.Source.IdParts[0])));
        Assert.Equal("a", Changes[3].After!["text"]);
    }

    [SkippableFact]
    public async Task Columns_that_come_go_and_change_their_type_are_followed()
    {
        await RunSqlAsync(Message, "insert into message(id, user_id, text) values (1, 1, 'a')");
        await using var worker = Run();
        await UntilAsync(() => Count() == 1);
        await RunSqlAsync("alter table message add mood text, drop text", "insert into message(id, user_id, mood) values (2, 2, 'good')");
        await UntilAsync(() => Count() == 2);
        Assert.Equal(("{\"mood\":\"good\"}", null), (Changes[1].Extras, Changes[1].After!["text"]));
        Assert.Equal("mood", Assert.Single(_cluster.Findings.Values).Subject);
        await RunSqlAsync("alter table message alter user_id type text", "insert into message(id, user_id) values (3, 'u-3'), (4, '4')");
        await UntilAsync(() => Count() == 3);
        Assert.Equal("4", Changes[2].Source.IdParts[0]);
        var entry = Assert.Single(_cluster.Quarantine);
        Assert.Equal("wrong_type", entry.ReasonCode);
        Assert.Contains("'user_id'", entry.Reason, StringComparison.Ordinal);
        Assert.Contains("u-3", System.Text.Encoding.UTF8.GetString(entry.Raw), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_table_without_replica_identity_is_not_published_until_it_has_one()
    {
        await RunSqlAsync("create table message(id int, text text)", "insert into message values (1, 'a')");
        await using var worker = Run();
        var failing = await worker.StatusAsync(r => r.State == "failing");
        Assert.Contains("no primary key and no other replica identity", failing.StateReason, StringComparison.Ordinal);
        Assert.Contains("alter table \"public\".\"message\" replica identity full", failing.StateReason, StringComparison.Ordinal);
        await RunSqlAsync("update message set text = 'b'"); // The vendor's own writes go on.
        await RunSqlAsync("alter table message replica identity full");
        await UntilAsync(() => Count() == 1);
        await RunSqlAsync("update message set text = 'c'");
        await UntilAsync(() => Count() == 2);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slot_that_was_dropped_or_lost_its_log_is_a_gap_and_a_new_snapshot(bool lost)
    {
        await RunSqlAsync(Message, "insert into message(id) select generate_series(1, 30)");
        await using (var worker = Run())
        {
            await UntilAsync(() => Count() == 30);
        }

        await UntilFreeAsync();
        await RunSqlAsync("delete from message where id = 5", "insert into message(id) values (31)");
        if (lost)
        {
            await RunSqlAsync("alter system set max_slot_wal_keep_size = '1MB'", "select pg_reload_conf()");
            for (var i = 0; await ScalarAsync("select wal_status from pg_replication_slots where database = current_database()") is not "lost"; i++)
            {
                Assert.True(i < 50, "the server never gives the log up");
                await RunSqlAsync("select pg_logical_emit_message(false, 'x', repeat('x', 1000000)); select pg_switch_wal()", "checkpoint");
            }

            await RunSqlAsync("alter system reset max_slot_wal_keep_size", "select pg_reload_conf()");
        }
        else
        {
            await RunSqlAsync("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()");
        }

        await using (var worker = Run())
        {
            await UntilAsync(() => Count() == 32);
            Assert.Equal([("Delete", "absence", "5"), ("Read", null, "31")], Changes.Skip(30).Select(c => (c.Op.ToString(), c.DeleteKind, c.Source.IdParts[0])).Order());
            var finding = Assert.Single(_cluster.Findings.Values);
            Assert.Equal(("replication_gap", "error"), (finding.Code, finding.Severity));
            Assert.Contains("max_slot_wal_keep_size", finding.Remedy, StringComparison.Ordinal);
            await RunSqlAsync("insert into message(id) values (32)");
            await UntilAsync(() => Count() == 33);
        }
    }

    [SkippableFact]
    public async Task A_quiet_table_does_not_make_the_server_keep_its_log_and_stays_fresh()
    {
        await RunSqlAsync(Message, "create table other(id serial primary key)", "insert into message(id) values (1)");
        await using var worker = Run();
        await UntilAsync(() => Count() == 1);
        var written = _cluster.Transactions;
        for (var i = 0; i < 3; i++)
        {
            await RunSqlAsync("insert into other select from generate_series(1, 1000)");
            var end = await ScalarAsync("select pg_current_wal_lsn()");
            await UntilAsync(async () => await ScalarAsync($"select confirmed_flush_lsn >= '{end}' from pg_replication_slots where database = current_database()") is true);
        }

        Assert.Equal(written, _cluster.Transactions);
        await RunSqlAsync("insert into message(id) values (2)");
        await UntilAsync(() => Count() == 2);
    }

    [SkippableFact]
    public async Task A_large_transaction_is_read_once_through_stops_in_its_middle()
    {
        await RunSqlAsync(Message);
        await using (var worker = Run())
        {
            await worker.StatusAsync(r => r.State == "fresh");
            await RunSqlAsync("insert into message(id, text) select i, 'text ' || i from generate_series(1, 12000) i");
            await UntilAsync(() => Count() > 0);
        }

        for (var i = 0; i < 3; i++)
        {
            await UntilFreeAsync();
            var seen = _cluster.Transactions;
            await using var worker = Run();
            await UntilAsync(() => _cluster.Transactions > seen || Count() >= 12_000);
        }

        await UntilFreeAsync();
        await using (var worker = Run())
        {
            await UntilAsync(() => Count() >= 12_000);
        }

        Assert.Equal(12_000, Changes.Count);
        Assert.Equal(12_000, Changes.Select(c => c.Source.IdParts[0]).Distinct().Count());
    }

    [SkippableFact]
    public async Task What_is_not_there_is_told_with_the_setting_that_names_it()
    {
        async Task<string> ReasonAsync(StreamPlan plan)
        {
            await using var worker = new Worker(plan, _cluster);
            return (await worker.StatusAsync(r => r.State == "failing")).StateReason!;
        }

        Assert.Contains("the database has no table public.message - check the setting 'database'", await ReasonAsync(_plan), StringComparison.Ordinal);
        Assert.Contains("the server has no such database - check the setting 'database' of the sync 'spoke' at streamsync.yaml:3", await ReasonAsync(Plan("nowhere", fixture.Server!.Port)), StringComparison.Ordinal);
        Assert.Contains("does not answer", await ReasonAsync(Plan(_name, 1)), StringComparison.Ordinal);
        await RunSqlAsync(Message, "create role reader login replication", "create role poor login");
        Assert.Contains("the user may not replicate public.message - as its owner: alter role ... replication; grant select", await ReasonAsync(Plan(_name, fixture.Server.Port, "reader")), StringComparison.Ordinal);
    }

    IReadOnlyList<SourceChange> Changes => [.. _cluster.Changes(_plan.Topics).OfType<SourceChange>()];

    /// <summary>Changes, deletes counted once; cheaper than decoding them.</summary>
    int Count() => _cluster.All.Count(r => r.Topic == _plan.Topics.Source.Name && r.Value is not null);

    /// <summary>Ids of the rows that are there after all changes.</summary>
    IEnumerable<string> Present() => _cluster.All.Where(r => r.Topic == _plan.Topics.Source.Name).GroupBy(r => r.Key).Where(g => g.Last().Value is not null).Select(g => g.Key.Split('/')[^1]).Order(StringComparer.Ordinal);

    StreamPlan Plan(string database, int port, string user = "postgres") => TestSync.Plan(
        $$"""
        org: {{_name}}
        syncs:
          - id: spoke
            connector: spoke
            instance: main
            streams: [message]
            settings: { host: 127.0.0.1, port: {{port}}, database: {{database}}, user: {{user}} }
        """,
        new FastClock(5)).Single();

    Worker Run() => new(_plan, _cluster);

    async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={fixture.Server!.Port};Username=postgres;Database={database};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    async Task RunSqlAsync(params string[] statements)
    {
        await using var connection = await OpenAsync(_name);
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync(_name);
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = !sql.Contains(">=", StringComparison.Ordinal) };
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Waits until the server has noticed that the reader is gone.</summary>
    Task UntilFreeAsync() => UntilAsync(async () => await ScalarAsync("select 1 where exists (select 1 from pg_replication_slots where database = current_database() and active)") is null);

    static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    sealed class Worker : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        readonly StreamWorker _worker;
        readonly Task _running;

        public Worker(StreamPlan plan, MemoryCluster cluster)
        {
            _worker = new StreamWorker(plan, cluster, cluster.Codecs);
            _running = _worker.RunAsync(_stop.Token);
        }

        public async Task<SyncStatus> StatusAsync(Func<SyncStatus, bool> fits)
        {
            SyncStatus? found = null;
            await UntilAsync(() => _worker.Status.TakeNews() is { } row && fits(found = row));
            return found!;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
