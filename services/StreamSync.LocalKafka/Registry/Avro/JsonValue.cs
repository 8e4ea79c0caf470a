using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace StreamSync.LocalKafka.Registry.Avro;

enum JsonKind
{
    Null,
    Boolean,
    Integer,
    BigInteger,
    Double,
    Text,
    Array,
    Object,
}

/// <summary>
/// A JSON value as Avro Java sees it: members keep their order, the last of two equal keys wins at the place of the first,
/// whole numbers and fractions are different things, and writing gives the bytes that Java writes. The text of a schema is its
/// identity in a registry, so this matters to the last digit.
/// </summary>
sealed class JsonValue : IEquatable<JsonValue>
{
    /// <summary>Deeper nesting than this is refused, as Jackson does.</summary>
    const int MaxDepth = 1000;

    static readonly JsonReaderOptions ReaderOptions = new() { CommentHandling = JsonCommentHandling.Skip, MaxDepth = MaxDepth };

    JsonValue(JsonKind kind) => Kind = kind;

    public static JsonValue Null { get; } = new(JsonKind.Null);

    public JsonKind Kind { get; }

    /// <summary>The value of <see cref="JsonKind.Integer"/>, or 1 for true.</summary>
    public long Integer { get; private init; }

    public BigInteger Big { get; private init; }

    public double Number { get; private init; }

    /// <summary>The text of <see cref="JsonKind.Text"/>, null for every other kind.</summary>
    public string? Text { get; private init; }

    public IReadOnlyList<JsonValue> Items { get; private init; } = [];

    public OrderedDictionary<string, JsonValue> Members { get; private init; } = [];

    public bool IsObject => Kind == JsonKind.Object;

    public bool IsArray => Kind == JsonKind.Array;

    public bool IsText => Kind == JsonKind.Text;

    public bool IsIntegral => Kind is JsonKind.Integer or JsonKind.BigInteger;

    public bool IsNumber => IsIntegral || Kind == JsonKind.Double;

    public static JsonValue FromBoolean(bool value) => new(JsonKind.Boolean) { Integer = value ? 1 : 0 };

    public static JsonValue FromInteger(long value) => new(JsonKind.Integer) { Integer = value };

    public static JsonValue FromDouble(double value) => new(JsonKind.Double) { Number = value };

    public static JsonValue FromText(string value) => new(JsonKind.Text) { Text = value };

    public static JsonValue FromItems(IReadOnlyList<JsonValue> items) => new(JsonKind.Array) { Items = items };

    public static JsonValue FromMembers(OrderedDictionary<string, JsonValue> members) => new(JsonKind.Object) { Members = members };

    /// <summary>The member of that name, or null where there is none or this is no object.</summary>
    public JsonValue? Get(string name) => Kind == JsonKind.Object && Members.TryGetValue(name, out var value) ? value : null;

    /// <summary>The text of a member, or null where it is absent or something else than text.</summary>
    public string? GetText(string name) => Get(name)?.Text;

    /// <summary>Reads one JSON value; comments are allowed, anything after the value is not.</summary>
    /// <exception cref="AvroSchemaException">The text is not JSON.</exception>
    public static JsonValue Parse(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), ReaderOptions);
            if (!reader.Read())
            {
                throw new AvroSchemaException("the schema text is empty");
            }
            var value = Read(ref reader);
            return reader.Read() ? throw new AvroSchemaException("there is text after the end of the schema") : value;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new AvroSchemaException($"the schema text is not JSON: {problem.Message}", problem);
        }
    }

    static JsonValue Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return Null;
            case JsonTokenType.True:
            case JsonTokenType.False:
                return FromBoolean(reader.GetBoolean());
            case JsonTokenType.String:
                return FromText(reader.GetString()!);
            case JsonTokenType.Number:
                return ReadNumber(ref reader);
            case JsonTokenType.StartArray:
                var items = new List<JsonValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader));
                }
                return FromItems(items);
            case JsonTokenType.StartObject:
                var members = new OrderedDictionary<string, JsonValue>(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    members[name] = Read(ref reader);
                }
                return FromMembers(members);
            default:
                throw new AvroSchemaException($"unexpected {reader.TokenType} in the schema text");
        }
    }

    static JsonValue ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var integer))
        {
            return FromInteger(integer);
        }
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? new JsonValue(JsonKind.BigInteger) { Big = BigInteger.Parse(text, CultureInfo.InvariantCulture) }
            : FromDouble(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public bool Equals(JsonValue? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }
        if (other is null || other.Kind != Kind)
        {
            return false;
        }
        return Kind switch
        {
            JsonKind.Boolean or JsonKind.Integer => Integer == other.Integer,
            JsonKind.BigInteger => Big == other.Big,
            JsonKind.Double => Number.Equals(other.Number),
            JsonKind.Text => string.Equals(Text, other.Text, StringComparison.Ordinal),
            JsonKind.Array => Items.SequenceEqual(other.Items),
            JsonKind.Object => MembersEqual(Members, other.Members),
            _ => true,
        };
    }

    /// <summary>Whether two sets of members are the same, in any order.</summary>
    public static bool MembersEqual(OrderedDictionary<string, JsonValue> one, OrderedDictionary<string, JsonValue> other) =>
        one.Count == other.Count && one.All(member => other.TryGetValue(member.Key, out var value) && member.Value.Equals(value));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as JsonValue);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Integer, Number, Text, Items.Count, Members.Count);

    /// <summary>The value as compact JSON, byte for byte as Java writes it.</summary>
    public override string ToString()
    {
        var output = new StringBuilder();
        WriteTo(output);
        return output.ToString();
    }

    public void WriteTo(StringBuilder output)
    {
        switch (Kind)
        {
            case JsonKind.Null:
                output.Append("null");
                break;
            case JsonKind.Boolean:
                output.Append(Integer != 0 ? "true" : "false");
                break;
            case JsonKind.Integer:
                output.Append(CultureInfo.InvariantCulture, $"{Integer}");
                break;
            case JsonKind.BigInteger:
                output.Append(Big.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonKind.Double:
                JavaText.AppendNumber(output, Number);
                break;
            case JsonKind.Text:
                JavaText.AppendQuoted(output, Text!);
                break;
            case JsonKind.Array:
                output.Append('[');
                for (var i = 0; i < Items.Count; i++)
                {
                    if (i > 0)
                    {
                        output.Append(',');
                    }
                    Items[i].WriteTo(output);
                }
                output.Append(']');
                break;
            default:
                output.Append('{');
                var first = true;
                foreach (var (name, value) in Members)
                {
                    if (!first)
                    {
                        output.Append(',');
                    }
                    first = false;
                    JavaText.AppendQuoted(output, name);
                    output.Append(':');
                    value.WriteTo(output);
                }
                output.Append('}');
                break;
        }
    }
}
