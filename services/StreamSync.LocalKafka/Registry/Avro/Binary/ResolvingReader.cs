using System.Globalization;
using System.Text;

namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>
/// Reads what was written with one schema as values of another: the "schema resolution" of the Avro specification, as lenient as Avro
/// Java is. Values come in Avro's JSON encoding: a union as an object with the branch's name, bytes as a text of code points 0 to 255.
/// </summary>
sealed class ResolvingReader
{
    /// <summary>Items that take no bytes cost the sender nothing, so their number is bounded here.</summary>
    const int MostEmptyItems = 1_000_000;

    /// <summary>A value of a recursive type that nests deeper than this is refused; the bytes could make it nest without end.</summary>
    const int MostLevels = 1000;

    readonly AvroSchema _writer;
    readonly AvroSchema _reader;
    readonly ReaderAliases _aliases;
    readonly BranchMatch _branches;
    int _level;

    public ResolvingReader(AvroSchema writer, AvroSchema reader)
    {
        _writer = writer;
        _reader = reader;
        _aliases = new ReaderAliases(reader);
        _branches = new BranchMatch(_aliases);
    }

    /// <summary>Reads one value; bytes after it are ignored.</summary>
    /// <exception cref="AvroDataException">The bytes are no such value, or the reader's schema does not take it.</exception>
    public JsonValue Read(ReadOnlySpan<byte> bytes)
    {
        var input = new BinaryInput(bytes);
        _level = 0;
        return Read(ref input, _writer, _reader);
    }

    JsonValue Read(ref BinaryInput input, AvroSchema writer, AvroSchema reader)
    {
        switch (writer, reader)
        {
            case (UnionSchema union, UnionSchema wanted):
                var index = input.ReadIndex(union.Branches.Count);
                return _branches.AreAlike(union, wanted)
                    ? Wrap(Read(ref input, union.Branches[index], wanted.Branches[index]), wanted.Branches[index])
                    : Read(ref input, union.Branches[index], wanted);
            case (UnionSchema union, _):
                return Read(ref input, union.Branches[input.ReadIndex(union.Branches.Count)], reader);
            case (_, UnionSchema wanted):
                var match = _branches.Find(writer, wanted);
                return match >= 0 ? Wrap(Read(ref input, writer, wanted.Branches[match]), wanted.Branches[match]) : throw CannotResolve(writer, reader);
            case (RecordSchema record, RecordSchema wanted):
                return ReadRecord(ref input, record, wanted);
            case (ArraySchema array, ArraySchema wanted):
                return ReadArray(ref input, array, wanted);
            case (MapSchema map, MapSchema wanted):
                return ReadMap(ref input, map, wanted);
            case (EnumSchema symbols, EnumSchema wanted):
                return ReadEnum(ref input, symbols, wanted);
            case (FixedSchema bytes, FixedSchema wanted) when _aliases.NameOf(bytes).Simple == wanted.Name.Simple && bytes.Size == wanted.Size:
                return JsonValue.FromText(Encoding.Latin1.GetString(input.ReadFixed(wanted.Size)));
            case (PrimitiveSchema, PrimitiveSchema) when writer.Type == reader.Type || BranchMatch.Promotes(writer.Type, reader.Type):
                return ReadPrimitive(ref input, writer.Type, reader.Type);
            default:
                throw CannotResolve(writer, reader);
        }
    }

    static JsonValue ReadPrimitive(ref BinaryInput input, AvroType writer, AvroType reader)
    {
        switch (writer)
        {
            case AvroType.Null:
                return JsonValue.Null;
            case AvroType.Boolean:
                return JsonValue.FromBoolean(input.ReadBoolean());
            case AvroType.Int or AvroType.Long:
                var number = writer == AvroType.Int ? input.ReadInt() : input.ReadLong();
                return reader is AvroType.Int or AvroType.Long ? JsonValue.FromInteger(number)
                    : reader == AvroType.Float ? Single(number) : JsonValue.FromDouble(number);
            case AvroType.Float:
                var single = input.ReadFloat();
                return reader == AvroType.Float ? Single(single) : JsonValue.FromDouble(single);
            case AvroType.Double:
                return JsonValue.FromDouble(input.ReadDouble());
            default:
                var bytes = input.ReadBytes();
                return JsonValue.FromText((reader == AvroType.String ? Encoding.UTF8 : Encoding.Latin1).GetString(bytes));
        }
    }

