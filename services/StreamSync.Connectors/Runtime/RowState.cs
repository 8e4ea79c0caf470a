using System.Buffers.Binary;
using Avro;
using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Connectors.Runtime;

/// <summary>What the host remembers of a row, in the compacted topic <c>state.&lt;vendor&gt;.&lt;stream&gt;</c>.</summary>
/// <param name="Fingerprint">Hash of its content.</param>
/// <param name="Version">The source's version; null when it has none.</param>
/// <param name="Changes">Number of changes published.</param>
/// <param name="Scope">Complete snapshot it belongs to.</param>
/// <param name="Deleted">True after a delete.</param>
/// <param name="Recent">Fingerprints of earlier changes, for sources that deliver again; newest first.</param>
sealed record RowState(ulong Fingerprint, long? Version, int Changes, int Scope, bool Deleted, IReadOnlyList<ulong> Recent);

/// <summary>Row states on the wire: Avro in Confluent's format, written by hand because there is one for every change.</summary>
sealed class RowStateCodec
{
    static readonly Schema Written = Schema.Parse(
        """
        {"type": "record", "namespace": "streamsync.state", "name": "RowState", "doc": "What a connector remembers of a row, so that a row read again publishes nothing.", "fields": [
          {"name": "fingerprint", "type": "long", "doc": "Hash of the row's content."},
          {"name": "version", "type": ["null", "long"], "doc": "The source's own version.", "default": null},
          {"name": "changes", "type": "int", "doc": "Changes published of the row."},
          {"name": "scope", "type": "int", "doc": "Which complete snapshot the row belongs to."},
          {"name": "deleted", "type": "boolean", "doc": "True after a delete."},
          {"name": "recent", "type": {"type": "array", "items": "long"}, "doc": "Fingerprints of earlier changes, newest first.", "default": []}
        ]}
        """);

    readonly SchemaIds _ids;
    readonly TopicSpec _topic;
    int? _id;

    public RowStateCodec(SchemaIds ids, TopicSpec topic)
    {
        _ids = ids;
        _topic = topic;
    }

    /// <summary>The state topic of a stream.</summary>
    public static TopicSpec Topic(string vendor, string stream) => new($"state.{vendor}.{stream}", "source URN", Written, TopicCleanup.Compact);

    public byte[] Encode(RowState state)
    {
        Span<byte> buffer = stackalloc byte[64 + (state.Recent.Count * 10)];
        buffer[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(buffer[1..], _id ??= _ids.IdOf(_topic.ValueSubject, _topic.ValueSchema));
        var at = 5;
        Write(buffer, ref at, (long)state.Fingerprint);
        if (state.Version is { } version)
        {
            Write(buffer, ref at, 1);
            Write(buffer, ref at, version);
        }
        else
        {
            Write(buffer, ref at, 0);
        }

        Write(buffer, ref at, state.Changes);
        Write(buffer, ref at, state.Scope);
        buffer[at++] = state.Deleted ? (byte)1 : (byte)0;
        if (state.Recent.Count > 0)
        {
            Write(buffer, ref at, state.Recent.Count);
            foreach (var fingerprint in state.Recent)
            {
                Write(buffer, ref at, (long)fingerprint);
            }
        }

        Write(buffer, ref at, 0);
        return buffer[..at].ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no row state.</exception>
    public static RowState Decode(ReadOnlySpan<byte> value)
    {
        try
        {
            var at = 5;
            var fingerprint = (ulong)Read(value, ref at);
            long? version = Read(value, ref at) == 0 ? null : Read(value, ref at);
            var changes = (int)Read(value, ref at);
            var scope = (int)Read(value, ref at);
            var deleted = value[at++] != 0;
            ulong[] recent = [];
            for (var count = Read(value, ref at); count != 0; count = Read(value, ref at))
            {
                var from = recent.Length;
                Array.Resize(ref recent, from + (int)count);
                for (var i = from; i < recent.Length; i++)
                {
                    recent[i] = (ulong)Read(value, ref at);
                }
            }

            return new RowState(fingerprint, version, changes, scope, deleted, recent);
        }
        catch (IndexOutOfRangeException e)
        {
            throw new InvalidDataException("the bytes are no row state", e);
        }
    }

    /// <summary>Avro's variable-length zig-zag number.</summary>
    static void Write(Span<byte> buffer, ref int at, long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest > 0x7F; rest >>= 7)
        {
            buffer[at++] = (byte)(rest | 0x80);
        }

        buffer[at++] = (byte)rest;
    }

    static long Read(ReadOnlySpan<byte> buffer, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = buffer[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }
    }
}
