using System.IO.Hashing;
using DuckDB.NET.Data;

namespace StreamSync.Sinks.DuckDb;

/// <summary>
/// Which keys a table may hold, so that rows of new keys need no search for rows that they replace: that search reads the whole key column.
/// A row of Bloom filters, each twice the size of the one before (Almeida et al., "Scalable Bloom Filters", 2007); it errs on the safe side
/// only: now and then a new key is searched for. Used by one thread.
/// </summary>
sealed class KeyFilter
{
    const int FirstCapacity = 1 << 14;
    const int BitsPerKey = 12;
    const int Probes = 5;

    /// <summary>The keys of a larger table are not read at its opening: it takes no filter, and every key is searched for.</summary>
    const long LargestRead = 3_000_000;

    readonly List<ulong[]> _filters = [];
    int _room;

    /// <summary>The filter of a table as it is now; null where reading its keys would take too long.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="table">Table.</param>
    /// <param name="key">Its key column.</param>
    public static KeyFilter? Of(DuckDBConnection connection, string table, string key)
    {
        var filter = new KeyFilter();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {SqlType.Quote(table)}";
        var rows = (long)command.ExecuteScalar()!;
        if (rows > LargestRead)
        {
            return null;
        }

        if (rows > 0)
        {
            command.CommandText = $"SELECT {SqlType.Quote(key)} FROM {SqlType.Quote(table)}";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                filter.Add(System.Text.Encoding.UTF8.GetBytes(reader.GetString(0)));
            }
        }

        return filter;
    }

    /// <summary>False when the table surely has no row of a key.</summary>
    public bool MayHold(ReadOnlySpan<byte> key)
    {
        var hash = XxHash3.HashToUInt64(key);
        foreach (var bits in _filters)
        {
            if (Holds(bits, hash))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes that the table gets a row of a key.</summary>
    public void Add(ReadOnlySpan<byte> key)
    {
        if (_room == 0)
        {
            _room = FirstCapacity << _filters.Count;
            _filters.Add(new ulong[_room / 64 * BitsPerKey]);
        }

        _room--;
        var bits = _filters[^1];
        var (at, step) = Split(XxHash3.HashToUInt64(key));
        for (var i = 0; i < Probes; i++, at += step)
        {
            var bit = at % ((uint)bits.Length * 64);
            bits[bit / 64] |= 1UL << (int)(bit % 64);
        }
    }

    static bool Holds(ulong[] bits, ulong hash)
    {
        var (at, step) = Split(hash);
        for (var i = 0; i < Probes; i++, at += step)
        {
            var bit = at % ((uint)bits.Length * 64);
            if ((bits[bit / 64] & (1UL << (int)(bit % 64))) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Two hashes make all probes (Kirsch and Mitzenmacher, 2006).</summary>
    static (uint First, uint Step) Split(ulong hash) => ((uint)hash, (uint)(hash >> 32) | 1);
}
