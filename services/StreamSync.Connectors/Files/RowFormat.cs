using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Avro.Generic;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Files;

/// <summary>How the rows of a file are found and understood.</summary>
abstract class RowFormat
{
    /// <summary>What mends a file that was cut.</summary>
    public const string WholeFile = "export the file again, whole, and drop it under the same name";

    /// <summary>Finds the row at the start of the data.</summary>
    public abstract RowStatus Find(ReadOnlySpan<byte> data, bool final, out int consumed, out int lines);

    /// <summary>Understands the row that was found last.</summary>
    /// <param name="row">Its bytes, with the line end.</param>
    /// <param name="isLastPiece">True when the file ends with it without a line end.</param>
    /// <param name="draft">What it says.</param>
    /// <returns>Why it is no record; null when it is one.</returns>
    public abstract Refusal? Understand(ReadOnlySpan<byte> row, bool isLastPiece, out RecordDraft draft);

    /// <summary>Names in rows that no field takes, since the last call.</summary>
    public virtual IReadOnlyCollection<string> TakeUnknown() => [];

    public abstract string ContentType { get; }

    public virtual byte Newline => (byte)'\n';
}

/// <summary>Delimited text with a header.</summary>
sealed class DelimitedFormat(DelimitedParser parser, ColumnPlan plan, Avro.RecordSchema schema, FixedFields set, bool isUtf8) : RowFormat
{
    /// <summary>Set once a row held a character beyond ASCII in valid UTF-8: then an invalid one is an error, not another encoding.</summary>
    bool _sawUtf8;

    /// <summary>Rows that were no UTF-8 and were read as windows-1252.</summary>
    public long ReadAsWindows1252 { get; private set; }

    public override string ContentType => "text/csv";

    public override byte Newline => parser.Newline;

    public override RowStatus Find(ReadOnlySpan<byte> data, bool final, out int consumed, out int lines) => parser.Read(data, final, out consumed, out lines);

    public override Refusal? Understand(ReadOnlySpan<byte> row, bool isLastPiece, out RecordDraft draft)
    {
        draft = default;
        var fields = parser.Fields;
        if (fields.Length < plan.Count)
        {
            return isLastPiece
                ? new Refusal("truncated_row", $"the file ends inside this row: {fields.Length} of {plan.Count} columns", WholeFile)
                : new Refusal("too_few_fields", $"the row has {fields.Length} fields, the header {plan.Count}", "quote fields that hold the delimiter or line ends, and export again");
        }

        for (var i = plan.Count; i < fields.Length; i++)
        {
            if (fields[i].Length > 0)
            {
                return new Refusal("too_many_fields", $"the row has {fields.Length} fields, the header {plan.Count}", "quote fields that hold the delimiter, and export again");
            }
        }

        var encoding = Encoding.UTF8;
        if (!Ascii.IsValid(row))
        {
            if (Utf8.IsValid(row))
            {
                _sawUtf8 = true;
            }
            else if (_sawUtf8 || !isUtf8)
            {
                return new Refusal("wrong_encoding", "the row holds bytes that are no UTF-8, unlike rows before it", "export the file in one encoding, best UTF-8");
            }
            else
            {
                ReadAsWindows1252++;
                encoding = TextKind.Windows1252;
            }
        }

        var record = new GenericRecord(schema);
        if (plan.Fill(row, fields, encoding, record, out var extras) is { } wrong)
        {
            return new Refusal("wrong_type", $"the column '{wrong.Column}' is no {wrong.Type}", "mend the value in the tool and export again");
        }

        set.Fill(record);
        draft = new RecordDraft { After = record, Extras = extras };
        return null;
    }
}

/// <summary>One JSON object a line. Its names are columns: which field each takes depends on the others beside it.</summary>
sealed class JsonLinesFormat(Avro.RecordSchema schema, Func<IReadOnlyList<string>, Dictionary<string, Avro.Field>> assign, FixedFields set, string? extraField) : RowFormat
{
    /// <summary>Objects of one file are of few shapes; those of one in which every object has another are not held for long.</summary>
    const int MostShapes = 256;

    readonly HashSet<string> _unknown = [];
    readonly Dictionary<string, JsonRecordReader> _readers = [];

    public override string ContentType => "application/x-ndjson";

    public override RowStatus Find(ReadOnlySpan<byte> data, bool final, out int consumed, out int lines)
    {
        lines = 1;
        var end = data.IndexOf((byte)'\n');
        consumed = end < 0 ? data.Length : end + 1;
        return end < 0 && !final ? RowStatus.NeedMore : data[..consumed].IndexOfAnyExcept(" \t\r\n"u8) < 0 ? RowStatus.Blank : RowStatus.Row;
    }

    public override Refusal? Understand(ReadOnlySpan<byte> row, bool isLastPiece, out RecordDraft draft)
    {
        draft = default;
        JsonDocument document;
        try
        {
            var json = new Utf8JsonReader(row);
            document = JsonDocument.ParseValue(ref json);
            if (json.Read())
            {
                document.Dispose();
                return NotJson(isLastPiece);
            }
        }
        catch (JsonException)
        {
            return NotJson(isLastPiece);
        }

        using (document)
        {
            if (ReaderOf(document.RootElement) is not { } reader)
            {
                return JsonRecordReader.NoUnicode;
            }

            if (!reader.TryRead(document.RootElement, out var read, out var refusal))
            {
                return refusal;
            }

            _unknown.UnionWith(read.Unknown);
            var extras = read.Extras;
            if (extraField is not null && extras is not null)
            {
                using var more = JsonDocument.Parse(extras);
                try
                {
                    read.Record.Add(extraField, more.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => (object)(p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())));
                }
                catch (InvalidOperationException)
                {
                    return JsonRecordReader.NoUnicode;
                }

                extras = null;
            }

            set.Fill(read.Record);
            draft = new RecordDraft { After = read.Record, Extras = extras };
            return null;
        }
    }

    /// <returns>Null when a name is no Unicode.</returns>
    JsonRecordReader? ReaderOf(JsonElement row)
    {
        string[] names;
        try
        {
            names = row.ValueKind == JsonValueKind.Object ? [.. row.EnumerateObject().Select(p => p.Name).Distinct()] : [];
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        var shape = string.Join('\0', names);
        if (!_readers.TryGetValue(shape, out var reader))
        {
            if (_readers.Count == MostShapes)
            {
                _readers.Clear();
            }

            var fields = assign(names);
            var left = names.Except(fields.Keys).ToDictionary(n => n, n => ColumnPlan.OtherFieldOf(n, schema)?.Name ?? string.Empty);
            _readers[shape] = reader = new JsonRecordReader(schema, n => fields.TryGetValue(n, out var field) ? field.Name : left.GetValueOrDefault(n));
        }

        return reader;
    }

    public override IReadOnlyCollection<string> TakeUnknown()
    {
        string[] taken = [.. _unknown];
        _unknown.Clear();
        return taken;
    }

    static Refusal NotJson(bool isLastPiece) => isLastPiece
        ? new Refusal("truncated_row", "the file ends inside this line", WholeFile)
        : new Refusal("not_json", "the line is no JSON object", "write one JSON object a line");
}
