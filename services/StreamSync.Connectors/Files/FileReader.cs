using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>
/// Reads the files of a folder that belong to one stream. The checkpoint has a part for each file. A file is read as soon as it is there, also
/// while it is still written; a file of the same name with other content is read anew, and rows that did not change publish nothing.
/// </summary>
sealed class FileReader : IStreamReader
{
    static readonly TimeSpan RetryUnreadable = TimeSpan.FromSeconds(5);
    static readonly string[] DataEndings = [".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".gz"];

    readonly StreamContext _context;
    readonly DropOptions _options;
    readonly string _folder;
    readonly bool _complete;
    readonly bool _reportsUnmatched;
    readonly FolderWatch _watch;
    readonly WakeSignal _signal;
    readonly Action _release;
    readonly Dictionary<string, IReadOnlyList<string>> _aliases;
    readonly Dictionary<string, FileState> _states = [];
    readonly Dictionary<string, string> _yielded = [];
    readonly Dictionary<string, Sighting> _sightings = [];
    readonly HashSet<string> _snapshots = [];
    readonly HashSet<string> _present = [];
    bool _sawAll;

    /// <param name="context">The stream.</param>
    /// <param name="options">Its options.</param>
    /// <param name="folder">Folder.</param>
    /// <param name="complete">True when each file holds all rows.</param>
    /// <param name="reportsUnmatched">True for the one stream of the sync that reports files which no stream takes.</param>
    /// <param name="watch">Notices changes in the folder.</param>
    /// <param name="release">Called when the reader no longer needs the watch.</param>
    public FileReader(StreamContext context, DropOptions options, string folder, bool complete, bool reportsUnmatched, FolderWatch watch, Action release)
    {
        _context = context;
        _options = options;
        _folder = folder;
        _complete = complete;
        _reportsUnmatched = reportsUnmatched;
        _watch = watch;
        _signal = watch.Subscribe();
        _release = release;
        _aliases = options.Columns.ToDictionary(
            c => c.Key,
            c => (IReadOnlyList<string>)[.. c.Value.Select(n => n.StartsWith(TimeRule.SettingPrefix, StringComparison.Ordinal) ? context.Settings.Get<string>(n[TimeRule.SettingPrefix.Length..]) : n).OfType<string>()]);
    }

    public async IAsyncEnumerable<ChangeBatch> ReadAsync(ReadStart start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Restore(start.Checkpoints);
        var work = FindWork(out _);
        foreach (var (name, state) in Gone())
        {
            yield return TakeLeave(name, state);
        }

        foreach (var (target, sighting) in work)
        {
            _context.WaitingFor(null);
            if (target is null)
            {
                yield return ReportUnmatched(sighting);
                continue;
            }

            if ((sighting.IsFolder ? "a folder" : FileKind.OtherThanFile(target.Path)) is { } kind)
            {
                yield return ReportOther(sighting, kind);
                continue;
            }

            var pass = new FilePass(_context, _options, _aliases, target);
            await using var batches = pass.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(batches, target, sighting) is { } read)
            {
                var batch = read with { Withdrawn = NotOfOthers(target.Name, read.Withdrawn) };
                if (batch.SnapshotStart is not null)
                {
                    _snapshots.Add(target.Name);
                }

                Remember(batch);
                yield return batch;
            }

            if (sighting.Retry > _context.Clock.GetUtcNow())
            {
                continue;
            }

            sighting.ReadAt = (sighting.Size, sighting.Modified, target.Settled);
            sighting.NotBefore = _context.Clock.GetUtcNow() + Pause(sighting);
        }
    }

