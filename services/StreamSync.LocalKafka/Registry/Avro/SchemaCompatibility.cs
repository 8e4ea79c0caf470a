using System.Globalization;
using System.Runtime.CompilerServices;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>The kinds of incompatibility, in the words that clients of a registry know.</summary>
enum IncompatibilityType
{
    NameMismatch,
    FixedSizeMismatch,
    MissingEnumSymbols,
    ReaderFieldMissingDefaultValue,
    TypeMismatch,
    MissingUnionBranch,
}

/// <param name="Type">What is wrong.</param>
/// <param name="Path">Where: a JSON Pointer into the reader's schema, but a number after a union is the branch of the writer's.</param>
/// <param name="Detail">What the writer has, or what is missing.</param>
sealed record Incompatibility(IncompatibilityType Type, string Path, string Detail)
{
    /// <summary>The kind as written in answers: TYPE_MISMATCH and so on.</summary>
    public string TypeName => Type switch
    {
        IncompatibilityType.NameMismatch => "NAME_MISMATCH",
        IncompatibilityType.FixedSizeMismatch => "FIXED_SIZE_MISMATCH",
        IncompatibilityType.MissingEnumSymbols => "MISSING_ENUM_SYMBOLS",
        IncompatibilityType.ReaderFieldMissingDefaultValue => "READER_FIELD_MISSING_DEFAULT_VALUE",
        IncompatibilityType.TypeMismatch => "TYPE_MISMATCH",
        _ => "MISSING_UNION_BRANCH",
    };
}

/// <summary>A reader's field matches two fields of the writer, by name and by alias, so nobody can say which it reads.</summary>
sealed class AmbiguousFieldException(string message) : Exception(message);

/// <summary>
/// Whether data written with one schema can be read with another, by the rules of Avro Java's SchemaCompatibility 1.12 (the one
/// that Confluent's registry asks): names are compared without namespace, aliases help the reader only, logical types and docs play
/// no part, and every difference is told, in the order of the reader's schema.
/// </summary>
sealed class SchemaCompatibility
{
    static readonly IReadOnlyList<Incompatibility> Compatible = [];

    /// <summary>Verdicts by pair. A pair that is being looked at counts as compatible: that is how a recursive schema comes to an end.</summary>
    readonly Dictionary<(AvroSchema Reader, AvroSchema Writer), IReadOnlyList<Incompatibility>> _verdicts = [];

    SchemaCompatibility()
    {
    }

    /// <returns>Every reason why <paramref name="reader"/> may fail on data of <paramref name="writer"/>; none if it cannot.</returns>
    /// <exception cref="AmbiguousFieldException">A field of the reader matches more than one of the writer.</exception>
    public static IReadOnlyList<Incompatibility> Check(AvroSchema reader, AvroSchema writer) =>
        new SchemaCompatibility().Compare(reader, writer, Path.Root);

