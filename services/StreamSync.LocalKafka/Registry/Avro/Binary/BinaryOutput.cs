using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>Writes values, given in Avro's JSON encoding, in Avro's binary encoding.</summary>
sealed class BinaryOutput(IBufferWriter<byte> output)
{
    const int LongestLong = 10;

    /// <exception cref="AvroDataException">The value is not of the schema's type.</exception>
    public void Write(AvroSchema schema, JsonValue value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (schema)
        {
            case UnionSchema union:
                WriteUnion(union, value);
                break;
            case RecordSchema record when value.IsObject:
                foreach (var field in record.Fields)
                {
                    Write(field.Schema, value.Get(field.Name) ?? throw DoesNotFit($"field {field.Name} is missing"));
                }
                break;
            case ArraySchema array when value.IsArray:
                WriteBlock(value.Items, item => Write(array.Items, item));
                break;
            case MapSchema map when value.IsObject:
                WriteBlock(value.Members, member =>
                {
                    WriteBytes(Encoding.UTF8.GetBytes(member.Key));
                    Write(map.Values, member.Value);
                });
                break;
            case EnumSchema symbols when value.IsText && symbols.Symbols.ToList().IndexOf(value.Text!) is >= 0 and var index:
                WriteLong(index);
                break;
            case FixedSchema bytes when value.IsText && value.Text!.Length == bytes.Size:
                output.Write(Octets(value.Text));
                break;
            case PrimitiveSchema:
                WritePrimitive(schema.Type, value);
                break;
            default:
                throw DoesNotFit($"the value is no {schema.FullName}");
        }
    }

    void WriteUnion(UnionSchema union, JsonValue value)
    {
        var name = value.Kind == JsonKind.Null ? "null"
            : value is { IsObject: true, Members.Count: 1 } ? value.Members.GetAt(0).Key
            : throw DoesNotFit("the value of a union names no branch");
        var index = union.Branches.FindIndex(branch => branch.FullName == name);
        if (index < 0)
        {
            throw DoesNotFit("the value of a union names a branch that it does not have");
        }
        WriteLong(index);
        Write(union.Branches[index], value.Kind == JsonKind.Null ? value : value.Members.GetAt(0).Value);
    }

    void WritePrimitive(AvroType type, JsonValue value)
    {
        switch (type, value.Kind)
        {
            case (AvroType.Null, JsonKind.Null):
                break;
            case (AvroType.Boolean, JsonKind.Boolean):
                output.Write([(byte)value.Integer]);
                break;
            case (AvroType.Int, JsonKind.Integer) when value.Integer is >= int.MinValue and <= int.MaxValue:
            case (AvroType.Long, JsonKind.Integer):
                WriteLong(value.Integer);
                break;
            case (AvroType.Float, _) when TryNumber(value, out var number):
                BinaryPrimitives.WriteSingleLittleEndian(output.GetSpan(sizeof(float)), (float)number);
                output.Advance(sizeof(float));
                break;
            case (AvroType.Double, _) when TryNumber(value, out var number):
                BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), number);
                output.Advance(sizeof(double));
                break;
            case (AvroType.Bytes, JsonKind.Text):
                WriteBytes(Octets(value.Text!));
                break;
            case (AvroType.String, JsonKind.Text):
                WriteBytes(Encoding.UTF8.GetBytes(value.Text!));
                break;
            default:
                throw DoesNotFit($"the value is no {type.Text()}");
        }
    }

    /// <summary>A number; those that JSON lacks (NaN, the infinities) are written as texts.</summary>
    static bool TryNumber(JsonValue value, out double number)
    {
        number = value.Kind == JsonKind.Double ? value.Number : value.Kind == JsonKind.Integer ? value.Integer : (double)value.Big;
        return value.IsNumber || (value.Text is "NaN" or "Infinity" or "-Infinity"
            && double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number));
    }

    void WriteBlock<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        if (items.Count > 0)
        {
            WriteLong(items.Count);
            foreach (var item in items)
            {
                write(item);
            }
        }
        WriteLong(0);
    }

    void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteLong(bytes.Length);
        output.Write(bytes);
    }

    void WriteLong(long value)
    {
        var zigzag = (ulong)((value << 1) ^ (value >> 63));
        var span = output.GetSpan(LongestLong);
        var length = 0;
        for (; zigzag >= 0x80; zigzag >>= 7)
        {
            span[length++] = (byte)(zigzag | 0x80);
        }
        span[length++] = (byte)zigzag;
        output.Advance(length);
    }

    static byte[] Octets(string text) =>
        text.All(c => c <= 0xff) ? Encoding.Latin1.GetBytes(text) : throw DoesNotFit("a text for bytes holds more than code points 0 to 255");

    static AvroDataException DoesNotFit(string why) => new(AvroDataProblem.DoesNotFit, why);
}
