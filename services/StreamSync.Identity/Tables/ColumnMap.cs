namespace StreamSync.Identity;

/// <summary>Which column means what: by names in common use, and by what the user says.</summary>
public sealed class ColumnMap
{
    const int MaxExtras = Field.Extra4 - Field.Extra1 + 1;

    readonly ColumnRole[] _roles;

    // No column holds the city, state or postal code: then the address line does.
    readonly bool _wholeAddresses;

    readonly bool[] _said;

    ColumnMap(IReadOnlyList<string> columns, ColumnRole[] roles, bool[] said)
    {
        Columns = columns;
        _roles = roles;
        _said = said;
        _wholeAddresses = !roles.Any(role => role is ColumnRole.City or ColumnRole.State or ColumnRole.PostalCode);
    }

    /// <summary>The table's columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Columns that matching does not use: nothing is known about them, or the user leaves them out.</summary>
    public IReadOnlyList<string> Unused => [.. Columns.Where((_, i) => _roles[i] == ColumnRole.Ignored)];

    /// <summary>What a column means.</summary>
    public ColumnRole this[int column] => _roles[column];

    /// <summary>True when the user says what a column means.</summary>
    public bool IsSaid(int column) => _said[column];

    /// <summary>Finds out what the columns of a table mean.</summary>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="said">What the user says: <c>role=column</c>, comma separated; a role that is mapped takes no other column; <c>ignored</c> leaves one out.</param>
    /// <param name="leaveOut">Columns that must not be evidence: ids of rows and the truth.</param>
    /// <param name="elsewhere">Columns of other files that are read with this one: the user may speak of them.</param>
    /// <param name="headerLine">Line of the file on which the columns stand, for errors.</param>
    /// <exception cref="TableException">A role or a column is unknown, or a column is to be two things at once.</exception>
    public static ColumnMap For(
        string file, IReadOnlyList<string> columns, string? said = null, IReadOnlyCollection<string>? leaveOut = null, IReadOnlyList<string>? elsewhere = null, int headerLine = 1)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var roles = new ColumnRole[columns.Count];
        var isSaid = new bool[columns.Count];
        var mapped = new HashSet<ColumnRole>();
        foreach (var part in Parts(said ?? ""))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var word = equals < 0 ? part : part[..equals].Trim();
            var column = equals < 0 ? "" : part[(equals + 1)..].Trim();
            if (equals < 0 || ColumnNames.RoleOfWord(word) is not { } role)
            {
                throw new TableException($"--map '{part}' is not field=column; fields are {string.Join(", ", ColumnNames.Words)}.");
            }

            var at = Find(columns, column);
            if (at < 0 && Find(elsewhere ?? [], column) >= 0)
            {
                continue;
            }

            if (at < 0)
            {
                throw new TableException($"{file}, line {headerLine}: there is no column '{column}' for {word}; the columns are {string.Join(", ", columns)}.");
            }

            if (role != ColumnRole.Ignored && (leaveOut ?? []).Contains(columns[at], StringComparer.OrdinalIgnoreCase))
            {
                throw new TableException($"--map '{part}': '{column}' holds the truth, and what is to be found out can't be evidence for it; leave it out of --map.");
            }

            if (isSaid[at] && roles[at] != role)
            {
                throw new TableException($"--map says of '{column}' that it is {ColumnNames.WordOf(roles[at])} and {word}; a column is one of them.");
            }

            (roles[at], isSaid[at]) = (role, true);
            if (role != ColumnRole.Ignored)
            {
                mapped.Add(role);
            }

            if (roles.Count(r => r == ColumnRole.Extra) > MaxExtras)
            {
                throw new TableException($"--map names more than {MaxExtras} extra columns; leave out '{column}'.");
            }
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (!isSaid[i] && ColumnNames.RoleOf(columns[i]) is { } role && !mapped.Contains(role)
                && !(leaveOut ?? []).Contains(columns[i], StringComparer.OrdinalIgnoreCase))
            {
                roles[i] = role;
            }
        }

        for (var i = 0; i < columns.Count; i++)
        {
            if (!isSaid[i] && roles[i] == ColumnRole.Ignored && ColumnNames.RoleLike(columns[i]) is { } role && !mapped.Contains(role) && (ColumnNames.MayBeSeveral(role) || !roles.Contains(role))
                && !(leaveOut ?? []).Contains(columns[i], StringComparer.OrdinalIgnoreCase))
            {
                roles[i] = role;
            }
        }

        return new ColumnMap(columns, roles, isSaid);
    }

    /// <summary>The index of a column by name, whatever the case; -1 when there is none.</summary>
    public static int Find(IReadOnlyList<string> columns, string name)
    {
        ArgumentNullException.ThrowIfNull(columns);
        for (var i = 0; i < columns.Count; i++)
        {
            if (string.Equals(columns[i], name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of a column by the letters and digits of its name alone; -1 when there is none.</summary>
    internal static int FindPlain(IReadOnlyList<string> columns, string plain)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (ColumnNames.Plain(columns[i]) == plain)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The items of what the user says: a comma with no item behind it belongs to a column's name ("Last, First").</summary>
    static IEnumerable<string> Parts(string said)
    {
        var part = "";
        foreach (var piece in said.Split(','))
        {
            if (piece.Contains('=', StringComparison.Ordinal) && part.Length > 0)
            {
                yield return part;
                part = piece.Trim();
            }
            else
            {
                part = part.Length == 0 ? piece.Trim() : $"{part},{piece}";
            }
        }

        if (part.Trim(' ', ',').Length > 0)
        {
            yield return part.Trim(' ', ',');
        }
    }

    /// <summary>The record that a row describes.</summary>
    /// <param name="row">The row's values.</param>
    /// <param name="urn">The record's URN.</param>
    /// <param name="org">Its group.</param>
    public PersonRecord ToRecord(IReadOnlyList<string> row, string urn, string org)
    {
        ArgumentNullException.ThrowIfNull(row);
        return PersonRow.Read(row, _roles, _wholeAddresses, urn, org);
    }
}