    IReadOnlyList<Incompatibility> Compare(AvroSchema reader, AvroSchema writer, Path path)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_verdicts.TryGetValue((reader, writer), out var known))
        {
            return known;
        }
        _verdicts[(reader, writer)] = Compatible;
        return _verdicts[(reader, writer)] = [.. Differences(reader, writer, path)];
    }

    IEnumerable<Incompatibility> Differences(AvroSchema reader, AvroSchema writer, Path path)
    {
        switch (reader, writer)
        {
            case (UnionSchema, UnionSchema union):
                return union.Branches.Select((branch, i) => (branch, i))
                    .Where(one => Compare(reader, one.branch, Path.Root).Count > 0)
                    .Select(one => MissingBranch(one.branch, path.With(one.i)));
            case (_, UnionSchema union):
                return union.Branches.SelectMany((branch, i) => Compare(reader, branch, path.With(i)));
            case (UnionSchema union, _):
                return union.Branches.Any(branch => Compare(branch, writer, Path.Root).Count == 0) ? [] : [MissingBranch(writer, path)];
            case (ArraySchema array, ArraySchema written):
                return Compare(array.Items, written.Items, path.With("items"));
            case (MapSchema map, MapSchema written):
                return Compare(map.Values, written.Values, path.With("values"));
            case (FixedSchema bytes, FixedSchema written):
                return Names(bytes, written, path).Concat(Sizes(bytes, written, path));
            case (EnumSchema symbols, EnumSchema written):
                return Names(symbols, written, path).Concat(Symbols(symbols, written, path));
            case (RecordSchema record, RecordSchema written):
                return Names(record, written, path).Concat(Fields(record, written, path.With("fields")));
            default:
                return reader.Type == writer.Type || Promotes(writer.Type, reader.Type)
                    ? []
                    : [new(IncompatibilityType.TypeMismatch, path.Text, $"the reader has {reader.Type.Text()}, the writer {writer.Type.Text()}")];
        }
    }

    static bool Promotes(AvroType from, AvroType to) => (from, to) switch
    {
        (AvroType.Int, AvroType.Long or AvroType.Float or AvroType.Double) => true,
        (AvroType.Long, AvroType.Float or AvroType.Double) => true,
        (AvroType.Float, AvroType.Double) => true,
        (AvroType.String, AvroType.Bytes) => true,
        (AvroType.Bytes, AvroType.String) => true,
        _ => false,
    };

    static Incompatibility MissingBranch(AvroSchema writer, Path path) =>
        new(IncompatibilityType.MissingUnionBranch, path.Text, $"no branch of the reader takes the writer's {writer.FullName}");

    static IEnumerable<Incompatibility> Names(NamedSchema reader, NamedSchema writer, Path path)
    {
        // An alias that leads out of the reader's namespace into none at all begins with a dot in Java, and then is no one's full name.
        var isNamed = reader.Aliases.Contains(writer.Name) && (writer.Name.Space is not null || reader.Name.Space is null);
        if (reader.Name.Simple != writer.Name.Simple && !isNamed)
        {
            yield return new(IncompatibilityType.NameMismatch, path.With("name").Text, $"the writer's name is {writer.FullName}");
        }
    }

    static IEnumerable<Incompatibility> Sizes(FixedSchema reader, FixedSchema writer, Path path)
    {
        if (reader.Size != writer.Size)
        {
            yield return new(IncompatibilityType.FixedSizeMismatch, path.With("size").Text, $"the reader has {reader.Size} bytes, the writer {writer.Size}");
        }
    }

    static IEnumerable<Incompatibility> Symbols(EnumSchema reader, EnumSchema writer, Path path)
    {
        var missing = writer.Symbols.Except(reader.Symbols, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0 && reader.Default is null)
        {
            yield return new(IncompatibilityType.MissingEnumSymbols, path.With("symbols").Text, $"[{string.Join(", ", missing)}]");
        }
    }

    IEnumerable<Incompatibility> Fields(RecordSchema reader, RecordSchema writer, Path path)
    {
        for (var i = 0; i < reader.Fields.Count; i++)
        {
            var field = reader.Fields[i];
            var here = path.With(i);
            if (FieldOf(writer, field) is { } written)
            {
                foreach (var difference in Compare(field.Schema, written.Schema, here.With("type")))
                {
                    yield return difference;
                }
            }
            else if (field.Default is null)
            {
                // An enum with a default of its own is told apart in Avro Java, by comparing it with the writer's whole record.
                if (field.Schema is EnumSchema { Default: not null })
                {
                    foreach (var difference in Compare(field.Schema, writer, here.With("type")))
                    {
                        yield return difference;
                    }
                }
                else
                {
                    yield return new(IncompatibilityType.ReaderFieldMissingDefaultValue, here.Text, field.Name);
                }
            }
        }
    }

    static AvroField? FieldOf(RecordSchema writer, AvroField field)
    {
        var matches = field.Aliases.Prepend(field.Name).Select(writer.Field).OfType<AvroField>().Take(2).ToArray();
        return matches.Length < 2 ? matches.FirstOrDefault() : throw new AmbiguousFieldException(
            $"field \"{field.Name}\" of the reader matches both \"{matches[0].Name}\" and \"{matches[1].Name}\" of \"{writer.FullName}\"");
    }

    /// <summary>A place in the reader's schema.</summary>
    sealed record Path(Path? Parent, string Step)
    {
        public static Path Root { get; } = new(null, string.Empty);

        public string Text => Parent is null ? "/" : Parent.Parent is null ? "/" + Step : Parent.Text + "/" + Step;

        // Steps are numbers and fixed words, so nothing needs the escapes of a JSON Pointer.
        public Path With(string step) => new(this, step);

        public Path With(int index) => With(index.ToString(CultureInfo.InvariantCulture));
    }
}
