using System.Globalization;
using System.Runtime.CompilerServices;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>What a pass is about.</summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Name">Name below the folder: the checkpoint's part, and the place in messages.</param>
/// <param name="Pattern">Pattern that the name fits.</param>
/// <param name="Scope">Scope of the pattern's rows, for complete files.</param>
/// <param name="State">How far it was read before; null for a new file.</param>
/// <param name="Settled">True when nobody seems to write to it any more.</param>
/// <param name="Complete">True when the file holds all rows of its scope.</param>
/// <param name="SnapshotOpen">True when this process has seen the rows before the state's offset.</param>
sealed record PassTarget(string Path, string Name, FilePattern Pattern, int Scope, FileState? State, bool Settled, bool Complete, bool SnapshotOpen);

/// <summary>
/// One reading of one file: from where the last one ended, as far as whole rows go. Rows that are no rows are rejected one by one with
/// their bytes; only a file that is no table at all is refused as a whole.
/// </summary>
sealed class FilePass
{
    const int RowsPerBatch = 1000;
    const int BytesPerBatch = 1024 * 1024;

    /// <summary>What is said of a file as a whole, or of its end: said anew by each reading, also by one that goes on.</summary>
    static readonly string[] EndCodes = ["truncated_file", "no_rows", "empty_file", "snapshot_incomplete", "too_many_absent", "unreadable_file"];

    /// <summary>What settles that a file was cut: whole files of other names say nothing of it.</summary>
    const string SettlesCut = $"{RowFormat.WholeFile}; or take it away, when its rows have come in another file";

    /// <summary>What settles that a complete file was not whole.</summary>
    const string SettlesIncomplete = "export the file again, and drop it whole, under this or another name";

    readonly DateTime _began;
    readonly DropOptions _options;
    readonly StreamContext _context;
    readonly PassTarget _target;
    readonly RowCollector _rows;
    readonly FormatOpener _opener;

    public FilePass(StreamContext context, DropOptions options, IReadOnlyDictionary<string, IReadOnlyList<string>> aliases, PassTarget target)
    {
        _began = context.Clock.GetUtcNow().UtcDateTime;
        _options = options;
        _context = context;
        _target = target;
        _rows = new RowCollector(context, target.Name, target.Scope);
        _opener = new FormatOpener(context, options, aliases, target.Pattern, _rows.Note);
    }

    /// <summary>State of the file behind what was yielded.</summary>
    public FileState State => _rows.State;

    /// <summary>Reads on.</summary>
    /// <exception cref="IOException">The file can't be read now.</exception>
    public async IAsyncEnumerable<ChangeBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var before = _target.Complete && !_target.SnapshotOpen ? null : _target.State;
        var (content, opened) = await OpenAsync(before, cancellationToken);
        if (content is null)
        {
            // What was read before is no longer there: another file of the same name.
            (content, opened) = await OpenAsync(null, cancellationToken);
        }