    /// <summary>A single-precision number, as the double that is written with the same digits.</summary>
    static JsonValue Single(float value) =>
        JsonValue.FromDouble(double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    JsonValue ReadRecord(ref BinaryInput input, RecordSchema writer, RecordSchema reader)
    {
        // Only records can hold themselves, so levels are counted here alone.
        Enter();
        var names = writer.Fields.ConvertAll(field => _aliases.FieldOf(writer, field));
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count
            || reader.Fields.Any(field => field.Default is null && !names.Contains(field.Name, StringComparer.Ordinal)))
        {
            throw CannotResolve(writer, reader);
        }
        var read = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            if (reader.Field(names[i]) is { } wanted)
            {
                read[names[i]] = Read(ref input, writer.Fields[i].Schema, wanted.Schema);
            }
            else
            {
                Skip(ref input, writer.Fields[i].Schema);
            }
        }
        var members = new OrderedDictionary<string, JsonValue>(StringComparer.Ordinal);
        foreach (var field in reader.Fields)
        {
            members[field.Name] = read.GetValueOrDefault(field.Name) ?? DefaultValue.Of(field.Schema, field.Default!);
        }
        _level--;
        return JsonValue.FromMembers(members);
    }

    JsonValue ReadArray(ref BinaryInput input, ArraySchema writer, ArraySchema reader)
    {
        var items = new List<JsonValue>();
        for (var (count, _) = input.ReadBlock(); count > 0; (count, _) = input.ReadBlock())
        {
            CheckCount(ref input, count, items.Count);
            for (var i = 0L; i < count; i++)
            {
                items.Add(Read(ref input, writer.Items, reader.Items));
            }
        }
        return JsonValue.FromItems(items);
    }

    JsonValue ReadMap(ref BinaryInput input, MapSchema writer, MapSchema reader)
    {
        var members = new OrderedDictionary<string, JsonValue>(StringComparer.Ordinal);
        for (var (count, _) = input.ReadBlock(); count > 0; (count, _) = input.ReadBlock())
        {
            CheckCount(ref input, count, members.Count);
            for (var i = 0L; i < count; i++)
            {
                var key = input.ReadString();
                members[key] = Read(ref input, writer.Values, reader.Values);
            }
        }
        return JsonValue.FromMembers(members);
    }

    JsonValue ReadEnum(ref BinaryInput input, EnumSchema writer, EnumSchema reader)
    {
        if (_aliases.NameOf(writer).Simple != reader.Name.Simple)
        {
            throw CannotResolve(writer, reader);
        }
        var symbol = writer.Symbols[input.ReadIndex(writer.Symbols.Count)];
        return JsonValue.FromText(reader.Symbols.Contains(symbol, StringComparer.Ordinal) ? symbol : reader.Default ?? throw CannotResolve(writer, reader));
    }

    void Skip(ref BinaryInput input, AvroSchema schema)
    {
        switch (schema)
        {
            case UnionSchema union:
                Skip(ref input, union.Branches[input.ReadIndex(union.Branches.Count)]);
                break;
            case RecordSchema record:
                Enter();
                foreach (var field in record.Fields)
                {
                    Skip(ref input, field.Schema);
                }
                _level--;
                break;
            case FixedSchema bytes:
                input.Skip(bytes.Size);
                break;
            case EnumSchema symbols:
                input.ReadIndex(symbols.Symbols.Count);
                break;
            case ArraySchema or MapSchema:
                SkipBlocks(ref input, schema);
                break;
            default:
                ReadPrimitive(ref input, schema.Type, schema.Type);
                break;
        }
    }

    void SkipBlocks(ref BinaryInput input, AvroSchema schema)
    {
        for (var (count, bytes) = input.ReadBlock(); count > 0; (count, bytes) = input.ReadBlock())
        {
            if (bytes >= 0)
            {
                input.Skip(bytes);
                continue;
            }
            CheckCount(ref input, count, 0);
            for (var i = 0L; i < count; i++)
            {
                if (schema is MapSchema map)
                {
                    input.ReadBytes();
                    Skip(ref input, map.Values);
                }
                else
                {
                    Skip(ref input, ((ArraySchema)schema).Items);
                }
            }
        }
    }

    void Enter()
    {
        if (++_level > MostLevels)
        {
            throw new AvroDataException(AvroDataProblem.BadLength, $"the value is nested more than {MostLevels} levels deep");
        }
    }

    static void CheckCount(ref BinaryInput input, long count, int before)
    {
        if (count > input.Remaining && before + count > MostEmptyItems)
        {
            throw new AvroDataException(AvroDataProblem.BadLength, $"a block of {count} items in {input.Remaining} bytes");
        }
    }

    static JsonValue Wrap(JsonValue value, AvroSchema branch) => branch.Type == AvroType.Null
        ? value
        : JsonValue.FromMembers(new(StringComparer.Ordinal) { [branch.FullName] = value });

    static AvroDataException CannotResolve(AvroSchema writer, AvroSchema reader) =>
        new(AvroDataProblem.CannotResolve, $"{writer.FullName} was written where {reader.FullName} is expected");
}
