using System.Runtime.InteropServices;

namespace StreamSync.Sinks.Mirror;

/// <summary>
/// Which record of a batch is the latest of its key. A warehouse takes one row a key and batch: a key twice in one upsert is
/// an error in some and keeps the wrong row in others.
/// </summary>
sealed class LatestOfKey
{
    readonly Dictionary<ulong, int> _latest = [];
    readonly List<int> _previous = [];
    readonly List<bool> _superseded = [];

    /// <summary>True when a later record of the batch has the same key.</summary>
    public bool IsSuperseded(int index) => _superseded[index];

    /// <summary>The record of the same key before this one, or -1.</summary>
    public int Previous(int index) => _previous[index];

    /// <summary>Finds the latest records.</summary>
    public void Read(MirrorBatch batch, List<MirrorRecord> records)
    {
        _latest.Clear();
        _previous.Clear();
        _superseded.Clear();
        for (var i = 0; i < records.Count; i++)
        {
            var previous = -1;
            if (!records[i].Key.IsNull)
            {
                ref var latest = ref Find(batch, records, i);
                previous = latest - 1;
                latest = i + 1;
            }

            _previous.Add(previous);
            _superseded.Add(false);
            if (previous >= 0)
            {
                _superseded[previous] = true;
            }
        }
    }

    /// <summary>The entry of a record's key: index + 1 of the latest record, 0 when the key is new. Equal hashes of different keys move on to the next free one.</summary>
    ref int Find(MirrorBatch batch, List<MirrorRecord> records, int index)
    {
        var key = batch[records[index].Key];
        var hash = Hash(key);
        while (true)
        {
            ref var latest = ref CollectionsMarshal.GetValueRefOrAddDefault(_latest, hash, out _);
            if (latest == 0 || batch[records[latest - 1].Key].SequenceEqual(key))
            {
                return ref latest;
            }

            hash++;
        }
    }

    static ulong Hash(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return ((ulong)(uint)hash.ToHashCode() << 32) | (uint)key.Length;
    }
}
