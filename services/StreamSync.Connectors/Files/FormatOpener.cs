using System.Text;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>What the beginning of a file says about its rows.</summary>
/// <param name="Format">How to read them; null when the file is refused, or when its header is not there yet.</param>
/// <param name="Refusal">Why the file is refused.</param>
/// <param name="Header">Bytes of the header, for the quarantine.</param>
sealed record OpenedFormat(RowFormat? Format, Refusal? Refusal, byte[] Header)
{
    /// <summary>Media type of what is refused.</summary>
    public string ContentType { get; init; } = "text/csv";

    public static OpenedFormat NotYet { get; } = new(null, null, []);
}

/// <summary>Reads a file's header, and notes what is odd about it.</summary>
sealed class FormatOpener(StreamContext context, DropOptions options, IReadOnlyDictionary<string, IReadOnlyList<string>> aliases, FilePattern pattern, Action<FindingNote> note)
{
    static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];
    static readonly byte[] Delimiters = [(byte)',', (byte)'\t', (byte)';', (byte)'|'];

    /// <param name="content">The file, at its beginning.</param>
    /// <param name="settled">True when nobody writes to it any more.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <param name="isNew">True when the header was not seen before.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The format, with the window behind the header, and the number of lines before that.</returns>
    public async Task<(OpenedFormat Opened, int Lines)> OpenAsync(FileContent content, bool settled, string name, bool isNew, CancellationToken cancellationToken)
    {
        var window = content.Window;
        var lines = 0;
        while (true)
        {
            await window.FillAsync(cancellationToken);
            if (window.Offset == 0 && window.Data.StartsWith(Utf8Mark))
            {
                window.Consume(Utf8Mark.Length);
            }

            SkipBlankLines(window, ref lines);
            var final = window.AtEnd && settled;
            if (!window.Data.IsEmpty && (window.Data[0] == '{' || window.Data[0] == '['))
            {
                return (OpenJson(window), lines);
            }

            if (NewlineOf(window.Data, final || window.IsFull) is { } newline)
            {
                var parser = new DelimitedParser(DelimiterOf(window.Data, newline), newline);
                var status = parser.Read(window.Data, final || window.IsFull, out var consumed, out var headerLines);
                if (window.Damaged && (status is not RowStatus.Row || window.Data[consumed - 1] != newline))
                {
                    return (Refuse("damaged_archive", "the packed file is damaged or ends too early, before its first row", RowFormat.WholeFile, window.Data), lines);
                }

                if (status is RowStatus.Row)
                {
                    var header = window.Data[..consumed].ToArray();
                    var opened = OpenDelimited(parser, header, content.Encoding.CodePage == Encoding.UTF8.CodePage, name, isNew);
                    window.Consume(consumed);
                    return (opened, lines + headerLines);
                }

                if (status is RowStatus.Blank)
                {
                    return (Refuse("unrecognised_header", "the file has no header", "drop a CSV file whose first line names its columns", window.Data), lines);
                }

                if (status is not RowStatus.NeedMore)
                {
                    return (Refuse("unrecognised_header", "the first line is no header", "drop a CSV file whose first line names its columns", window.Data), lines);
                }
            }

            if (window.AtEnd)
            {
                return (settled ? Refuse("unrecognised_header", "the file has no header", "drop a CSV file whose first line names its columns", window.Data) : OpenedFormat.NotYet, lines);
            }
        }
    }

    OpenedFormat OpenJson(ByteWindow window)
    {
        if (window.Data[0] == '[')
        {
            return Refuse("json_array", "the file is one JSON array", "write one JSON object a line", window.Data);
        }

        var schema = context.RecordSchema;
        return new OpenedFormat(new JsonLinesFormat(schema, names => ColumnPlan.Assign(names, schema, aliases, options.Prefixes), new FixedFields(pattern, schema, context.Settings), options.ExtraColumns), null, []);
    }

    OpenedFormat OpenDelimited(DelimitedParser parser, byte[] header, bool isUtf8, string name, bool isNew)
    {
        var names = new List<string>(parser.Count);
        foreach (var field in parser.Fields)
        {
            var text = Encoding.UTF8.GetString(header.AsSpan(field.Start, field.Length));
            names.Add(field.HasQuotes ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text);
        }

        var schema = context.RecordSchema;
        var plan = ColumnPlan.Create(names, schema, aliases, options.Prefixes, options.ExtraColumns);
        var filled = plan.Filled.Concat(pattern.Set.Keys).ToHashSet();
        if (!plan.Filled.Any())
        {
            return Refuse("unrecognised_header", "none of the columns is one of this stream", $"check that the file is an export of {context.Connector.Title}, {context.Stream.Name}, with a header", header);
        }

        var missing = context.Stream.Id.Where(p => !p.EndsWith('?')).Select(p => p.Split('.', '[')[0]).Where(f => !filled.Contains(f)).ToList();
        if (missing.Count > 0)
        {
            return Refuse("missing_column", $"the file lacks the column '{string.Join("', '", missing.Select(NameOf))}', part of the unique ID of its rows", "export the file with that column", header);
        }

        // The name that the column has in the tool, where one is configured.
        string NameOf(string field) => aliases.TryGetValue(field, out var names) && names.Count > 0 ? names[0] : field;

        if (isNew)
        {
            NoteColumns(plan, filled, name);
        }

        return new OpenedFormat(new DelimitedFormat(parser, plan, schema, new FixedFields(pattern, schema, context.Settings), isUtf8), null, header);
    }

    void NoteColumns(ColumnPlan plan, HashSet<string> filled, string name)
    {
        foreach (var column in plan.Unknown)
        {
            NoteUnknown(column);
        }

        foreach (var column in plan.Repeated)
        {
            note(new FindingNote("duplicate_header", column, FindingSeverity.Info, $"several columns are named '{column}'; they are read by position, the later ones as '{column}_2' and so on", "nothing, unless the columns should have names of their own"));
        }

        if (context.Stream.OccurredAt is { } rule && !filled.Contains(rule.Field.Split('.', '[')[0]))
        {
            note(new FindingNote("missing_column", rule.Field, FindingSeverity.Warning, $"'{name}' lacks the column '{rule.Field}'; its rows are read without the time when they happened", "export the file with that column"));
        }
    }

    public void NoteUnknown(string column) => note(options.ExtraColumns is { } extra
        ? new FindingNote(
            "unknown_column",
            column,
            FindingSeverity.Warning,
            $"no field takes the column '{column}'; its values are kept in {extra}",
            $"nothing, if they may stay there; else rename the column: the README of the connector {context.Connector.Vendor} lists the names that are understood")
        : new FindingNote(
            "unknown_column",
            column,
            FindingSeverity.Warning,
            $"the column '{column}' is not in the stream's schema; its values are kept in extras",
            $"nothing, if they may stay there; a field for it is added in schemas/source/{context.Connector.Vendor}/{context.Stream.Name}.avsc of StreamSync's sources"));

    static OpenedFormat Refuse(string code, string reason, string remedy, ReadOnlySpan<byte> raw) =>
        new(null, new Refusal(code, reason, remedy), raw[..Math.Min(raw.Length, FileContent.HeadSize)].ToArray());

    /// <summary>The byte that ends lines; null while it can't be told.</summary>
    static byte? NewlineOf(ReadOnlySpan<byte> data, bool all) =>
        data.Contains((byte)'\n') ? (byte)'\n'
        : !all && data.Length < FileContent.HeadSize ? null
        : data.Contains((byte)'\r') ? (byte)'\r' : (byte)'\n';

    /// <summary>The delimiter that stands most often in the first line, outside of quotes.</summary>
    static byte DelimiterOf(ReadOnlySpan<byte> data, byte newline)
    {
        var end = data.IndexOf(newline);
        var line = end < 0 ? data : data[..end];
        Span<int> counts = stackalloc int[Delimiters.Length];
        var quoted = false;
        foreach (var b in line)
        {
            quoted ^= b == '"';
            var at = Delimiters.AsSpan().IndexOf(b);
            if (at >= 0 && !quoted)
            {
                counts[at]++;
            }
        }

        var best = 0;
        for (var i = 1; i < counts.Length; i++)
        {
            best = counts[i] > counts[best] ? i : best;
        }

        return Delimiters[best];
    }

    static void SkipBlankLines(ByteWindow window, ref int lines)
    {
        var text = window.Data.IndexOfAnyExcept(" \t\r\n"u8);
        var blank = text < 0 ? window.Data : window.Data[..text];
        var end = blank.LastIndexOf((byte)'\n') + 1;
        lines += blank.Count((byte)'\n');
        window.Consume(end);
    }
}
