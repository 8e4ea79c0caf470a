namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>Reads the records of an unpacked, validated batch one by one without copying them.</summary>
ref struct RecordReader(ReadOnlySpan<byte> records)
{
    readonly ReadOnlySpan<byte> _records = records;
    int _position;

    /// <summary>The whole record with its length.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    public long TimestampDelta { get; private set; }

    public int OffsetDelta { get; private set; }

    public bool HasKey { get; private set; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public bool HasValue { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Header count and headers as they are encoded.</summary>
    public ReadOnlySpan<byte> RawHeaders { get; private set; }

    /// <returns>False at the end.</returns>
    /// <exception cref="InvalidDataException">The record is damaged.</exception>
    public bool Next()
    {
        if (_position >= _records.Length)
        {
            return false;
        }

        var start = _position;
        var at = start;
        if (!Varint.TryRead32(_records, ref at, out var length) || length < 1 || length > _records.Length - at)
        {
            throw Damaged();
        }

        var end = at + length;
        var body = _records[..end];
        at++;
        if (!Varint.TryRead64(body, ref at, out var timestampDelta) || !Varint.TryRead32(body, ref at, out var offsetDelta))
        {
            throw Damaged();
        }

        HasKey = ReadField(body, ref at, out var key);
        HasValue = ReadField(body, ref at, out var value);
        TimestampDelta = timestampDelta;
        OffsetDelta = offsetDelta;
        Key = key;
        Value = value;
        RawHeaders = body[at..];
        Raw = body[start..];
        _position = end;
        return true;
    }

    static bool ReadField(ReadOnlySpan<byte> body, scoped ref int at, out ReadOnlySpan<byte> field)
    {
        field = default;
        if (!Varint.TryRead32(body, ref at, out var length) || length > body.Length - at)
        {
            throw Damaged();
        }

        if (length < 0)
        {
            return false;
        }

        field = body.Slice(at, length);
        at += length;
        return true;
    }

    static InvalidDataException Damaged() => new("a stored record is damaged");
}
