namespace StreamSync.Identity;

/// <summary>Counts, column by column, the values of a table that say something of what their column means.</summary>
/// <param name="file">Name of the file.</param>
/// <param name="columns">What its columns mean.</param>
/// <param name="order">How its dates are written.</param>
sealed class ColumnReader(string file, ColumnMap columns, DateOrder order)
{
    static readonly PhoneNormalizer Phones = new();

    readonly int[] _used = [.. Enumerable.Range(0, columns.Columns.Count).Where(column => columns[column] != ColumnRole.Ignored)];
    readonly int[] _values = new int[columns.Columns.Count];
    readonly int[] _unread = new int[columns.Columns.Count];
    readonly int[] _firstUnread = new int[columns.Columns.Count];

    /// <summary>How the columns were understood that are used.</summary>
    public IEnumerable<ColumnReading> Readings => _used.Select(column => new ColumnReading(
        file, columns.Columns[column], ColumnNames.WordOf(columns[column]), _values[column], _unread[column], _firstUnread[column], columns.IsSaid(column)));

    /// <summary>Counts a row.</summary>
    /// <param name="row">Its values.</param>
    /// <param name="line">Its line.</param>
    public void Add(IReadOnlyList<string> row, int line)
    {
        foreach (var column in _used)
        {
            var value = row[column];
            if (value.Length == 0 || PersonRow.IsNoValue(value))
            {
                continue;
            }

            _values[column]++;
            if (!IsRead(columns[column], value) && _unread[column]++ == 0)
            {
                _firstUnread[column] = line;
            }
        }
    }

    bool IsRead(ColumnRole role, string value) => role switch
    {
        ColumnRole.Email => PersonRow.EmailsOf(value).Any(part => EmailNormalizer.Normalize(part).Quality != ContactQuality.Invalid),
        ColumnRole.Phone => PersonRow.PhonesOf(value).Any(part => Phones.Normalize(part).Quality != ContactQuality.Invalid),
        ColumnRole.BirthDate => BirthDateNormalizer.Normalize(value, order).Quality != BirthDateQuality.Invalid,
        ColumnRole.BirthMonth => BirthDateNormalizer.Normalize($"2000-{PersonRow.Whole(value)}-01").IsEvidence,
        ColumnRole.BirthDay => BirthDateNormalizer.Normalize($"2000-01-{PersonRow.Whole(value)}").IsEvidence,
        ColumnRole.Given => IsName(value) && !NameNormalizer.Normalize(new PersonName(value)).IsEmpty,
        ColumnRole.Family => IsName(value) && !NameNormalizer.Normalize(new PersonName(null, null, value)).IsEmpty,
        ColumnRole.FullName => IsName(value) && !NameNormalizer.Normalize(new PersonName(Full: value)).IsEmpty,
        ColumnRole.Middle or ColumnRole.SecondFamily or ColumnRole.FormerFamily or ColumnRole.PreferredName => IsName(value),
        ColumnRole.City => value.Any(char.IsLetter),
        ColumnRole.HouseNumber or ColumnRole.PostalCode or ColumnRole.NationalId
            or ColumnRole.StateFileId or ColumnRole.VoterbaseId or ColumnRole.Dwid or ColumnRole.VanId => value.Any(char.IsDigit),
        _ => true,
    };

    static bool IsName(string value) => value.Any(char.IsLetter) && !value.Contains('@', StringComparison.Ordinal);
}
