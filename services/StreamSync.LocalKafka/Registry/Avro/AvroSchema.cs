namespace StreamSync.LocalKafka.Registry.Avro;

enum AvroType
{
    Record,
    Enum,
    Array,
    Map,
    Union,
    Fixed,
    String,
    Bytes,
    Int,
    Long,
    Float,
    Double,
    Boolean,
    Null,
}

/// <summary>The names of the types as schemas write them.</summary>
static class AvroTypes
{
    static readonly string[] Names = [.. Enum.GetNames<AvroType>().Select(name => name.ToLowerInvariant())];

    static readonly Dictionary<string, AvroType> Primitives =
        Enum.GetValues<AvroType>().Where(type => type >= AvroType.String).ToDictionary(type => type.Text(), StringComparer.Ordinal);

    public static string Text(this AvroType type) => Names[(int)type];

    public static bool IsTypeName(string name) => Names.Contains(name, StringComparer.Ordinal);

    public static bool TryPrimitive(string name, out AvroType type) => Primitives.TryGetValue(name, out type);
}

/// <summary>
/// A parsed Avro schema. Two uses of one named type are the same object, so a recursive schema is a graph with cycles; every
/// written-out occurrence of anything else is an object of its own (the compatibility check relies on that).
/// </summary>
abstract class AvroSchema(AvroType type)
{
    public AvroType Type { get; } = type;

    /// <summary>Logical type and every other property that the specification does not reserve, in the order written.</summary>
    public OrderedDictionary<string, JsonValue> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>The full name of a named type; the type's own name for the rest.</summary>
    public virtual string FullName => Type.Text();
}

sealed class PrimitiveSchema(AvroType type) : AvroSchema(type);

abstract class NamedSchema(AvroType type, AvroName name, string? doc) : AvroSchema(type)
{
    public AvroName Name { get; } = name;

    public string? Doc { get; } = doc;

    /// <summary>Aliases in the order written, each once.</summary>
    public List<AvroName> Aliases { get; } = [];

    public override string FullName => Name.Full;
}

sealed class RecordSchema(AvroName name, string? doc, bool isError) : NamedSchema(AvroType.Record, name, doc)
{
    readonly Dictionary<string, AvroField> _byName = new(StringComparer.Ordinal);

    public bool IsError { get; } = isError;

    public List<AvroField> Fields { get; } = [];

    public void Add(AvroField field)
    {
        if (!_byName.TryAdd(field.Name, field))
        {
            throw new AvroSchemaException($"field \"{field.Name}\" stands twice in record \"{FullName}\"");
        }
        Fields.Add(field);
    }

    public AvroField? Field(string name) => _byName.GetValueOrDefault(name);
}

enum AvroOrder
{
    Ascending,
    Descending,
    Ignore,
}

sealed class AvroField(string name, AvroSchema schema, string? doc, JsonValue? fallback, AvroOrder order, IReadOnlyList<string> aliases)
{
    public string Name { get; } = name;

    public AvroSchema Schema { get; set; } = schema;

    public string? Doc { get; } = doc;

    /// <summary>The default, or null where the field has none (a default of null is <see cref="JsonValue.Null"/>).</summary>
    public JsonValue? Default { get; } = fallback;

    public AvroOrder Order { get; } = order;

    public IReadOnlyList<string> Aliases { get; } = aliases;

    public OrderedDictionary<string, JsonValue> Properties { get; } = new(StringComparer.Ordinal);
}

sealed class EnumSchema(AvroName name, string? doc, IReadOnlyList<string> symbols, string? fallback)
    : NamedSchema(AvroType.Enum, name, doc)
{
    public IReadOnlyList<string> Symbols { get; } = symbols;

    public string? Default { get; } = fallback;
}

sealed class FixedSchema(AvroName name, string? doc, int size) : NamedSchema(AvroType.Fixed, name, doc)
{
    public int Size { get; } = size;
}

sealed class ArraySchema(AvroSchema items) : AvroSchema(AvroType.Array)
{
    public AvroSchema Items { get; set; } = items;
}

sealed class MapSchema(AvroSchema values) : AvroSchema(AvroType.Map)
{
    public AvroSchema Values { get; set; } = values;
}

sealed class UnionSchema(List<AvroSchema> branches) : AvroSchema(AvroType.Union)
{
    public List<AvroSchema> Branches { get; } = branches;

    // Only reaches a text where a union is named as a referenced schema; never equal to the name of a real type.
    public override string FullName => $"union[{string.Join(", ", Branches.Select(branch => branch.FullName))}]";

    /// <exception cref="AvroSchemaException">A union stands in the union, or two branches could not be told apart.</exception>
    public void Check()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var branch in Branches)
        {
            if (branch.Type == AvroType.Union)
            {
                throw new AvroSchemaException("a union may not stand in a union");
            }
            if (!names.Add(branch.FullName))
            {
                throw new AvroSchemaException($"\"{branch.FullName}\" stands twice in a union");
            }
        }
    }
}

/// <summary>
/// A name that was not known yet where it was used: a record that holds itself, or a type defined further down. Replaced when the
/// whole text has been read. Avro Java puts an empty record in this place, which shows in how defaults are judged.
/// </summary>
sealed class UnresolvedSchema(string wanted, int number) : AvroSchema(AvroType.Record)
{
    public string Wanted { get; } = wanted;

    public override string FullName { get; } = $"org.apache.avro.compiler.UnresolvedSchema_{number}";
}
