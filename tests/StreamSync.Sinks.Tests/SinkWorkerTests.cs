using StreamSync.Contracts;
using StreamSync.Contracts.Identity;

namespace StreamSync.Sinks.Tests;

public sealed class SinkWorkerTests : IAsyncLifetime
{
    readonly Platform _platform = new();

    public Task InitializeAsync() => _platform.InitializeAsync();

    public Task DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Records_reach_the_warehouse_and_the_board_says_that_nothing_is_left()
    {
        await MapAsync(1, "p1");
        await _platform.StartSinkAsync();
        await MapAsync(2, "p2");
        await _platform.ExpectAsync(2L, "SELECT count(*) FROM identity_person_map");
        await MapAsync(1, null);
        await _platform.ExpectAsync("p2", "SELECT string_agg(person_id) FROM identity_person_map");
        Assert.True(_platform.State.Ready.IsCompletedSuccessfully);
        await Platform.UntilAsync(
            () => Task.FromResult(_platform.Board.Snapshot().Single(e => e.Item == "identity_person_map")),
            entry => entry is { Room: "sinks", Count: 3, Lag: 0, WaitingFor: null },
            "three records and no lag on the board");
    }

    [Fact]
    public async Task A_restart_reads_nothing_twice_and_misses_nothing()
    {
        await _platform.StartSinkAsync();
        await MapAsync(1, "p1");
        await _platform.ExpectAsync(1L, "SELECT count(*) FROM identity_person_map");
        await _platform.StopSinkAsync();
        await MapAsync(2, "p2");
        await _platform.StartSinkAsync();
        await _platform.ExpectAsync(2L, "SELECT count(*) FROM identity_person_map");
        await _platform.ExpectAsync(2L, "SELECT rows_written FROM mirror_freshness WHERE table_name = 'identity_person_map'");
    }

    [Fact]
    public async Task What_a_transaction_took_back_never_shows()
    {
        await _platform.StartSinkAsync();
        await using var publisher = _platform.Transactional();
        await publisher.InitAsync(CancellationToken.None);
        publisher.Begin();
        publisher.Publish(TopicCatalog.PersonMap, "mi/van/c1/person/1", Map("mi/van/c1/person/1", "taken back"));
        await publisher.AbortAsync(CancellationToken.None);
        publisher.Begin();
        publisher.Publish(TopicCatalog.PersonMap, "mi/van/c1/person/2", Map("mi/van/c1/person/2", "kept"));
        await publisher.CommitAsync(CancellationToken.None);
        await _platform.ExpectAsync("kept", "SELECT string_agg(person_id) FROM identity_person_map");
    }

    [Fact]
    public async Task A_record_that_can_not_be_read_goes_to_quarantine_and_the_others_go_on()
    {
        await MapAsync(1, "p1");
        var whole = _platform.Codecs.For<PersonMap>(TopicCatalog.PersonMap).Encode(Map("mi/van/c1/person/2", "p2"));
        await _platform.PublishRawAsync(TopicCatalog.PersonMap, "mi/van/c1/person/2", whole[..^3]);
        await MapAsync(3, "p3");
        await _platform.StartSinkAsync();
        await _platform.ExpectAsync("p1,p3", "SELECT string_agg(person_id, ',' ORDER BY person_id) FROM identity_person_map");
        await _platform.ExpectAsync(
            "mi|van|sink|undecodable|true|mi/van/c1/person/2|" + Convert.ToHexStringLower(whole[..^3]),
            "SELECT concat_ws('|', org, vendor, stage, reason_code, starts_with(place, 'identity.person_map-'), source_urn, lower(hex(raw))) FROM ops_quarantine");
    }

    [Fact]
    public async Task A_topic_made_anew_with_fewer_records_is_read_from_its_beginning()
    {
        await _platform.StartSinkAsync();
        for (var i = 0; i < 20; i++)
        {
            await MapAsync(i, "old");
        }

        await _platform.ExpectAsync(20L, "SELECT count(*) FROM identity_person_map");
        await _platform.StopSinkAsync();
        await _platform.RemakeTopicAsync(TopicCatalog.PersonMap);
        await MapAsync(3, "new");
        await MapAsync(4, "new");
        await _platform.StartSinkAsync();
        await _platform.ExpectAsync(2L, "SELECT count(*) FROM identity_person_map WHERE person_id = 'new' AND _offset >= 0");
        await _platform.ExpectAsync(18L, "SELECT count(*) FROM identity_person_map WHERE _offset < 0");
        await _platform.ExpectAsync("mi/warehouse/identity.person_map/topic_made_anew", "SELECT finding_id FROM ops_finding");
    }

    [Fact]
    public async Task A_warehouse_that_can_not_be_opened_pauses_the_sink_until_it_can()
    {
        var folder = Path.GetDirectoryName(_platform.WarehousePath)!;
        await File.WriteAllTextAsync(folder, "a file where the folder should be");
        await MapAsync(1, "p1");
        await _platform.StartSinkAsync();
        await Platform.UntilAsync(() => Task.FromResult(_platform.State.WaitingFor), w => w?.Contains(_platform.WarehousePath, StringComparison.Ordinal) == true, "the sink to say what it waits for");
        Assert.Contains(_platform.Board.Snapshot(), e => e is { Item: "warehouse", WaitingFor: not null });
        File.Delete(folder);
        await _platform.ExpectAsync(1L, "SELECT count(*) FROM identity_person_map");
        Assert.Null(_platform.State.WaitingFor);
    }

    Task MapAsync(int id, string? person)
    {
        var urn = $"mi/van/c1/person/{id}";
        return _platform.PublishAsync(TopicCatalog.PersonMap, urn, person is null ? null : Map(urn, person));
    }

    static PersonMap Map(string urn, string person) =>
        new() { SourceUrn = urn, Org = "mi", PersonId = person, Evidence = [], ChangedAt = new DateTime(2026, 10, 3, 0, 0, 0, DateTimeKind.Utc) };
}
