using System.Text;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Segments;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>The directory as a kill would leave it before each single write of the log: everything stored is there, and nothing counts as damaged.</summary>
public sealed class CrashPointTests
{
    [Fact]
    public void A_crash_between_any_two_writes_loses_nothing_and_is_no_damage()
    {
        using var fixture = new LogFixture(new LogOptions { SegmentBytes = 2000, IndexIntervalBytes = 150 });
        var io = new SnapshotIo(fixture.PartitionDirectory, fixture.Directory);
        fixture.Io = io;
        var expected = new List<(string Snapshot, long End, long Stable, int Aborted)>();
        for (var i = 0; i < 40; i++)
        {
            var at = fixture.NowMs + i % 7 * 1000 - i % 4 * 3000;
            Do(() => fixture.Append(new TestBatch { Records = [new("a", $"a{i}"), new("b", $"b{i}")], BaseTimestamp = at, MaxTimestamp = at }));
            if (i % 5 == 0)
            {
                Do(() => fixture.Append(new TestBatch { ProducerId = i, ProducerEpoch = 0, BaseSequence = 0, Transactional = true }));
                Do(() => fixture.Log.AppendControl(i, 0, commit: false, 0));
            }

            if (i % 3 == 0)
            {
                Do(fixture.Log.Flush);
            }
        }

        Assert.True(expected.Count > 200, $"only {expected.Count} crashes");
        var values = fixture.Values();
        var timestamps = Timestamps(fixture.Log);
        foreach (var (snapshot, end, stable, aborted) in expected)
        {
            var said = new Said();
            using var log = PartitionLog.Open(snapshot, "topic", 0, fixture.Options, new FakeTimeProvider(LogFixture.Start), said);
            Assert.True(said.Lines.Count == 0, string.Join('\n', said.Lines));

            // What was under way may be there or not.
            Assert.InRange(log.LogEndOffset, end, end + 2);
            Assert.InRange(log.LastStableOffset, stable, end + 2);
            Assert.Equal(
                values.Where(v => v.Offset < log.LogEndOffset),
                log.ReadRecords(0).Where(r => r.Control is null).Select(r => (r.Offset, r.Value is null ? null : Encoding.UTF8.GetString(r.Value))));
            Assert.Equal(timestamps.Where(t => t.Offset < log.LogEndOffset), Timestamps(log));
            using var read = log.Read(0, int.MaxValue, readCommitted: true, minOneBatch: true);
            Assert.InRange(Aborted(log), aborted, aborted + 1);
        }

        void Do(Action write)
        {
            var (end, stable, aborted) = (fixture.Log.LogEndOffset, fixture.Log.LastStableOffset, Aborted(fixture.Log));
            io.Take = true;
            write();
            io.Take = false;
            expected.AddRange(io.Drain().Select(snapshot => (snapshot, end, stable, aborted)));
        }
    }

    /// <summary>Where a reader that seeks the time of each record lands.</summary>
    static List<(long Offset, long Found)> Timestamps(PartitionLog log) =>
        [.. log.ReadRecords(0).Where(r => r.Control is null).Select(r => (r.Offset, log.OffsetForTimestamp(r.Timestamp, readCommitted: false).Offset))];

    static int Aborted(PartitionLog log)
    {
        var found = new HashSet<AbortedTxn>();
        for (var offset = log.LogStartOffset; offset < log.LogEndOffset; offset++)
        {
            using var read = log.Read(offset, 1, readCommitted: true, minOneBatch: true);
            found.UnionWith(read.Aborted!);
        }

        return found.Count;
    }

    /// <summary>Copies the partition before each operation.</summary>
    sealed class SnapshotIo(string partition, string folder) : LogIo
    {
        readonly List<string> _taken = [];
        int _count;

        public bool Take { get; set; }

        public List<string> Drain()
        {
            var taken = _taken.ToList();
            _taken.Clear();
            return taken;
        }

        public override SafeFileHandle Open(string path, FileMode mode)
        {
            Snap();
            return base.Open(path, mode);
        }

        public override void Write(SafeFileHandle file, ReadOnlySpan<byte> data, long position)
        {
            Snap();
            base.Write(file, data, position);
            Snap();
        }

        public override void Flush(SafeFileHandle file)
        {
            Snap();
            base.Flush(file);
        }

        public override void FlushDirectory(string directory)
        {
            Snap();
            base.FlushDirectory(directory);
        }

        void Snap()
        {
            if (Take)
            {
                var copy = Path.Combine(folder, $"snapshot-{++_count}", "topic-0");
                LogFixture.CopyDirectory(partition, copy);
                _taken.Add(copy);
            }
        }
    }
}
