using Microsoft.Extensions.Time.Testing;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Tests.Support;

/// <summary>Reads a folder as the host would, without Kafka; the clock is the test's, far enough ahead that files have settled.</summary>
sealed class FileHarness : IAsyncDisposable
{
    readonly FileStyle _style = new();
    IStreamReader _reader;

    /// <param name="connector">Vendor.</param>
    /// <param name="stream">Stream.</param>
    /// <param name="settings">Further settings.</param>
    /// <param name="settled">False for files that somebody is still writing, until the clock is put forward.</param>
    /// <param name="secrets">Secrets of the sync.</param>
    public FileHarness(string connector, string stream, string settings = "", bool settled = true, string secrets = "{}")
    {
        Clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(settled ? 1 : 0));
        Plan = TestSync.Files(connector, stream, Folder.Path, Clock, settings, secrets);
        _reader = _style.Open(Plan.Context);
    }

    public TempFolder Folder { get; } = new();

    public FakeTimeProvider Clock { get; }

    public StreamPlan Plan { get; }

    public Dictionary<string, string> Checkpoints { get; } = [];

    public List<SourceRecord> Records { get; } = [];

    public List<RejectedInput> Rejected { get; } = [];

    public List<FindingNote> Findings { get; } = [];

    /// <summary>Findings that stand.</summary>
    public HashSet<FindingKey> Standing { get; } = [];

    public List<MendedPart> Mended { get; } = [];

    public IEnumerable<string> FindingCodes => Findings.Select(f => f.Code);

    /// <summary>One run.</summary>
    /// <param name="stopAfter">Batches after which the run is given up, as by a crash; what was yielded counts as committed.</param>
    public async Task<int> RunAsync(int stopAfter = int.MaxValue)
    {
        var batches = 0;
        await foreach (var batch in _reader.ReadAsync(new ReadStart("run", Checkpoints), CancellationToken.None))
        {
            Records.AddRange(batch.Records);
            Rejected.AddRange(batch.Rejected);
            Findings.AddRange(batch.Findings);
            Standing.ExceptWith(batch.Withdrawn);
            Standing.UnionWith(batch.Findings.Select(f => new FindingKey(f.Code, f.Subject)));
            Mended.AddRange(batch.Mended is { } mended ? [mended] : []);
            foreach (var move in batch.Checkpoints)
            {
                Checkpoints[move.Part] = move.State!;
            }

            if (++batches == stopAfter)
            {
                break;
            }
        }

        return batches;
    }

    /// <summary>Another process takes over from the checkpoints.</summary>
    public async Task RestartAsync()
    {
        await _reader.DisposeAsync();
        _reader = _style.Open(Plan.Context);
    }

    /// <summary>Reads one file of a stream and returns its rows.</summary>
    public async Task ReadAsync(string name, byte[] bytes)
    {
        Folder.Write(name, bytes);
        await RunAsync();
    }

    public Task ReadAsync(string name, string text) => ReadAsync(name, System.Text.Encoding.UTF8.GetBytes(text));

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        _style.Dispose();
        Folder.Dispose();
    }
}
