using Microsoft.Win32.SafeHandles;
using StreamSync.LocalKafka.Log.Batches;

namespace StreamSync.LocalKafka.Log.Segments;

/// <summary>
/// One segment file and its index. The last segment of a log grows; the others never change, but are replaced whole by
/// compaction and repair. The owner serialises writes; reads run beside them.
/// </summary>
sealed class Segment : IDisposable
{
    readonly LogIo _io;
    readonly Lock _opening = new();
    SafeFileHandle? _file;
    SegmentIndex? _index;
    WeakReference<SegmentIndex>? _cached;
    long _maxTimestamp = -1;
    int _size, _indexedAt;
    bool _used, _disposed;

    // The file was made and no one has forced its directory entry to the disk yet.
    bool _isNew;

    public Segment(string directory, long baseOffset, LogIo io)
    {
        _io = io;
        BaseOffset = NextOffset = MaxTimestampOffset = baseOffset;
        var name = Path.Combine(directory, FileNames.Offset(baseOffset));
        LogPath = name + FileNames.Log;
        IndexPath = name + FileNames.Index;
    }

    /// <summary>A segment under construction, in a file that has not taken its final name.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static Segment CreateCleaned(string directory, long baseOffset, LogIo io)
    {
        var segment = new Segment(directory, baseOffset, io);
        segment._file = io.Open(segment.CleanedPath, FileMode.Create);
        segment.Reset();
        return segment;
    }

    public long BaseOffset { get; }

    public string CleanedPath => Path.ChangeExtension(LogPath, FileNames.Cleaned);

    public string LogPath { get; }

    public string IndexPath { get; }

    /// <summary>Bytes of whole batches; grows only after they are written.</summary>
    public int Size
    {
        get => Volatile.Read(ref _size);
        private set => Volatile.Write(ref _size, value);
    }

    /// <summary>Bytes in front of this position were there before this process started and are checked when they are read.</summary>
    public int TrustedFrom { get; set; }

    public long NextOffset { get; private set; }

    public long MaxTimestamp
    {
        get => Volatile.Read(ref _maxTimestamp);
        private set => Volatile.Write(ref _maxTimestamp, value);
    }

    public long MaxTimestampOffset { get; private set; }

    public long FirstTimestamp { get; private set; } = -1;

    /// <summary>The clock's timestamp when a record was last appended here, or when the log was opened with it.</summary>
    public long WrittenAt { get; set; }

    /// <summary>When the file was last written, for records without timestamps.</summary>
    public long LastModifiedMs => new DateTimeOffset(File.GetLastWriteTimeUtc(LogPath)).ToUnixTimeMilliseconds();

    /// <summary>Transactions whose abort marker is in this segment. Replaced, never changed.</summary>
    public AbortedEntry[] Aborted { get; private set; } = [];

    /// <summary>Whether the index on disk lacks what is in memory.</summary>
    public bool IndexDirty { get; private set; }

    /// <summary>Whether bytes were written that no fsync has covered.</summary>
    public bool FileDirty { get; private set; }

    public SegmentSummary Summary => new(Size, NextOffset, MaxTimestamp, MaxTimestampOffset, FirstTimestamp);

    public SafeFileHandle Handle
    {
        get
        {
            _used = true;
            return _file ?? OpenFile();
        }
    }

    SafeFileHandle OpenFile()
    {
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_file is null)
            {
                var isNew = !File.Exists(LogPath);
                _file = _io.Open(LogPath, FileMode.OpenOrCreate);
                _isNew |= isNew;
            }

