using System.Diagnostics;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

public sealed class ApacheToolTests
{
    [SkippableFact]
    public void The_log_dump_tool_of_Apache_Kafka_reads_the_segments()
    {
        var tool = Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME") ?? "", "bin", "kafka-dump-log.sh");
        Skip.IfNot(Path.IsPathRooted(tool) && File.Exists(tool), "KAFKA_HOME names no Apache Kafka.");
        using var fixture = new LogFixture(new LogOptions { Cleanup = CleanupPolicy.Compact, SegmentBytes = 2000, MinCleanableRatio = 0 });
        foreach (var codec in Enum.GetValues<CompressionType>().Where(c => c != CompressionType.Producer))
        {
            fixture.Log.UpdateOptions(fixture.Options with { Compression = codec });
            fixture.Append(new TestBatch { Records = [new($"a-{codec}", "1"), new($"gone-{codec}", "2", 3, ("h", "x")), new($"gone-{codec}", null)] });
        }

        fixture.Append(new TestBatch { ProducerId = 7, ProducerEpoch = 1, BaseSequence = 0, Transactional = true });
        fixture.Log.AppendControl(7, 1, commit: false, 0);
        // As it was sent, so that it really fills the segment: only closed segments are compacted.
        fixture.Log.UpdateOptions(fixture.Options);
        for (var i = 0; i < 4; i++)
        {
            fixture.AppendValues(new string('x', 450));
        }

        fixture.AppendValues("last");
        fixture.Log.RunCompaction();

        // Of each codec the last value and the tombstone; of the aborted transaction only its marker.
        Assert.Equal(5 * 2 + 1, fixture.Log.ReadRecords(0).Count(r => r.Offset < 17));

        using var process = Process.Start(new ProcessStartInfo(tool, ["--deep-iteration", "--print-data-log", "--files", fixture.SegmentFile(0)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(0, process.ExitCode);
        Assert.DoesNotContain("isvalid: false", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Found non-consecutive offsets", output, StringComparison.Ordinal);
        foreach (var codec in Enum.GetValues<CompressionType>().Where(c => c != CompressionType.Producer))
        {
            Assert.Contains($"compresscodec: {codec.ToString().ToLowerInvariant()}", output, StringComparison.Ordinal);
            Assert.Contains($"a-{codec}", output, StringComparison.Ordinal);
        }

        Assert.Contains("endTxnMarker: ABORT", output, StringComparison.Ordinal);
        Assert.Contains("deleteHorizonMs: OptionalLong[", output, StringComparison.Ordinal);
    }
}
