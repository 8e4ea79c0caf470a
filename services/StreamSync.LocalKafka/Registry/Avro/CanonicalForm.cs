using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>
/// The Parsing Canonical Form of the Avro specification ("Transforming into Parsing Canonical Form") and the CRC-64-AVRO fingerprint of it.
/// Two schemas of one form read the same bytes; it is not the identity that a registry goes by.
/// </summary>
static class CanonicalForm
{
    /// <summary>The fingerprint of no bytes, and the polynomial, both from the specification.</summary>
    const ulong Empty = 0xc15d213aa4d7a795;

    static readonly ulong[] Table = BuildTable();

    public static string Of(AvroSchema schema)
    {
        var output = new StringBuilder();
        Write(schema, output, new HashSet<string>(StringComparer.Ordinal));
        return output.ToString();
    }

    /// <summary>CRC-64-AVRO of a form's UTF-8 bytes.</summary>
    public static ulong Fingerprint(string form)
    {
        var crc = Empty;
        foreach (var octet in Encoding.UTF8.GetBytes(form))
        {
            crc = (crc >> 8) ^ Table[(byte)(crc ^ octet)];
        }
        return crc;
    }

    /// <summary>The fingerprint as Avro's single-object header writes it: least significant byte first.</summary>
    public static byte[] FingerprintBytes(string form)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Fingerprint(form));
        return bytes;
    }

    static ulong[] BuildTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Empty);
            }
            table[i] = crc;
        }
        return table;
    }

    static void Write(AvroSchema schema, StringBuilder output, HashSet<string> written)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (schema)
        {
            case UnionSchema union:
                WriteList(output.Append('['), union.Branches, branch => Write(branch, output, written));
                output.Append(']');
                break;
            case ArraySchema array:
                Write(array.Items, output.Append("{\"type\":\"array\",\"items\":"), written);
                output.Append('}');
                break;
            case MapSchema map:
                Write(map.Values, output.Append("{\"type\":\"map\",\"values\":"), written);
                output.Append('}');
                break;
            case NamedSchema named when written.Add(named.FullName):
                output.Append(CultureInfo.InvariantCulture, $"{{\"name\":\"{named.FullName}\",\"type\":\"{named.Type.Text()}\"");
                switch (named)
                {
                    case EnumSchema symbols:
                        WriteList(output.Append(",\"symbols\":["), symbols.Symbols, symbol => output.Append('"').Append(symbol).Append('"'));
                        output.Append(']');
                        break;
                    case FixedSchema bytes:
                        output.Append(CultureInfo.InvariantCulture, $",\"size\":{bytes.Size}");
                        break;
                    case RecordSchema record:
                        WriteList(output.Append(",\"fields\":["), record.Fields, field =>
                        {
                            Write(field.Schema, output.Append("{\"name\":\"").Append(field.Name).Append("\",\"type\":"), written);
                            output.Append('}');
                        });
                        output.Append(']');
                        break;
                }
                output.Append('}');
                break;
            default:
                output.Append('"').Append(schema.FullName).Append('"');
                break;
        }
    }

    static void WriteList<T>(StringBuilder output, IReadOnlyList<T> items, Action<T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                output.Append(',');
            }
            write(items[i]);
        }
    }
}
