using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class LogStoreTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("store-test-").FullName;
    readonly FakeTimeProvider _clock = new(LogFixture.Start);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    LogStore Open() => LogStore.Open(_directory, _clock, NullLogger.Instance);

    byte[] Batch() => new TestBatch().Build(_clock.GetUtcNow().ToUnixTimeMilliseconds());

    [Fact]
    public void Partitions_are_found_again_after_a_restart()
    {
        using (var store = Open())
        {
            Assert.Empty(store.Stored);
            store.Create("a-b", 0, new LogOptions()).Append(Batch(), true);
            store.Create("a-b", 12, new LogOptions());
            Assert.Same(store.Create("a-b", 0, new LogOptions()), store.Create("a-b", 0, new LogOptions()));
            Assert.True(store.TryGet("a-b", 12, out _));
            Assert.False(store.TryGet("a-b", 1, out _));
            Assert.Equal(2, store.All.Count);
        }

        using (var store = Open())
        {
            Assert.Equal([new TopicPartition("a-b", 0), new TopicPartition("a-b", 12)], store.Stored.OrderBy(p => p.Partition));
            Assert.Empty(store.All);
            Assert.Equal(1, store.Create("a-b", 0, new LogOptions()).LogEndOffset);
        }
    }

    [Fact]
    public void A_deleted_topic_is_gone_from_disk_and_its_readers_end()
    {
        using var store = Open();
        var log = store.Create("gone", 0, new LogOptions());
        log.Append(Batch(), true);
        store.Create("gone-2", 0, new LogOptions()).Append(Batch(), true);
        store.Create("gone", 1, new LogOptions());
        var woken = 0;
        using var subscription = log.OnAppend(() => woken++);

        store.DeleteTopic("gone");

        Assert.Equal(1, woken);
        Assert.False(store.TryGet("gone", 0, out _));
        using var read = log.Read(0, 1000, false, true);
        Assert.NotEqual(ErrorCode.None, read.Error);
        Assert.NotEqual(ErrorCode.None, log.Append(Batch(), true).Error);
        Assert.Equal(["gone-2-0"], Directory.GetDirectories(_directory).Select(Path.GetFileName));
        Assert.Equal(0, store.Create("gone", 0, new LogOptions()).LogEndOffset);
    }

    [Fact]
    public void A_second_holder_of_the_directory_is_refused_with_a_remedy()
    {
        using var first = Open();
        var error = Assert.Throws<DirectoryInUseException>(Open);
        Assert.Contains(_directory, error.Message, StringComparison.Ordinal);
        Assert.Contains("in use by another process", error.Message, StringComparison.Ordinal);
        first.Dispose();
        Open().Dispose();
    }

    [Fact]
    public void A_directory_of_Apache_Kafka_is_refused()
    {
        File.WriteAllText(Path.Combine(_directory, "meta.properties"), "");
        Assert.Contains("Apache Kafka", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData("ü")]
    public void Names_that_could_leave_the_directory_are_refused(string topic)
    {
        using var store = Open();
        Assert.Throws<ArgumentException>(() => store.Create(topic, 0, new LogOptions()));
    }

    [Fact]
    public async Task The_background_deletes_what_is_too_old()
    {
        using var store = Open();
        var log = store.Create("t", 0, new LogOptions { RetentionMs = 1000 });
        log.Append(Batch(), true);
        var maintained = store.NextMaintenance;
        _clock.Advance(TimeSpan.FromSeconds(2));
        await maintained;

        Assert.Equal((1, 1), (log.LogStartOffset, log.LogEndOffset));
    }

    [Fact]
    public void Waiting_readers_are_woken_by_appends_and_markers_until_they_leave()
    {
        using var store = Open();
        var log = store.Create("t", 0, new LogOptions());
        var woken = new int[2];
        var first = log.OnAppend(() => woken[0]++);
        using var second = log.OnAppend(() => woken[1]++);
        log.Append(Batch(), true);
        log.AppendInternal([new([1], [1])]);
        first.Dispose();
        first.Dispose();
        log.AppendControl(1, 0, true, 0);
        log.Append(new TestBatch { WrongCrc = true }.Build(0), true);
        Assert.Equal([2, 3], woken);
    }
}
