using System.Buffers;

namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>The fields of a record that decide whether its batch may be stored.</summary>
readonly record struct ScannedRecord(long TimestampDelta, int OffsetDelta, bool HasKey);

/// <summary>
/// Walks the records of a batch without materialising them, checking every length on the way. Compressed records pass
/// through one small buffer, whatever their size. Layout: "Record" in Apache Kafka's documentation of the message format.
/// </summary>
ref struct RecordScanner
{
    const int BufferSize = 64 * 1024;

    readonly BatchDecoder? _source;
    readonly long _most;
    byte[]? _pooled;
    ReadOnlySpan<byte> _data;
    int _position;
    long _passed;

    /// <param name="records">What follows the batch header.</param>
    /// <param name="codec">Its compression.</param>
    /// <param name="mostUnfolded">Most bytes that compressed records may unfold to.</param>
    /// <exception cref="UndecodableException">The compressed data do not begin as they should.</exception>
    public RecordScanner(ReadOnlyMemory<byte> records, CompressionType codec, long mostUnfolded = BatchPayload.MaxUnpackedBytes)
    {
        _most = mostUnfolded;
        if (codec == CompressionType.None)
        {
            _data = records.Span;
        }
        else
        {
            try
            {
                _source = BatchDecoder.Open(codec, records);
            }
            catch (InvalidDataException e)
            {
                throw new UndecodableException(e.Message, e);
            }

            _pooled = ArrayPool<byte>.Shared.Rent(BufferSize);
        }
    }

    /// <summary>Uncompressed bytes passed so far.</summary>
    public readonly long Offset => _passed + _position;

    /// <exception cref="InvalidDataException">The record is cut off or a length in it is impossible.</exception>
    /// <exception cref="UndecodableException">The compressed data are damaged.</exception>
    public ScannedRecord Next()
    {
        var length = ReadInt32();
        if (length < 0)
        {
            throw new InvalidDataException($"record length {length} is negative");
        }

        var end = Offset + length;
        Skip(1, end); // attributes, unused
        var timestampDelta = ReadInt64();
        var offsetDelta = ReadInt32();
        var key = ReadInt32();
        SkipNullable(key, end);
        SkipNullable(ReadInt32(), end);
        var headers = ReadInt32();
        if (headers < 0 || headers > end - Offset)
        {
            throw new InvalidDataException($"a record cannot hold {headers} headers");
        }

        for (var i = 0; i < headers; i++)
        {
            var name = ReadInt32();
            if (name < 0)
            {
                throw new InvalidDataException("a header name has a negative length");
            }

            Skip(name, end);
            SkipNullable(ReadInt32(), end);
        }

        if (Offset != end)
        {
            throw new InvalidDataException($"record of {length} bytes holds {length - (end - Offset)}");
        }

        return new ScannedRecord(timestampDelta, offsetDelta, key >= 0);
    }

    /// <summary>Whether every byte has been read.</summary>
    public bool AtEnd() => _position == _data.Length && !Refill();

    void SkipNullable(int length, long end)
    {
        if (length < -1)
        {
            throw new InvalidDataException($"a length of {length} is impossible");
        }

        Skip(Math.Max(length, 0), end);
    }

    void Skip(int count, long end)
    {
        if (count > end - Offset)
        {
            throw new InvalidDataException("a field is longer than its record");
        }

        while (count > _data.Length - _position)
        {
            count -= _data.Length - _position;
            _position = _data.Length;
            if (!Refill())
            {
                throw CutOff();
            }
        }

        _position += count;
    }

    int ReadInt32()
    {
        var at = _position;
        if (!Varint.TryRead32(_data, ref at, out var value))
        {
            at = Reload();
            if (!Varint.TryRead32(_data, ref at, out value))
            {
                throw BadNumber(at);
            }
        }

        _position = at;
        return value;
    }

    long ReadInt64()
    {
        var at = _position;
        if (!Varint.TryRead64(_data, ref at, out var value))
        {
            at = Reload();
            if (!Varint.TryRead64(_data, ref at, out value))
            {
                throw BadNumber(at);
            }
        }

        _position = at;
        return value;
    }

    // A number may straddle two pieces of a compressed batch: moves what is left to the front and reads on.
    int Reload()
    {
        while (_source is not null && _data.Length - _position < Varint.MaxBytes && Refill())
        {
        }

        return _position;
    }

    bool Refill()
    {
        if (_source is null)
        {
            return false;
        }

        var left = _data.Length - _position;
        _data[_position..].CopyTo(_pooled);
        int n;
        try
        {
            n = _source.Read(_pooled.AsSpan(left));
        }
        catch (InvalidDataException e)
        {
            throw new UndecodableException(e.Message, e);
        }

        _passed += _position;
        if (_passed > _most)
        {
            throw new InvalidDataException($"the records unfold to more than {_most} bytes");
        }

        _position = 0;
        _data = _pooled.AsSpan(0, left + n);
        return n > 0;
    }

    readonly InvalidDataException BadNumber(int at) =>
        at >= _data.Length ? CutOff() : new InvalidDataException("a variable-length number has too many bytes");

    static InvalidDataException CutOff() => new("the records end before the batch's count is reached");

    public void Dispose()
    {
        _source?.Dispose();
        if (_pooled is { } pooled)
        {
            _pooled = null;
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
