using System.Globalization;
using System.Text;

namespace StreamSync.Identity;

/// <summary>A file that can't be read as a table of people: names file, line, column and remedy.</summary>
/// <param name="message">What is wrong, where, and what to do.</param>
public sealed class TableException(string message) : Exception(message);

/// <summary>Reads delimited text (RFC 4180): comma, semicolon, tab or upright stroke, told by the header; quoted fields may hold line breaks.</summary>
public sealed class CsvTable
{
    readonly TextReader _reader;
    readonly string _file;
    readonly char _delimiter;
    readonly List<string> _fields = [];
    readonly StringBuilder _field = new();
    int _line;

    /// <summary>Reads the header.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <exception cref="TableException">There is no header.</exception>
    public CsvTable(TextReader reader, string file)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _file = file;
        var header = HeaderOrNull() ?? throw new TableException($"{file}: the file is empty; its first line must name the columns.");
        var declared = Declared(header);
        if (declared is not null)
        {
            header = HeaderOrNull() ?? throw new TableException($"{file}, line {_line}: below the line that declares the delimiter there must be one that names the columns.");
        }

        HeaderLine = _line;
        _delimiter = declared ?? (header.Contains('\t', StringComparison.Ordinal) ? '\t' : ",;|".MaxBy(delimiter => Unquoted(header).Count(c => c == delimiter)));
        Parse(header);
        var names = new List<string>(_fields.Count);
        var repeated = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in _fields)
        {
            var (name, unique) = (field.Trim(), field.Trim());
            for (var n = 2; unique.Length > 0 && names.Contains(unique, StringComparer.OrdinalIgnoreCase); n++)
            {
                repeated.TryAdd(name, names.Count + 1);
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{n}");
            }

            names.Add(unique);
        }

        (Columns, Repeated) = (names, repeated);
    }

    /// <summary>Line on which the columns stand, from 1: empty lines and a declaration of the delimiter (<c>sep=;</c>) may come before it.</summary>
    public int HeaderLine { get; }

    /// <summary>Column names, in order; of several columns of one name the second is <c>name_2</c>.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Names that stand on several columns, with the place of the second, from 1.</summary>
    public IReadOnlyDictionary<string, int> Repeated { get; }

    /// <summary>Line on which the last row began, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The next row with a value, one value a column, or null at the end.</summary>
    /// <exception cref="TableException">A row has more values than there are columns, or a quote is never closed or closed in a later value.</exception>
    public IReadOnlyList<string>? Read()
    {
        do
        {
            var line = ReadLine();
            _line++;
            if (line is null)
            {
                return null;
            }

            Line = _line;
            Parse(line);
        }
        while (_fields.TrueForAll(field => field.Length == 0));

        // Delimiters at the end of a line are no values.
        while (_fields.Count > Columns.Count && _fields[^1].Length == 0)
        {
            _fields.RemoveAt(_fields.Count - 1);
        }

        if (_fields.Count > Columns.Count)
        {
            throw new TableException(
                $"{_file}, line {Line}, column {Columns.Count + 1}: the row has {_fields.Count} values but there are {Columns.Count} columns; quote values that hold the delimiter '{_delimiter}', and where line {HeaderLine} does not name the columns, delete what stands above the line that does.");
        }

        while (_fields.Count < Columns.Count)
        {
            _fields.Add("");
        }

        return _fields;
    }

    /// <summary>The next line that says anything.</summary>
    string? HeaderOrNull()
    {
        string? line;
        do
        {
            line = ReadLine();
            _line++;
            line = line?.TrimStart('\uFEFF');
        }
        while (line is not null && line.AsSpan().Trim(" \t,;|").IsEmpty);
        return line;
    }

    /// <summary>The delimiter that a spreadsheet declares on a line of its own, <c>sep=;</c>; null for another line.</summary>
    static char? Declared(string line) =>
        line.AsSpan().Trim('"') is { Length: 5 } text && text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? text[4] : null;

    static IEnumerable<char> Unquoted(string line) => line.Split('"').Where((_, i) => i % 2 == 0).SelectMany(part => part);

    string? ReadLine()
    {
        try
        {
            var line = _reader.ReadLine();
            return line is null || !line.Contains('\0', StringComparison.Ordinal) ? line
                : throw new TableException($"{_file}, line {_line + 1}: there are zero bytes, which text has none of; if it is UTF-16, say so with --encoding utf-16, else save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').");
        }
        catch (InvalidDataException)
        {
            throw new TableException($"{_file}, line {_line + 1} or after: the compressed data are damaged or cut short; fetch or make the file again.");
        }
        catch (DecoderFallbackException)
        {
            // Text is decoded in blocks, so the line may be one of the next.
            throw new TableException($"{_file}, line {_line + 1} or after: this is no UTF-8 text; name its encoding with --encoding, such as windows-1252, or save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').");
        }
    }

    void Parse(string line)
    {
        _fields.Clear();
        var at = 0;
        while (true)
        {
            var start = at;
            while (start < line.Length && line[start] == ' ')
            {
                start++;
            }

            if (start < line.Length && line[start] == '"')
            {
                at = Quoted(ref line, start + 1);
            }
            else
            {
                var end = line.IndexOf(_delimiter, at);
                end = end < 0 ? line.Length : end;
                _fields.Add(line[at..end].Trim());
                at = end;
            }

            if (at >= line.Length)
            {
                return;
            }

            at++;
        }
    }

    int Quoted(ref string line, int at)
    {
        var column = _fields.Count + 1;
        var began = _line;
        _field.Clear();
        while (true)
        {
            if (at >= line.Length)
            {
                var more = ReadLine();
                _line++;
                if (more is null)
                {
                    throw new TableException($"{_file}, line {began}, column {column}: a quote is opened and never closed; close it, or double a quote that is text.");
                }

                _field.Append('\n');
                line = more;
                at = 0;
                continue;
            }

            if (line[at] != '"')
            {
                _field.Append(line[at++]);
            }
            else if (at + 1 < line.Length && line[at + 1] == '"')
            {
                _field.Append('"');
                at += 2;
            }
            else
            {
                at++;
                break;
            }
        }

        var end = line.IndexOf(_delimiter, at);
        end = end < 0 ? line.Length : end;
        if (_line > began && !line.AsSpan(at, end - at).Trim().IsEmpty)
        {
            throw new TableException($"{_file}, line {began}, column {column}: a quote is opened, and the next one, on line {_line}, closes no value; close it on line {began}, or double a quote that is text.");
        }

        _field.Append(line.AsSpan(at, end - at).TrimEnd());
        _fields.Add(_field.ToString());
        return end;
    }
}