            return _file;
        }
    }

    /// <summary>The index, read from disk if it is not in memory.</summary>
    /// <exception cref="SegmentDamagedException">The file is lost or damaged: the owner rebuilds it.</exception>
    public SegmentIndex Index
    {
        get
        {
            if (_index is { } strong)
            {
                return strong;
            }

            if (_cached is { } weak && weak.TryGetTarget(out var cached))
            {
                return cached;
            }

            if (Size == 0)
            {
                return new SegmentIndex();
            }

            var size = Size;
            if (SegmentIndexFile.Read(IndexPath, BaseOffset) is not { } read || read.Summary.Size != size)
            {
                throw new SegmentDamagedException(this, null);
            }

            _cached = new WeakReference<SegmentIndex>(read.Index);
            return read.Index;
        }
    }

    /// <summary>Takes over what the index file says. False: it is lost, damaged or of another state of the log.</summary>
    /// <param name="size">Size that the log file has, or had at the recovery point.</param>
    public bool TryLoad(int size)
    {
        if (SegmentIndexFile.ReadSummary(IndexPath, BaseOffset) is not { } header || header.Summary.Size != size)
        {
            return false;
        }

        var aborted = Array.Empty<AbortedEntry>();
        if (header.AbortedCount > 0)
        {
            if (SegmentIndexFile.Read(IndexPath, BaseOffset) is not { } read)
            {
                return false;
            }

            aborted = [.. read.Aborted];
        }

        (Size, NextOffset, MaxTimestamp, MaxTimestampOffset, FirstTimestamp) = header.Summary;
        Aborted = aborted;
        _indexedAt = size;
        return true;
    }

    /// <summary>
    /// Takes over what the index file says of the first part of the log file, up to some batch at or before a position: a crash between
    /// the writes of the index and of the recovery point leaves an index that knows more than the recovery point does. False: it does not.
    /// </summary>
    /// <param name="position">The recovery point.</param>
    /// <param name="offset">Offset of the first record behind it.</param>
    public bool TryLoadPart(int position, long offset)
    {
        if (SegmentIndexFile.Read(IndexPath, BaseOffset) is not { } read || read.Summary.Size < position)
        {
            return false;
        }

        Reset();
        foreach (var entry in read.Index.Entries)
        {
            if (entry.Position > position)
            {
                break;
            }

            _index!.Add(entry);
            (_indexedAt, Size, NextOffset, MaxTimestamp) = (entry.Position, entry.Position, BaseOffset + entry.RelativeOffset, entry.MaxTimestampBefore);
        }

        if (Size > 0)
        {
            FirstTimestamp = read.Summary.FirstTimestamp;

            // If the largest timestamp of all comes later, whoever adds the rest meets it again.
            MaxTimestampOffset = read.Summary.MaxTimestamp == MaxTimestamp ? read.Summary.MaxTimestampOffset : BaseOffset;
        }

        SetAborted([.. read.Aborted.Where(entry => entry.LastOffset < offset)]);
        return true;
    }

    /// <summary>Forgets everything known, to be told again batch by batch.</summary>
    public void Reset()
    {
        (Size, NextOffset, MaxTimestamp, MaxTimestampOffset, FirstTimestamp) = (0, BaseOffset, -1, BaseOffset, -1);
        Aborted = [];
        _index = new SegmentIndex();
        _cached = null;
        _indexedAt = 0;
    }

    /// <summary>Brings the index into memory before the first append after a rest.</summary>
    /// <exception cref="SegmentDamagedException">It is lost.</exception>
    public void LoadIndex()
    {
        if (_index is null)
        {
            _index = Index;
            _cached = null;
        }
    }

    /// <summary>The same; false where the file of the index is missing or damaged.</summary>
    public bool TryLoadIndex()
    {
        try
        {
            LoadIndex();
            return true;
        }
        catch (SegmentDamagedException)
        {
            return false;
        }
    }

    /// <summary>Takes note of a batch that lies at the end.</summary>
    public void Added(BatchHeader header, int indexInterval)
    {
        var position = Size;
        LoadIndex();
        if (position - _indexedAt >= indexInterval)
        {
            _index!.Add(new IndexEntry((int)(header.BaseOffset - BaseOffset), position, MaxTimestamp));
            _indexedAt = position;
        }

        if (position == 0)
        {
            FirstTimestamp = header.MaxTimestamp;
        }

        if (header.MaxTimestamp > MaxTimestamp)
        {
            MaxTimestampOffset = header.BaseOffset;
            MaxTimestamp = header.MaxTimestamp;
        }

        NextOffset = header.LastOffset + 1;
        IndexDirty = true;
        Size = position + (int)header.TotalSize;
    }

    public void AddAborted(AbortedEntry entry)
    {
        Aborted = [.. Aborted, entry];
        IndexDirty = true;
    }

    public void SetAborted(AbortedEntry[] entries)
    {
        Aborted = entries;
        IndexDirty = true;
    }

    /// <summary>Writes a batch at the end; the caller then tells <see cref="Added"/>. If it throws, nothing is left behind.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Write(ReadOnlySpan<byte> batch, bool flush)
    {
        var file = Handle;
        if (_overhang)
        {
            _io.SetLength(file, Size);
            _overhang = false;
        }

        try
        {
            FileDirty = true;
            _io.Write(file, batch, Size);
            if (flush)
            {
                FlushFile(file);
            }
        }
        catch (IOException)
        {
            _overhang = true;
            _io.SetLength(file, Size);
            _overhang = false;
            throw;
        }
    }

    // Part of a refused write could not be cut off yet.
    bool _overhang;

    /// <summary>Makes the file, which a new partition does without until its first append.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Create() => _ = Handle;

    /// <summary>Turns to the file that has taken this one's place.</summary>
    public void Reopen()
    {
        lock (_opening)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    public void MarkFileDirty() => FileDirty = true;

    /// <summary>Forces the file to the disk if anything was written.</summary>
    public void Flush()
    {
        if (FileDirty)
        {
            FileDirty = false;
            try
            {
                FlushFile(Handle);
            }
            catch (IOException)
            {
                FileDirty = true;
                throw;
            }
        }
    }

    void FlushFile(SafeFileHandle file)
    {
        _io.Flush(file);
        if (_isNew)
        {
            _io.FlushDirectory(Path.GetDirectoryName(LogPath)!);
            _isNew = false;
        }
    }

    /// <summary>An image of the index for the disk, taken while no one appends.</summary>
    public byte[] IndexImage() => SegmentIndexFile.Write(BaseOffset, Summary, Index.Entries, Aborted);

    /// <summary>Says that an image of this size is on disk; if nothing came after it, memory may forget the index.</summary>
    public void IndexSaved(int size, bool keepInMemory)
    {
        if (size != Size)
        {
            return;
        }

        IndexDirty = false;
        if (!keepInMemory && _index is { } index)
        {
            _cached = new WeakReference<SegmentIndex>(index);
            _index = null;
        }
    }

    /// <summary>Closes the file if it was not used since the last call.</summary>
    public void CloseIfIdle()
    {
        if (_used || FileDirty)
        {
            _used = false;
            return;
        }

        lock (_opening)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Walks the batches from a position on.</summary>
    public BatchWalker Walk(int from, bool verify = false, int chunk = BatchWalker.DefaultBuffer) =>
        new(Handle, BaseOffset, from, Size, BaseOffset, verify, chunk);

    /// <summary>Closes the file for good: a reader in progress gets <see cref="ObjectDisposedException"/> and looks anew.</summary>
    public void Dispose()
    {
        lock (_opening)
        {
            _disposed = true;
            _file?.Dispose();
            _file = null;
        }
    }

    public void Delete()
    {
        Dispose();
        File.Delete(IndexPath);
        File.Delete(LogPath);
    }
}

/// <summary>Bytes in a segment or its index are not as they were written; the owner repairs the segment and tries again.</summary>
sealed class SegmentDamagedException(Segment segment, int? position)
    : IOException($"{segment.LogPath} is damaged{(position is { } at ? $" at byte {at}" : " or has lost its index")}.")
{
    public Segment Segment { get; } = segment;

    /// <summary>Where, or null when only the index is lost.</summary>
    public int? Position { get; } = position;
}
