using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Avro;
using Avro.Generic;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Hash of a record's content. Only fields that have a value count, each with its name: a schema that gains a field does not make every row
/// look changed. Not for threads in parallel.
/// </summary>
sealed class ContentHash
{
    readonly ArrayBufferWriter<byte> _buffer = new(4096);
    readonly HashSet<string> _ignored;
    readonly Dictionary<RecordSchema, ulong[]> _names = new(ReferenceEqualityComparer.Instance);

    /// <param name="ignored">Fields of the outermost record that do not count.</param>
    public ContentHash(IEnumerable<string> ignored) => _ignored = [.. ignored];

    /// <summary>The hash of a record and what the schema does not know.</summary>
    public ulong Of(GenericRecord record, string? extras)
    {
        _buffer.ResetWrittenCount();
        Add(record, outermost: true);
        if (extras is not null)
        {
            Add(extras);
        }

        return XxHash3.HashToUInt64(_buffer.WrittenSpan);
    }

    void Add(GenericRecord record, bool outermost)
    {
        if (!_names.TryGetValue(record.Schema, out var names))
        {
            names = _names[record.Schema] = [.. record.Schema.Fields.Select(f => outermost && _ignored.Contains(f.Name) ? 0 : XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(f.Name)) | 1)];
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (names[i] != 0 && record.GetValue(i) is { } value)
            {
                Add(names[i]);
                Add(value);
            }
        }
    }

    void Add(object? value)
    {
        switch (value)
        {
            case null:
                Add(0UL);
                break;
            case string text:
                Add(text);
                break;
            case bool flag:
                Add(flag ? 2UL : 1UL);
                break;
            case int number:
                Add((ulong)number);
                break;
            case long number:
                Add((ulong)number);
                break;
            case double number:
                Add(BitConverter.DoubleToUInt64Bits(number));
                break;
            case float number:
                Add(BitConverter.SingleToUInt32Bits(number));
                break;
            case DateTime time:
                Add((ulong)time.Ticks);
                break;
            case byte[] bytes:
                Add((ulong)bytes.Length);
                _buffer.Write(bytes);
                break;
            case GenericRecord record:
                Add(record, outermost: false);
                break;
            case IDictionary<string, object> map:
                Add((ulong)map.Count);
                foreach (var (key, item) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
                {
                    Add(key);
                    Add(item);
                }

                break;
            case System.Collections.IList list:
                Add((ulong)list.Count);
                foreach (var item in list)
                {
                    Add(item);
                }

                break;
            default:
                Add(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty);
                break;
        }
    }

    void Add(string text)
    {
        Add((ulong)text.Length);
        _buffer.Write(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    void Add(ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), number);
        _buffer.Advance(8);
    }
}
