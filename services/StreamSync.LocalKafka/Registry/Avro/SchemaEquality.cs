using System.Runtime.CompilerServices;

namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>When two schemas count as the same.</summary>
static class SchemaEquality
{
    /// <summary>Avro's own equality: names, types, defaults, order and extra properties (in any order), but not docs or aliases.</summary>
    public static bool Same(AvroSchema one, AvroSchema other) => Same(one, other, []);

    /// <summary>
    /// What a subject takes for one schema: <see cref="Same(AvroSchema, AvroSchema)"/>, and docs, aliases and enum defaults too.
    /// </summary>
    public static bool Identical(AvroSchema one, AvroSchema other) => Same(one, other) && SameNotes(one, other, []);

    static bool Same(AvroSchema one, AvroSchema other, HashSet<(AvroSchema, AvroSchema)> seen)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (ReferenceEquals(one, other))
        {
            return true;
        }
        if (one.GetType() != other.GetType() || one.Type != other.Type || !JsonValue.MembersEqual(one.Properties, other.Properties))
        {
            return false;
        }
        return (one, other) switch
        {
            (UnresolvedSchema, _) => false,
            (ArraySchema a, ArraySchema b) => Same(a.Items, b.Items, seen),
            (MapSchema a, MapSchema b) => Same(a.Values, b.Values, seen),
            (UnionSchema a, UnionSchema b) => a.Branches.Count == b.Branches.Count
                && a.Branches.Zip(b.Branches).All(pair => Same(pair.First, pair.Second, seen)),
            (EnumSchema a, EnumSchema b) => a.Name == b.Name && a.Symbols.SequenceEqual(b.Symbols),
            (FixedSchema a, FixedSchema b) => a.Name == b.Name && a.Size == b.Size,
            (RecordSchema a, RecordSchema b) => a.Name == b.Name && (!seen.Add((a, b)) || SameFields(a, b, seen)),
            _ => true,
        };
    }

    static bool SameFields(RecordSchema one, RecordSchema other, HashSet<(AvroSchema, AvroSchema)> seen) =>
        one.Fields.Count == other.Fields.Count && one.Fields.Zip(other.Fields).All(pair =>
            pair.First.Name == pair.Second.Name
            && pair.First.Order == pair.Second.Order
            && Equals(pair.First.Default, pair.Second.Default)
            && JsonValue.MembersEqual(pair.First.Properties, pair.Second.Properties)
            && Same(pair.First.Schema, pair.Second.Schema, seen));

    static bool SameNotes(AvroSchema one, AvroSchema other, HashSet<(AvroSchema, AvroSchema)> seen)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (one is NamedSchema named && other is NamedSchema otherNamed
            && (named.Doc != otherNamed.Doc || !named.Aliases.ToHashSet().SetEquals(otherNamed.Aliases)))
        {
            return false;
        }
        return (one, other) switch
        {
            (ArraySchema a, ArraySchema b) => SameNotes(a.Items, b.Items, seen),
            (MapSchema a, MapSchema b) => SameNotes(a.Values, b.Values, seen),
            (UnionSchema a, UnionSchema b) => a.Branches.Zip(b.Branches).All(pair => SameNotes(pair.First, pair.Second, seen)),
            (EnumSchema a, EnumSchema b) => a.Default == b.Default,
            (RecordSchema a, RecordSchema b) => !seen.Add((a, b)) || a.Fields.Zip(b.Fields).All(pair =>
                pair.First.Doc == pair.Second.Doc
                && pair.First.Aliases.ToHashSet().SetEquals(pair.Second.Aliases)
                && SameNotes(pair.First.Schema, pair.Second.Schema, seen)),
            _ => true,
        };
    }
}
