using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>
/// Record batches in transcripts. Written as JSON, with any field that can be wrong open to be set: <c>values</c>, <c>key</c>,
/// <c>timestamp</c>, <c>deltas</c> (of timestamps), <c>offsets</c> (deltas), <c>producerId</c>, <c>epoch</c>, <c>sequence</c>, <c>transactional</c>,
/// <c>attributes</c>, <c>count</c>, <c>lastOffsetDelta</c>, <c>baseOffset</c>, <c>magic</c>, <c>badCrc</c>, <c>payload</c> (hexadecimal, instead of
/// records), <c>times</c>. Shown as <c>offset:value</c> or <c>offset:key=value</c>.
/// </summary>
static class BatchText
{
    public static byte[] Build(JsonNode spec)
    {
        if (spec is JsonValue text)
        {
            return Bytes(text.GetValue<string>());
        }

        var values = spec["values"]?.AsArray().Select(v => v?.GetValue<string>()).ToArray() ?? ["v"];
        var deltas = Numbers(spec["deltas"]) ?? new long[values.Length];
        var offsets = Numbers(spec["offsets"]) ?? [.. Enumerable.Range(0, values.Length).Select(i => (long)i)];
        var records = new MemoryStream();
        for (var i = 0; i < values.Length; i++)
        {
            var body = new MemoryStream();
            body.WriteByte(0);
            TestBatch.Varint(body, deltas[i]);
            TestBatch.Varint(body, offsets[i]);
            TestBatch.Field(body, spec["key"]?.GetValue<string>());
            TestBatch.Field(body, values[i]);
            TestBatch.Varint(body, 0);
            TestBatch.Varint(records, body.Length);
            body.WriteTo(records);
        }

        var payload = spec["payload"] is { } given ? Convert.FromHexString(given.GetValue<string>()) : records.ToArray();
        var timestamp = Number(spec, "timestamp", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var batch = new byte[61 + payload.Length];
        BinaryPrimitives.WriteInt64BigEndian(batch, Number(spec, "baseOffset", 0));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), batch.Length - 12);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(12), -1);
        batch[16] = (byte)Number(spec, "magic", 2);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), (short)(Number(spec, "attributes", 0) | (Flag(spec, "transactional") ? 0x10L : 0)));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), (int)Number(spec, "lastOffsetDelta", values.Length - 1));
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), timestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), timestamp + deltas.Max());
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), Number(spec, "producerId", -1));
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), (short)Number(spec, "epoch", -1));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), (int)Number(spec, "sequence", -1));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), (int)Number(spec, "count", values.Length));
        payload.CopyTo(batch, 61);
        TestBatch.SetCrc(batch);
        if (Flag(spec, "badCrc"))
        {
            batch[20] ^= 1;
        }

        return [.. Enumerable.Repeat(batch, (int)Number(spec, "times", 1)).SelectMany(b => b)];
    }

    public static List<string> Show(ReadOnlySpan<byte> batches) =>
        [.. TestBatch.ReadAll(batches).Select(r => $"{r.Offset}:{(r.Key is null ? "" : r.Key + "=")}{r.Value ?? "null"}")];

    /// <summary>Bytes of a text, or of hexadecimal digits after <c>hex:</c>.</summary>
    public static byte[] Bytes(string text) =>
        text.StartsWith("hex:", StringComparison.Ordinal) ? Convert.FromHexString(text[4..]) : Encoding.Latin1.GetBytes(text);

    /// <summary>The reverse of <see cref="Bytes"/>.</summary>
    public static string Text(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOfAnyExceptInRange((byte)32, (byte)126) < 0 ? Encoding.Latin1.GetString(bytes) : "hex:" + Convert.ToHexStringLower(bytes);

    static long[]? Numbers(JsonNode? list) => list?.AsArray().Select(n => n!.GetValue<long>()).ToArray();

    static long Number(JsonNode spec, string name, long otherwise) =>
        spec[name] is { } value ? long.Parse(value.ToString(), CultureInfo.InvariantCulture) : otherwise;

    static bool Flag(JsonNode spec, string name) => spec[name]?.GetValue<bool>() ?? false;
}
