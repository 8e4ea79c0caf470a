using Avro;
using DuckDB.NET.Data;
using StreamSync.Sinks.DuckDb.Filling;

namespace StreamSync.Sinks.DuckDb;

/// <summary>A table that mirrors a topic: its columns as they are in the file, and what it takes to fill them.</summary>
sealed class MirrorTable : IDisposable
{
    readonly DuckDBConnection _connection;
    readonly string _recordName;
    readonly Dictionary<int, RowProgram> _programs = [];
    TableColumns? _columns;
    RowWriter? _rows;
    KeyDeleter? _deleter;
    KeyFilter? _known;
    bool _knowsKeys;

    /// <summary>Opens a table and brings it to a schema, inside the connection's transaction.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="name">Table name.</param>
    /// <param name="schema">The schema that the catalogue gives the topic.</param>
    /// <param name="comments">What <see cref="TableColumns.Comments"/> gave.</param>
    /// <exception cref="SchemaNotMirroredException">The schema has no table.</exception>
    /// <exception cref="ColumnConflictException">The schema asks for a type that would lose what a column holds.</exception>
    public MirrorTable(DuckDBConnection connection, string name, Schema schema, ILookup<string, (string Column, string? Comment)> comments)
    {
        _connection = connection;
        Name = name;
        _recordName = schema.Fullname;
        var shape = TableShape.Of(schema);
        Key = shape.Key;
        _columns = TableColumns.Read(connection, name, comments);
        Evolve(TableEvolution.Plan(name, shape, Columns, comments: true));
    }

    /// <summary>Table name.</summary>
    public string Name { get; }

    /// <summary>Name of the key column.</summary>
    public string Key { get; }

    /// <summary>The writer of rows, with the columns as they are now.</summary>
    public RowWriter Rows => _rows ??= new RowWriter(_connection, Name, Columns);

    /// <summary>The deleter of rows.</summary>
    public KeyDeleter Deleter => _deleter ??= new KeyDeleter(_connection, Name, Key, Known());

    TableColumns Columns => _columns ??= TableColumns.Read(_connection, Name, TableColumns.Comments(_connection));

    /// <summary>The program for records of a writer schema; the table gets the columns that it lacks, in a transaction of its own.</summary>
    /// <param name="schemaId">Id of the writer schema.</param>
    /// <param name="find">Gives the schema when the id is new, or null when there is none.</param>
    /// <returns>The program, or null when there is no such schema, or it is none of this topic's records.</returns>
    /// <exception cref="SchemaNotMirroredException">The schema has no table.</exception>
    /// <exception cref="ColumnConflictException">The schema asks for a type that would lose what a column holds.</exception>
    public RowProgram? ProgramFor(int schemaId, Func<int, Schema?> find)
    {
        if (!_programs.TryGetValue(schemaId, out var program))
        {
            // A record of another kind that strayed into the topic must not give the table its columns.
            if (find(schemaId) is not { } writer || writer.Fullname != _recordName)
            {
                return null;
            }

            var shape = TableShape.Of(writer);
            if (!string.Equals(Key, shape.Key, StringComparison.OrdinalIgnoreCase))
            {
                throw new SchemaNotMirroredException($"the schema's first field is {shape.Key}, but the key of the table {Name} is {Key}");
            }

            if (TableEvolution.Plan(Name, shape, Columns, comments: false) is { Count: > 0 } changes)
            {
                using var transaction = _connection.BeginTransaction();
                Evolve(changes);
                transaction.Commit();
            }

            program = RowProgram.Compile((RecordSchema)writer, Rows.Columns);
            _programs[schemaId] = program;
        }

        return program;
    }

    public void Dispose() => Forget();

    void Evolve(IReadOnlyList<string> changes)
    {
        if (changes.Count > 0)
        {
            DuckDbDatabase.Execute(_connection, string.Join(";\n", changes));
            Forget();
        }
    }

    /// <summary>What keys the table holds; read when it is first written to, and true whatever happens to its columns.</summary>
    KeyFilter? Known()
    {
        if (!_knowsKeys)
        {
            (_knowsKeys, _known) = (true, KeyFilter.Of(_connection, Name, Key));
        }

        return _known;
    }

    void Forget()
    {
        _programs.Clear();
        _rows?.Dispose();
        _rows = null;
        _deleter?.Dispose();
        _deleter = null;
        _columns?.Dispose();
        _columns = null;
    }
}