    public async Task WaitForMoreAsync(CancellationToken cancellationToken)
    {
        while (FindWork(out var next).Count == 0 && Gone().Count == 0)
        {
            _context.CaughtUp();
            _context.WaitingFor($"files in {_folder}");
            var pause = _watch.Works ? _options.Rescan : TimeSpan.FromMilliseconds(250);
            await _signal.WaitAsync(next < pause ? next : pause, _context.Clock, cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _watch.Unsubscribe(_signal);
        _release();
        return ValueTask.CompletedTask;
    }

    /// <summary>A file that can't be read now (locked, gone, no rights) holds up nobody: it is tried again later.</summary>
    async Task<ChangeBatch?> NextAsync(IAsyncEnumerator<ChangeBatch> batches, PassTarget target, Sighting sighting)
    {
        try
        {
            return await batches.MoveNextAsync() ? batches.Current : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _context.Logger.LogWarning("{Stream}: {File} can't be read now: {Reason}", _context.Key, target.Name, e.Message);
            sighting.Retry = _context.Clock.GetUtcNow() + RetryUnreadable;
            var key = new FindingKey("unreadable_file", target.Name);
            var state = _states.GetValueOrDefault(target.Name) ?? new FileState();
            return state.Notes?.Contains(key) == true ? null : new ChangeBatch
            {
                Findings = [new FindingNote(key.Code, key.Subject, FindingSeverity.Error, "the file can't be opened or read; it is tried again", "check its permissions, and that no program locks it")],
                Checkpoints = [new CheckpointMove(target.Name, (state.With(key) with { Done = false }).ToJson())],
            };
        }
    }

    /// <summary>Takes over what is committed; where that differs from what was handed over, the files are looked at again.</summary>
    void Restore(IReadOnlyDictionary<string, string> committed)
    {
        foreach (var (name, json) in committed)
        {
            if (_yielded.GetValueOrDefault(name) != json)
            {
                _states[name] = FileState.Parse(json)!;
                _yielded[name] = json;
                _sightings.GetValueOrDefault(name)?.Forget();
            }
        }

        foreach (var name in _yielded.Keys.Where(n => !committed.ContainsKey(n)).ToList())
        {
            _states.Remove(name);
            _yielded.Remove(name);
            _sightings.GetValueOrDefault(name)?.Forget();
        }
    }

    void Remember(ChangeBatch batch)
    {
        foreach (var move in batch.Checkpoints)
        {
            _states[move.Part] = FileState.Parse(move.State)!;
            _yielded[move.Part] = move.State!;
        }
    }

    /// <summary>Files about which something was said, and that are no longer there.</summary>
    List<(string Name, FileState State)> Gone() =>
        _sawAll ? [.. _states.Where(s => s.Value.HasNotes && !_present.Contains(s.Key)).Select(s => (s.Key, s.Value))] : [];

    /// <summary>What was said about a file goes with it; should it come back, it is read anew and said again.</summary>
    ChangeBatch TakeLeave(string name, FileState state)
    {
        var left = state with { Size = -1, Offset = 0, Hash = null, Done = false, Notes = null, OldNotes = null };
        var batch = new ChangeBatch { Withdrawn = NotOfOthers(name, [.. state.AllNotes]), Checkpoints = [new CheckpointMove(name, left.ToJson())] };
        Remember(batch);
        return batch;
    }

    /// <summary>A finding such as an unknown column stands as long as any file is a cause of it.</summary>
    IReadOnlyList<FindingKey> NotOfOthers(string name, IReadOnlyList<FindingKey> notes) =>
        [.. notes.Where(n => !_states.Any(s => s.Key != name && s.Value.Notes?.Contains(n) == true))];

    ChangeBatch ReportUnmatched(Sighting sighting) => Report(
        sighting,
        new FindingNote("unmatched_file", sighting.Name, FindingSeverity.Warning, "the file's name fits no stream of the connector, so nobody reads it", $"rename it as the README of {_context.Connector.Vendor} says, or move it away"));

    ChangeBatch ReportOther(Sighting sighting, string kind) => Report(
        sighting,
        new FindingNote("not_a_file", sighting.Name, FindingSeverity.Error, $"'{sighting.Name}' is {kind}, no file, so it is not read", sighting.IsFolder ? "rename or remove it; files inside it are read by their own names" : "put a regular file there, or move it away"));

    /// <summary>Says once that something stands in the folder that nobody reads.</summary>
    ChangeBatch Report(Sighting sighting, FindingNote note)
    {
        var key = new FindingKey(note.Code, note.Subject);
        var before = _states.GetValueOrDefault(sighting.Name);
        var state = new FileState { Size = sighting.Size, Modified = sighting.Modified.Ticks, Done = true, Refused = note.Code, Notes = [key], Rejected = before?.Rejected ?? 0 };
        var batch = new ChangeBatch
        {
            Findings = [note],
            Withdrawn = NotOfOthers(sighting.Name, [.. (before?.AllNotes ?? []).Where(n => n != key)]),
            Checkpoints = [new CheckpointMove(sighting.Name, state.ToJson())],
        };
        Remember(batch);
        return batch;
    }

    /// <summary>Files that need a pass, oldest first.</summary>
    /// <param name="next">How long until a file that waits may be ready.</param>
    List<(PassTarget? Target, Sighting Sighting)> FindWork(out TimeSpan next)
    {
        var now = _context.Clock.GetUtcNow();
        next = TimeSpan.MaxValue;
        var work = new List<(PassTarget? Target, Sighting Sighting)>();
        foreach (var sighting in Look(now))
        {
            var state = _states.GetValueOrDefault(sighting.Name);
            if (state is { Done: true } && state.IsOf(sighting.Size, sighting.Modified))
            {
                continue;
            }

            var settledAt = sighting.Since + _options.Settle;
            var settled = now >= settledAt;
            if (sighting.Pattern < 0)
            {
                if (settled)
                {
                    work.Add((null, sighting));
                }

                continue;
            }

            // The same bytes again are worth a look only when they have settled in between; a file that grows is not hashed without pause.
            var wait = sighting.ReadAt == (sighting.Size, sighting.Modified, settled) ? (settled ? TimeSpan.MaxValue : settledAt - now)
                : sighting.Size == 0 && !settled ? settledAt - now
                : TimeSpan.Zero;
            wait = Max(wait, Max(sighting.NotBefore - now, sighting.Retry - now));
            if (wait > TimeSpan.Zero)
            {
                next = wait < next ? wait : next;
                continue;
            }

            var pattern = _options.Patterns[sighting.Pattern];
            work.Add((new PassTarget(sighting.Path, sighting.Name, pattern, sighting.Pattern + 1, state, settled, _complete, _snapshots.Contains(sighting.Name)), sighting));
        }

        work.Sort((a, b) => (a.Sighting.Modified, a.Sighting.Name).CompareTo((b.Sighting.Modified, b.Sighting.Name)));
        return work;
    }

    /// <summary>The files that are there, with the time since when each is as it is now.</summary>
    List<Sighting> Look(DateTimeOffset now)
    {
        var seen = new List<Sighting>();
        _present.Clear();
        _sawAll = false;
        try
        {
            foreach (var info in new DirectoryInfo(_folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.System }))
            {
                var name = Path.GetRelativePath(_folder, info.FullName).Replace('\\', '/');
                var pattern = PatternOf(info.Name);
                var isFolder = info is DirectoryInfo;
                if (isFolder && (pattern < 0 || !NamedLikeData(info.Name)))
                {
                    continue;
                }

                if (IsUnfinished(name) || (pattern < 0 && (!_reportsUnmatched || TakenByAnother(info.Name))))
                {
                    continue;
                }

                if (!_sightings.TryGetValue(name, out var sighting))
                {
                    sighting = _sightings[name] = new Sighting(info.FullName, name, pattern);
                }

                sighting.IsFolder = isFolder;
                sighting.Look(info is FileInfo file ? file.Length : 0, isFolder ? default : info.LastWriteTimeUtc, now);
                seen.Add(sighting);
                _present.Add(name);
            }
        }
        catch (DirectoryNotFoundException e)
        {
            throw new SourceException($"the folder {_folder} is not there", "create it, mount it, or mend the setting 'folder'", innerException: e);
        }
        catch (FileNotFoundException)
        {
            // A file went away while it was looked at: the next look sees the rest.
            return seen;
        }

        _sawAll = true;

        return seen;
    }

    /// <summary>True for a name that promises a table: other folders may well be named like a stream.</summary>
    static bool NamedLikeData(string name) => DataEndings.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    int PatternOf(string fileName)
    {
        for (var i = 0; i < _options.Patterns.Count; i++)
        {
            if (_options.Patterns[i].Fits(fileName))
            {
                return i;
            }
        }

        return -1;
    }

    bool TakenByAnother(string fileName) => _context.Connector.Streams.Any(s => s.Options is DropOptions o && o.Patterns.Any(p => p.Fits(fileName)));

    /// <summary>Names that uploading programs give to a file before it is whole; hidden files.</summary>
    static bool IsUnfinished(string name) =>
        name.Split('/').Any(p => p.StartsWith('.')) || name.EndsWith('~')
        || name.EndsWith(".part", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".partial", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".tmp", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".crdownload", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith(".filepart", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reading on means hashing what was read before: a big file that grows all the time is given rests in proportion.</summary>
    static TimeSpan Pause(Sighting sighting) => TimeSpan.FromMilliseconds(sighting.Size / 250_000);

    static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    /// <summary>A file as the reader knows it.</summary>
    sealed class Sighting(string path, string name, int pattern)
    {
        public string Path { get; } = path;

        public string Name { get; } = name;

        /// <summary>Index of the pattern; -1 for none.</summary>
        public int Pattern { get; } = pattern;

        public bool IsFolder { get; set; }

        public long Size { get; private set; } = -1;

        public DateTime Modified { get; private set; }

        /// <summary>Since when size and time are what they are.</summary>
        public DateTimeOffset Since { get; private set; }

        /// <summary>What the last pass saw.</summary>
        public (long Size, DateTime Modified, bool Settled) ReadAt { get; set; } = (-1, default, false);

        public DateTimeOffset NotBefore { get; set; }

        public DateTimeOffset Retry { get; set; }

        public void Look(long size, DateTime modified, DateTimeOffset now)
        {
            if (size != Size || modified != Modified)
            {
                // A file that was not touched for long, such as one that was moved here, has settled already.
                Since = Size < 0 && modified < now.UtcDateTime ? modified : now;
                Size = size;
                Modified = modified;
            }
        }

        public void Forget()
        {
            ReadAt = (-1, default, false);
            NotBefore = Retry = default;
        }
    }
}
