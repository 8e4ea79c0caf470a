using DuckDB.NET.Data;
using DuckDB.NET.Native;
using StreamSync.Sinks.DuckDb.Filling;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb;

/// <summary>Deletes the rows of a batch's keys from one table, where there are any.</summary>
sealed class KeyDeleter : IDisposable
{
    readonly KeyFilter? _known;
    readonly RowBuffer _buffer;
    readonly DuckDBLogicalType _text = LogicalType.DuckDBCreateLogicalType(DuckDBType.Varchar);
    readonly ScalarVector _key = new(ScalarKind.VarChar);

    public KeyDeleter(DuckDBConnection connection, string table, string key, KeyFilter? known)
    {
        _known = known;
        var delete = $"DELETE FROM {SqlType.Quote(table)} AS t USING appended_data AS d WHERE t.{SqlType.Quote(key)} = d.k";
        _buffer = new RowBuffer(QueryAppender.Create(connection, delete, ["k"], [_text], table), [_key]);
    }

    /// <summary>Adds a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="replaced">True when the batch has a row for it.</param>
    public void Add(ReadOnlySpan<byte> key, bool replaced)
    {
        if (_known is not null)
        {
            var mayHold = _known.MayHold(key);
            if (replaced && !mayHold)
            {
                _known.Add(key);
            }

            if (!mayHold)
            {
                return;
            }
        }

        _key.WriteText(_buffer.Row, key);
        _buffer.Keep();
    }

    /// <summary>Deletes the keys added, inside the connection's transaction.</summary>
    public void Flush() => _buffer.Flush();

    public void Dispose()
    {
        _buffer.Dispose();
        _text.Dispose();
    }
}
