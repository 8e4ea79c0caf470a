using System.Buffers.Binary;

namespace StreamSync.Processors.Identity;

/// <summary>Rows that were told, by record and with a hash of what they said: so that nothing is told twice, and what no longer holds is taken back.</summary>
sealed class RowLedger
{
    readonly Dictionary<string, ulong> _rows = new(StringComparer.Ordinal);
    readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Notes a row.</summary>
    /// <returns>True when it says something new.</returns>
    public bool Tell(string urn, ulong hash)
    {
        if (_rows.TryGetValue(urn, out var known) && known == hash)
        {
            return false;
        }

        _rows[urn] = hash;
        _changed.Add(urn);
        return true;
    }

    /// <summary>Notes that a row no longer holds.</summary>
    /// <returns>True when there was one.</returns>
    public bool TakeBack(string urn)
    {
        if (!_rows.Remove(urn))
        {
            return false;
        }

        _changed.Add(urn);
        return true;
    }

    public void Restore(string urn, byte[]? value)
    {
        if (value is null)
        {
            _rows.Remove(urn);
        }
        else
        {
            _rows[urn] = BinaryPrimitives.ReadUInt64LittleEndian(value);
        }
    }

    public void WriteChanges(Action<string, byte[]?> write)
    {
        foreach (var urn in _changed)
        {
            byte[]? value = null;
            if (_rows.TryGetValue(urn, out var hash))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(value = new byte[sizeof(ulong)], hash);
            }

            write(urn, value);
        }

        _changed.Clear();
    }
}
