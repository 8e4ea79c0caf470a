using System.Text;
using Microsoft.Extensions.Time.Testing;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Log.Segments;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Log;

/// <summary>A partition in a directory of its own, with a clock that the test moves.</summary>
sealed class LogFixture : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    PartitionLog? _log;

    public LogFixture(LogOptions? options = null) => Options = options ?? new LogOptions();

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("log-test-").FullName;

    public FakeTimeProvider Clock { get; } = new(Start);

    public long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public LogOptions Options { get; set; }

    /// <summary>What the log has told since it was first opened.</summary>
    public Said Said { get; } = new();

    public LogIo Io { get; set; } = LogIo.Default;

    public string PartitionDirectory => Path.Combine(Directory, "topic-0");

    public PartitionLog Log => _log ??= PartitionLog.Open(PartitionDirectory, "topic", 0, Options, Clock, Said, Io);

    /// <summary>Stops cleanly and opens again.</summary>
    public PartitionLog Reopen()
    {
        _log?.Dispose();
        _log = null;
        return Log;
    }

    /// <summary>Opens again what a killed process would have left: files as they are, nothing saved at the end.</summary>
    public PartitionLog Crash(Action<string>? harm = null)
    {
        _ = Log;
        var copy = PartitionDirectory + ".copy";
        CopyDirectory(PartitionDirectory, copy);
        _log?.Dispose();
        _log = null;
        System.IO.Directory.Delete(PartitionDirectory, recursive: true);
        System.IO.Directory.Move(copy, PartitionDirectory);
        harm?.Invoke(PartitionDirectory);
        return Log;
    }

    public static void CopyDirectory(string from, string to)
    {
        System.IO.Directory.CreateDirectory(to);
        foreach (var file in System.IO.Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    public AppendResult Append(TestBatch batch, bool verified = true) => Log.Append(batch.Build(NowMs), verified);

    /// <summary>Appends one batch of the given values, keyed alike.</summary>
    public long AppendValues(params string[] values)
    {
        var result = Append(new TestBatch { Records = [.. values.Select(v => new TestRecord(v, v))] });
        Assert.Equal(ErrorCode.None, result.Error);
        return result.BaseOffset;
    }

    /// <summary>Offset and value of every data record that a reader sees.</summary>
    public List<(long Offset, string? Value)> Values(long from = -1) =>
        [.. Log.ReadRecords(from < 0 ? Log.LogStartOffset : from)
            .Where(r => r.Control is null)
            .Select(r => (r.Offset, r.Value is null ? null : Encoding.UTF8.GetString(r.Value)))];

    public string SegmentFile(long baseOffset) => Path.Combine(PartitionDirectory, FileNames.Offset(baseOffset) + FileNames.Log);

    public string IndexFile(long baseOffset) => Path.Combine(PartitionDirectory, FileNames.Offset(baseOffset) + FileNames.Index);

    public void Dispose()
    {
        _log?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
