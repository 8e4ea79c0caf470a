using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>Writes a message from JSON as its definition says. Fields that are not given take their defaults.</summary>
sealed class JsonEncoder(int version, bool flexible)
{
    readonly MemoryStream _out = new();

    public byte[] ToArray() => _out.ToArray();

    public void Struct(IReadOnlyList<FieldDefinition> fields, JsonObject values)
    {
        var unknown = values.Select(v => v.Key).Except(fields.Select(f => f.Name)).FirstOrDefault();
        Assert.True(unknown is null, $"there is no field '{unknown}' among {string.Join(", ", fields.Select(f => f.Name))}");
        var tagged = new List<(int Tag, byte[] Data)>();
        foreach (var field in fields)
        {
            var isGiven = values.TryGetPropertyValue(field.Name, out var given);
            if (field.Tagged.Contains(version))
            {
                if (isGiven)
                {
                    var inner = new JsonEncoder(version, flexible);
                    inner.Field(field, given);
                    tagged.Add((field.Tag, inner.ToArray()));
                }
            }
            else if (field.Versions.Contains(version))
            {
                Field(field, isGiven ? given : field.DefaultValue);
            }
        }

        if (flexible)
        {
            Unsigned((uint)tagged.Count);
            foreach (var (tag, data) in tagged)
            {
                Unsigned((uint)tag);
                Unsigned((uint)data.Length);
                _out.Write(data);
            }
        }
    }

    public void Int16(short value) => Big(2, value);

    public void Int32(int value) => Big(4, value);

    public void Raw(ReadOnlySpan<byte> bytes) => _out.Write(bytes);

    void Field(FieldDefinition field, JsonNode? value)
    {
        if (!field.IsArray)
        {
            One(field, value);
        }
        else if (value is null)
        {
            Count(-1);
        }
        else
        {
            Count(value.AsArray().Count);
            foreach (var item in value.AsArray())
            {
                One(field.Element, item);
            }
        }
    }

    void One(FieldDefinition field, JsonNode? value)
    {
        switch (field.Type)
        {
            case "bool":
                _out.WriteByte(value!.GetValue<bool>() ? (byte)1 : (byte)0);
                break;
            case "int8":
                _out.WriteByte((byte)Number(value));
                break;
            case "int16" or "uint16":
                Big(2, Number(value));
                break;
            case "int32":
                Big(4, Number(value));
                break;
            case "int64":
                Big(8, Number(value));
                break;
            case "uuid":
                Span<byte> id = stackalloc byte[16];
                Guid.Parse(value!.GetValue<string>()).TryWriteBytes(id, bigEndian: true, out _);
                _out.Write(id);
                break;
            case "string":
                var text = value is null ? null : Encoding.UTF8.GetBytes(value.ToString());
                if (flexible)
                {
                    Unsigned((uint)((text?.Length ?? -1) + 1));
                }
                else
                {
                    Big(2, text?.Length ?? -1);
                }

                _out.Write(text);
                break;
            case "bytes":
                Block(value is null ? null : BatchText.Bytes(value.GetValue<string>()));
                break;
            case "records":
                Block(value is null ? null : BatchText.Build(value));
                break;
            default:
                if (field.Nullable.Contains(version))
                {
                    _out.WriteByte(value is null ? (byte)0xff : (byte)1);
                    if (value is null)
                    {
                        return;
                    }
                }

                Struct(field.Fields, value!.AsObject());
                break;
        }
    }

    void Block(byte[]? bytes)
    {
        Count(bytes?.Length ?? -1);
        _out.Write(bytes);
    }

    void Count(int count)
    {
        if (flexible)
        {
            Unsigned((uint)(count + 1));
        }
        else
        {
            Big(4, count);
        }
    }

    void Big(int size, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        _out.Write(bytes[(8 - size)..]);
    }

    void Unsigned(uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _out.WriteByte((byte)(value | 0x80));
        }

        _out.WriteByte((byte)value);
    }

    static long Number(JsonNode? value) => value!.GetValueKind() == System.Text.Json.JsonValueKind.String
        ? long.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture)
        : long.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
}

/// <summary>Reads a message into JSON as its definition says.</summary>
sealed class JsonDecoder(byte[] bytes, int version, bool flexible)
{
    int _at;

    public int Remaining => bytes.Length - _at;

    public JsonObject Struct(IReadOnlyList<FieldDefinition> fields)
    {
        var result = new JsonObject();
        foreach (var field in fields.Where(f => f.Versions.Contains(version) && !f.Tagged.Contains(version)))
        {
            result[field.Name] = Field(field);
        }

        for (var left = flexible ? Unsigned() : 0; left > 0; left--)
        {
            var tag = Unsigned();
            var data = Take((int)Unsigned()).ToArray();
            if (fields.FirstOrDefault(f => f.Tag == tag && f.Tagged.Contains(version)) is { } field)
            {
                var inner = new JsonDecoder(data, version, flexible);
                result[field.Name] = inner.Field(field);
                Assert.Equal(0, inner.Remaining);
            }
        }

        return result;
    }

    public int Int32() => (int)Big(4);

    public uint Unsigned()
    {
        var result = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var b = Take(1)[0];
            result |= (uint)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return result;
            }
        }
    }

    JsonNode? Field(FieldDefinition field)
    {
        if (!field.IsArray)
        {
            return One(field);
        }

        var count = Count();
        if (count < 0)
        {
            return null;
        }

        var items = new JsonArray();
        for (var i = 0; i < count; i++)
        {
            items.Add(One(field.Element));
        }

        return items;
    }

    JsonNode? One(FieldDefinition field)
    {
        switch (field.Type)
        {
            case "bool":
                return Take(1)[0] != 0;
            case "int8":
                return (long)(sbyte)Take(1)[0];
            case "int16":
                return Big(2);
            case "uint16":
                return Big(2) & 0xffff;
            case "int32":
                return Big(4);
            case "int64":
                return Big(8);
            case "uuid":
                return new Guid(Take(16), bigEndian: true).ToString();
            case "string":
                var length = flexible ? (int)Unsigned() - 1 : (int)Big(2);
                return length < 0 ? null : Encoding.UTF8.GetString(Take(length));
            case "bytes":
                var size = Count();
                return size < 0 ? null : BatchText.Text(Take(size));
            case "records":
                var total = Count();
                return total < 0 ? null : new JsonArray([.. BatchText.Show(Take(total)).Select(r => (JsonNode)r)]);
            default:
                return field.Nullable.Contains(version) && Take(1)[0] > 0x7f ? null : Struct(field.Fields);
        }
    }

    int Count() => flexible ? (int)Unsigned() - 1 : (int)Big(4);

    long Big(int size)
    {
        var span = Take(size);
        long value = (sbyte)span[0];
        foreach (var b in span[1..])
        {
            value = value << 8 | b;
        }

        return value;
    }

    ReadOnlySpan<byte> Take(int count)
    {
        Assert.True(count >= 0 && count <= Remaining, $"the answer ends {count - Remaining} bytes early");
        _at += count;
        return bytes.AsSpan(_at - count, count);
    }
}
