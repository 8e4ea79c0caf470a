using System.Globalization;
using System.IO.Hashing;

namespace StreamSync.Identity;

/// <summary>A table that can be read from its beginning, more than once.</summary>
/// <param name="Name">Its name, for places and errors.</param>
/// <param name="Open">Opens its text.</param>
public sealed record TableSource(string Name, Func<TextReader> Open);

/// <summary>The records of one or more tables of people, with the truth where a column tells it.</summary>
public sealed class PeopleFiles
{
    const string Org = "files";

    // Columns that name a row in its tool, the likeliest first.
    static readonly string[] IdColumns = ["id", "recordid", "recid", "uniqueid", "rowid", "sourceurn", "sourceid", "contactid", "personid", "vanid", "uuid"];

    readonly List<string> _ids = [];

    readonly List<PersonFeatures> _records = [];
    readonly List<(int File, int Line)> _places = [];
    readonly List<string> _files = [];

    /// <summary>The records, in the order of the files.</summary>
    public IReadOnlyList<PersonFeatures> Records => _records;

    /// <summary>For each record the number of its true person, or <see cref="TruthLabels.Unknown"/> where its row has none; null without a truth column.</summary>
    public IReadOnlyList<int>? Truth { get; private set; }

    /// <summary>For each record its own id, from a column that is named like one; empty where its table has none.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>For each record the value of its truth column, empty where its file has none; null without a truth column.</summary>
    public IReadOnlyList<string>? Labels { get; private set; }

    /// <summary>Columns that are no evidence because nothing is known about them.</summary>
    public IReadOnlyList<string> Unused { get; private set; } = [];

    /// <summary>How the columns were understood that are evidence.</summary>
    public IReadOnlyList<ColumnReading> Readings { get; private set; } = [];

    /// <summary>Reads tables.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="map">What columns mean; see <see cref="ColumnMap.For"/>.</param>
    /// <param name="truth">Column with the truth, of one of the tables at least; null for none.</param>
    /// <exception cref="TableException">A table, column or row is wrong; the message says where and what to do.</exception>
    public static PeopleFiles Read(IReadOnlyList<TableSource> tables, string? map, string? truth)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var people = new PeopleFiles();
        var labels = truth is null ? null : new List<string>();
        var columns = new List<string>();
        foreach (var source in tables)
        {
            using var reader = source.Open();
            var table = new CsvTable(reader, source.Name);
            columns.AddRange(table.Columns);
            if (truth is not null && ReferenceEquals(source, tables[^1]) && ColumnMap.Find(columns, truth) < 0)
            {
                throw new TableException($"{source.Name}, line {table.HeaderLine}: there is no column '{truth}' for --truth; the columns are {string.Join(", ", columns.Distinct(StringComparer.OrdinalIgnoreCase))}.");
            }
        }

        foreach (var table in tables)
        {
            using var reader = table.Open();
            people.Add(reader, table, map, truth, labels, columns);
        }

        if (labels is not null)
        {
            people.Labels = labels;
            people.Truth = TruthLabels.Number(labels);
        }

        return people;
    }

    /// <summary>File and line of a record.</summary>
    public (string File, int Line) Place(int record) => (_files[_places[record].File], _places[record].Line);

    /// <summary>File and line of a record as text.</summary>
    public string PlaceText(int record) => string.Create(CultureInfo.InvariantCulture, $"{Place(record).File}:{Place(record).Line}");

    /// <summary>How the birth dates of a table are written, from all of them: which rows come first decides nothing.</summary>
    static DateOrder DatesOf(TableSource source, ColumnMap columns)
    {
        var at = Enumerable.Range(0, columns.Columns.Count).Where(column => columns[column] == ColumnRole.BirthDate).ToList();
        if (at.Count == 0)
        {
            return DateOrder.Unknown;
        }

        using var reader = source.Open();
        return DateOrders.Of(Dates(new CsvTable(reader, source.Name), at));

        static IEnumerable<string> Dates(CsvTable table, List<int> columns)
        {
            while (table.Read() is { } row)
            {
                foreach (var date in columns.Select(column => row[column]).Where(date => date.Length > 0))
                {
                    yield return date;
                }
            }
        }
    }

    /// <summary>The date in the order that leaves no doubt; as it is where it is none.</summary>
    static string InOrder(string date, DateOrder order) => BirthDateNormalizer.Normalize(date, order) is { IsEvidence: true } read ? read.ToString() : date;

    // A record of a file goes by what it says, then by what its row says beyond that: a place in a file parts only rows that are the same. So the order
    // of rows and files, which the engine would else take for that of URNs, decides nothing.
    static ulong ContentOf(PersonFeatures features)
    {
        var writer = CompactWriter.Own;
        features.Write(writer);
        return XxHash3.HashToUInt64(writer.Written);
    }

    static ulong ContentOf(IReadOnlyList<string> columns, IReadOnlyList<string> row)
    {
        var writer = CompactWriter.Own;
        for (var column = 0; column < row.Count; column++)
        {
            writer.Text(columns[column]);
            writer.Text(row[column]);
        }

        return XxHash3.HashToUInt64(writer.Written);
    }

    void Add(TextReader reader, TableSource source, string? map, string? truth, List<string>? labels, IReadOnlyList<string> elsewhere)
    {
        var (name, table) = (source.Name, new CsvTable(reader, source.Name));
        var truthAt = truth is null ? -1 : ColumnMap.Find(table.Columns, truth);
        if (truth is not null && table.Repeated.TryGetValue(truth, out var second))
        {
            throw new TableException($"{name}, line {table.HeaderLine}, column {second}: the column '{truth}' comes twice; rename one.");
        }

        var columns = ColumnMap.For(name, table.Columns, map, truth is null ? [] : [truth], elsewhere, table.HeaderLine);
        Unused = [.. Unused.Union(columns.Unused.Where(column => column.Length > 0 && !string.Equals(column, truth, StringComparison.OrdinalIgnoreCase)))];
        if (columns.Unused.Count + (truthAt >= 0 && columns[truthAt] != ColumnRole.Ignored ? 1 : 0) >= table.Columns.Count)
        {
            throw new TableException($"{name}, line {table.HeaderLine}: no column is known ({string.Join(", ", table.Columns)}); this line must name the columns, and --map given=COLUMN,family=COLUMN,... says what they mean.");
        }

        var extractor = new FeatureExtractor();
        var order = DatesOf(source, columns);
        var columnReader = new ColumnReader(name, columns, order);
        var idAt = IdColumns.Select(id => ColumnMap.FindPlain(table.Columns, id)).FirstOrDefault(at => at >= 0, -1);
        var file = _files.Count;
        _files.Add(name);
        while (table.Read() is { } row)
        {
            labels?.Add(truthAt < 0 ? "" : row[truthAt]);
            columnReader.Add(row, table.Line);
            var record = columns.ToRecord(row, "", Org);
            var features = extractor.Extract(order == DateOrder.Unknown || record.BirthDate is null ? record : record with { BirthDate = InOrder(record.BirthDate, order) });
            _records.Add(features with { Urn = string.Create(CultureInfo.InvariantCulture, $"{ContentOf(features):x16}/{ContentOf(table.Columns, row):x16}/{file:000}/{table.Line:0000000000}") });
            _places.Add((file, table.Line));
            _ids.Add(idAt >= 0 ? row[idAt] : "");
        }

        Readings = [.. Readings, .. columnReader.Readings];
    }
}
