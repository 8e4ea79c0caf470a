namespace StreamSync.Processors.Streaming;

/// <summary>State as a table of bytes: for stages that read and write one entry a record.</summary>
sealed class PackedTable : IStageState
{
    readonly Dictionary<byte[], byte[]> _entries = new(ByteArrayComparer.Instance);
    readonly HashSet<byte[]> _changed = new(ByteArrayComparer.Instance);

    public int Count => _entries.Count;

    public IReadOnlyCollection<byte[]> Keys => _entries.Keys;

    public byte[]? Get(byte[] key) => _entries.GetValueOrDefault(key);

    public void Put(byte[] key, byte[] value)
    {
        _entries[key] = value;
        _changed.Add(key);
    }

    public void Delete(byte[] key)
    {
        if (_entries.Remove(key))
        {
            _changed.Add(key);
        }
    }

    public void Restore(byte[] key, byte[]? value)
    {
        if (value is null)
        {
            _entries.Remove(key);
        }
        else
        {
            _entries[key] = value;
        }
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        foreach (var key in _changed)
        {
            write(key, _entries.GetValueOrDefault(key));
        }

        _changed.Clear();
    }
}