        await using (content)
        {
            if (content!.IsEmpty)
            {
                if (_target.Settled)
                {
                    _rows.Note("empty_file", FindingSeverity.Warning, content.Packed ? "the packed file holds an empty file" : "the file is empty", "check the export in the tool");
                    yield return Finish(content);
                }
            }
            else if (opened.Refusal is { } refusal)
            {
                yield return _rows.Refuse(refusal, opened.Header, content.RawLength > opened.Header.Length, opened.ContentType);
            }
            else if (opened.Format is not null)
            {
                await foreach (var batch in ReadRowsAsync(content, opened.Format, cancellationToken))
                {
                    yield return batch;
                }
            }
        }
    }

    /// <summary>Opens the file, reads its header and goes to where the last pass ended.</summary>
    /// <returns>No content when the file no longer begins with what was read before.</returns>
    async Task<(FileContent? Content, OpenedFormat Opened)> OpenAsync(FileState? before, CancellationToken cancellationToken)
    {
        // The time is taken before the bytes: a later write shows as a newer time.
        var modified = File.GetLastWriteTimeUtc(_target.Path).Ticks;
        var resumes = before is { Offset: > 0, Refused: null };
        var content = await FileContent.OpenAsync(_target.Path, resumes ? before!.CodePage : 0, _options.MaxRow, cancellationToken);
        try
        {
            _rows.State = Anew() with { Size = content.RawLength, Modified = modified, CodePage = content.Encoding.CodePage };

            // A packed file can only be unpacked whole; junk may still become something else.
            if (content.IsEmpty || ((content.Packed || content.Kind.Junk is not null) && !_target.Settled))
            {
                return (content, OpenedFormat.NotYet);
            }

            if (content.Kind.Junk is { } junk)
            {
                return (content, new OpenedFormat(null, new Refusal(junk.Code, junk.What, junk.Remedy), content.Head) { ContentType = junk.ContentType });
            }

            var (opened, lines) = await _opener.OpenAsync(content, _target.Settled, _target.Name, isNew: !resumes, cancellationToken);
            if (opened.Format is null)
            {
                return (content, opened);
            }

            if (!resumes)
            {
                Begin(content, lines);
            }
            else if (await content.Window.SkipToAsync(before!.Offset, cancellationToken) && HashText(content.Window) == before.Hash)
            {
                _rows.State = GoingOn(before!) with { Size = content.RawLength, Modified = modified };
            }
            else
            {
                await content.DisposeAsync();
                return (null, OpenedFormat.NotYet);
            }

            return (content, opened);
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }

    /// <summary>The state from which a file is read anew: all that was said of it before is in question.</summary>
    FileState Anew() => _target.State is not { } before ? new FileState() : new FileState
    {
        OldNotes = before.HasNotes ? [.. before.AllNotes] : null,
        MendsFrom = before.Rejected + before.Mends > 0 ? 1 : 0,
        MendsBefore = before.Rejected + before.Mends > 0 ? _began.Ticks : 0,
        Mends = before.Rejected + before.Mends,
    };

    /// <summary>The state from which a file is read on: its last rows and what was said of its end are in question.</summary>
    FileState GoingOn(FileState before)
    {
        var ends = (before.Notes ?? []).Where(n => EndCodes.Contains(n.Code)).ToList();
        var mends = before.Mends == 0 && before.TailRejected > 0;
        return before with
        {
            Rows = before.Rows - before.TailRows,
            Rejected = before.Rejected - before.TailRejected,
            TailRows = 0,
            TailRejected = 0,
            Done = false,
            Notes = ends.Count == 0 ? before.Notes : [.. before.Notes!.Except(ends)],
            OldNotes = ends.Count == 0 ? before.OldNotes : [.. before.OldNotes ?? [], .. ends],
            MendsFrom = mends ? before.Line + 1 : before.MendsFrom,
            MendsBefore = mends ? _began.Ticks : before.MendsBefore,
            Mends = before.Mends + before.TailRejected,
        };
    }

    void Begin(FileContent content, int lines)
    {
        _rows.State = _rows.State with { Line = lines, Offset = content.Window.Offset };
        _rows.SnapshotStarts = _target.Complete;
        if (content.Kind.Guessed)
        {
            _rows.Note("encoding_guessed", FindingSeverity.Info, $"the file is no UTF-8 and has no byte order mark; it was read as {content.Encoding.WebName}", "let the tool export UTF-8");
        }
    }

    async IAsyncEnumerable<ChangeBatch> ReadRowsAsync(FileContent content, RowFormat format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = content.Window;
        var batchStart = window.Offset;
        while (true)
        {
            var status = format.Find(window.Data, final: false, out var consumed, out var lines);
            if (status == RowStatus.NeedMore)
            {
                if (!window.IsFull)
                {
                    await window.FillAsync(cancellationToken);
                    if (!window.AtEnd)
                    {
                        continue;
                    }

                    break;
                }

                // Nothing of this size is a row: a quote that was never closed, or a line without end.
                status = format.Find(window.Data, final: true, out consumed, out lines);
                if (status is not (RowStatus.UnclosedQuote or RowStatus.StrayQuote) || consumed == window.Data.Length)
                {
                    if (!await SkipLineAsync(content, format, cancellationToken))
                    {
                        break;
                    }

                    status = RowStatus.Blank;
                    consumed = lines = 0;
                }
            }

            if (status != RowStatus.Blank)
            {
                Take(format, status, window.Data[..consumed], _rows.State.Line + 1, ref consumed, ref lines, isLastPiece: false);
            }

            window.Consume(consumed);
            _rows.State = _rows.State with { Line = _rows.State.Line + lines, Offset = window.Offset };
            if (_rows.Count >= RowsPerBatch || window.Offset - batchStart >= BytesPerBatch)
            {
                batchStart = window.Offset;
                yield return Batch(content);
            }
        }

        foreach (var name in format.TakeUnknown())
        {
            _opener.NoteUnknown(name);
        }

        if (End(content, format))
        {
            yield return Finish(content);
        }
        else if (_rows.HasNews || _rows.State.Offset != (_target.State?.Offset ?? 0))
        {
            yield return Batch(content);
        }
    }

    /// <summary>Takes what stands behind the last line end, when nothing will follow.</summary>
    /// <returns>True when the file is done with.</returns>
    bool End(FileContent content, RowFormat format)
    {
        var window = content.Window;
        if (content.HasGrown || !window.AtEnd)
        {
            return false;
        }

        if (!window.Data.IsEmpty)
        {
            if (!_target.Settled)
            {
                return false;
            }

            if (window.Damaged)
            {
                RefuseTail(format, window, "the packed file is damaged or ends too early inside this row");
            }
            else if (IsCutInQuotes(format, window.Data))
            {
                RefuseTail(format, window, "the file ends inside a quoted field, which may begin in this row");
                _rows.Note("truncated_file", FindingSeverity.Error, "the file ends inside a row; the rows before were read", SettlesCut);
            }
            else
            {
                TakeTail(format, window);
            }
        }

        if (window.Damaged)
        {
            _rows.Note("truncated_file", FindingSeverity.Error, "the packed file is damaged or ends too early; the rows before that place were read", SettlesCut);
        }

        if (format is DelimitedFormat { ReadAsWindows1252: > 0 and var count })
        {
            _rows.Note("mixed_encoding", FindingSeverity.Warning, "some rows are no UTF-8; they were read as windows-1252", "let the tool export UTF-8", count);
        }

        return _target.Settled || (_rows.State.Rows > 0 && !_target.Complete);
    }

    /// <summary>True when a quote is left open and the last line lacks columns: then the lines between may be the text of a field that was cut.</summary>
    static bool IsCutInQuotes(RowFormat format, ReadOnlySpan<byte> data)
    {
        var last = data[(data.LastIndexOf(format.Newline) + 1)..];
        return format.Find(data, final: true, out _, out _) == RowStatus.UnclosedQuote && !last.IsEmpty
            && (format.Find(last, final: true, out _, out _) == RowStatus.UnclosedQuote || format.Understand(last, isLastPiece: true, out _)?.ReasonCode == "truncated_row");
    }

    /// <summary>
    /// Refuses the rest of a file that is known to lack more, from the last row's start: a row with all its columns may lack the end of the last one,
    /// and lines behind an open quote may be the text of a field.
    /// </summary>
    void RefuseTail(RowFormat format, ByteWindow window, string reason)
    {
        if (window.Data.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return;
        }

        // One entry, read again should the file grow.
        _rows.State = _rows.State with { Rows = _rows.State.Rows + 1, TailRows = 1, TailRejected = 1 };
        _rows.Reject(new Refusal("truncated_row", reason, RowFormat.WholeFile), _rows.State.Line + 1, window.Data, format.ContentType);
    }

    /// <summary>Takes the rest as it is, and stays before it: should the file grow, all of it is read again, for a quote may be closed after all.</summary>
    void TakeTail(RowFormat format, ByteWindow window)
    {
        // Several rows may stand there when a quote is left open: each but the last is given up by itself.
        var (rows, rejected) = (_rows.State.Rows, _rows.State.Rejected);
        var line = _rows.State.Line;
        for (var data = window.Data; !data.IsEmpty;)
        {
            var status = format.Find(data, final: true, out var consumed, out var lines);
            if (status != RowStatus.Blank)
            {
                Take(format, status, data[..consumed], line + 1, ref consumed, ref lines, isLastPiece: consumed == data.Length && data[^1] != format.Newline);
            }

            data = data[consumed..];
            line += lines;
        }

        _rows.State = _rows.State with { TailRows = _rows.State.Rows - rows, TailRejected = _rows.State.Rejected - rejected };
    }

    void Take(RowFormat format, RowStatus status, ReadOnlySpan<byte> row, long line, ref int consumed, ref int lines, bool isLastPiece)
    {
        _rows.State = _rows.State with { Rows = _rows.State.Rows + 1 };
        Refusal? refusal;
        switch (status)
        {
            case RowStatus.UnclosedQuote:
                refusal = new Refusal("unclosed_quote", "a quote is opened in this line and not closed", "double the quotes inside quoted fields, and export again");
                break;
            case RowStatus.StrayQuote:
                refusal = new Refusal("stray_quote", "a quoted field over several lines holds a quote that is not doubled, so its end can't be told", "double the quotes inside quoted fields, and export again");
                break;
            default:
                refusal = format.Understand(row, isLastPiece, out var draft) ?? _rows.Take(draft, line);
                break;
        }

        if (refusal is null)
        {
            return;
        }

        if (lines > 1 && refusal.ReasonCode is "too_few_fields" or "too_many_fields")
        {
            // Most likely one quote too many joined two rows: the next line may be a row by itself.
            consumed = row.IndexOf(format.Newline) + 1;
            lines = 1;
            row = row[..consumed];
        }

        _rows.Reject(refusal, line, row, format.ContentType);
        if (refusal.ReasonCode == "truncated_row")
        {
            _rows.Note("truncated_file", FindingSeverity.Error, "the file ends inside a row; the rows before were read", SettlesCut);
        }
    }

    /// <summary>A line longer than any row: its first part goes to quarantine, the rest is passed over without being held.</summary>
    /// <returns>False when the line has no end yet.</returns>
    async ValueTask<bool> SkipLineAsync(FileContent content, RowFormat format, CancellationToken cancellationToken)
    {
        var window = content.Window;
        var first = window.Data[..Math.Min(window.Data.Length, FileContent.HeadSize)].ToArray();
        var start = window.Offset;
        while (true)
        {
            var end = window.Data.IndexOf(format.Newline);
            if (end >= 0)
            {
                window.Consume(end + 1);
                break;
            }

            window.Consume(window.Data.Length);
            await window.FillAsync(cancellationToken);
            if (window.AtEnd)
            {
                if (!_target.Settled || content.HasGrown)
                {
                    return false;
                }

                break;
            }
        }

        var reason = string.Create(CultureInfo.InvariantCulture, $"the line has {window.Offset - start} bytes, more than the {_options.MaxRow} of the longest row; its first {first.Length} are kept here");
        _rows.State = _rows.State with { Rows = _rows.State.Rows + 1 };
        _rows.Reject(new Refusal("line_too_long", reason, "look at the file: a line end is missing"), _rows.State.Line + 1, first, format.ContentType, truncated: true);
        _rows.State = _rows.State with { Line = _rows.State.Line + 1, Offset = window.Offset };
        return true;
    }

    ChangeBatch Batch(FileContent content)
    {
        _rows.State = _rows.State with { Hash = HashText(content.Window) };
        return _rows.TakeBatch();
    }

    ChangeBatch Finish(FileContent content)
    {
        if (!content.IsEmpty && !content.Window.Damaged && _rows.State.Rows == 0)
        {
            _rows.Note("no_rows", FindingSeverity.Info, "the file has a header and no rows", "check the export in the tool");
        }

        _rows.State = _rows.State with { Hash = HashText(content.Window), Size = content.SizeRead };
        if (!_target.Complete || content.IsEmpty)
        {
            return _rows.TakeLastBatch();
        }

        if (_rows.State.Rejected > 0 || content.Window.Damaged)
        {
            var (what, remedy) = (_rows.State.Rejected > 0, content.Window.Damaged) switch
            {
                (true, false) => ("some rows of the file could not be read", "mend the file or export it again, and drop it whole, under this or another name"),
                (true, true) => ("some rows of the file could not be read, and its end is missing", SettlesIncomplete),
                _ => ("all rows that came out of the packed file were read, but it is damaged or ends too early, so there may be more", SettlesIncomplete),
            };
            _rows.Note("snapshot_incomplete", FindingSeverity.Warning, $"{what}; rows that are missing in it were not taken for deleted", remedy);
            return _rows.TakeLastBatch();
        }

        return _rows.TakeLastBatch(new SnapshotEnd(_target.Scope, _target.Name, AbsenceLimit.Of(_context), "drop the file again under another name"));
    }

    static string HashText(ByteWindow window) => window.ConsumedHash.ToString("x32", CultureInfo.InvariantCulture);
}
