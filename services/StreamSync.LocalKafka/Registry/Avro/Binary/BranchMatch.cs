namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>
/// Which branch of a reader's union takes what a writer wrote. The specification says "the first that matches"; Avro Java, which is
/// followed here, looks for the same type first, then for a record of another name that looks alike, and only then promotes.
/// </summary>
sealed class BranchMatch(ReaderAliases aliases)
{
    /// <summary>The branch for a type that is no union; -1 where none takes it.</summary>
    public int Find(AvroSchema writer, UnionSchema reader) => Find(writer, reader, []);

    /// <summary>Whether two unions have the same branches one by one, so that the writer's index is the reader's.</summary>
    public bool AreAlike(UnionSchema writer, UnionSchema reader) => AreAlike(writer, reader, []);

    int Find(AvroSchema writer, UnionSchema reader, HashSet<(AvroSchema, AvroSchema)> seen)
    {
        var alike = -1;
        for (var i = 0; i < reader.Branches.Count; i++)
        {
            var branch = reader.Branches[i];
            if (branch.Type != writer.Type)
            {
                continue;
            }
            if (writer is not NamedSchema named || aliases.NameOf(named) == ((NamedSchema)branch).Name)
            {
                return i;
            }
            var sameShortName = aliases.NameOf(named).Simple == ((NamedSchema)branch).Name.Simple;
            if ((alike < 0 || sameShortName) && writer is RecordSchema record && LooksLike(record, (RecordSchema)branch, seen))
            {
                alike = i;
            }
        }
        return alike >= 0 ? alike : reader.Branches.FindIndex(branch => Promotes(writer.Type, branch.Type));
    }

    /// <summary>Whether the reader's record takes the writer's as far as can be seen without going into what the fields hold.</summary>
    bool LooksLike(RecordSchema writer, RecordSchema reader, HashSet<(AvroSchema, AvroSchema)> seen)
    {
        if (!seen.Add((writer, reader)))
        {
            return true;
        }
        var written = writer.Fields.ToDictionary(field => aliases.FieldOf(writer, field), field => field.Schema, StringComparer.Ordinal);
        return reader.Fields.All(field => written.TryGetValue(field.Name, out var schema) ? Fits(schema, field.Schema, seen) : field.Default is not null);
    }

    bool Fits(AvroSchema writer, AvroSchema reader, HashSet<(AvroSchema, AvroSchema)> seen) => (writer, reader) switch
    {
        (UnionSchema, _) => true,
        (_, UnionSchema union) => Find(writer, union, seen) >= 0,
        (FixedSchema a, FixedSchema b) => aliases.NameOf(a).Simple == b.Name.Simple && a.Size == b.Size,
        (EnumSchema a, EnumSchema b) => aliases.NameOf(a).Simple == b.Name.Simple,
        (RecordSchema a, RecordSchema b) => b.Fields.All(field => field.Default is not null || a.Fields.Any(one => aliases.FieldOf(a, one) == field.Name)),
        _ => writer.Type == reader.Type || Promotes(writer.Type, reader.Type),
    };

    bool AreAlike(AvroSchema writer, AvroSchema reader, HashSet<(AvroSchema, AvroSchema)> seen)
    {
        if (writer.Type != reader.Type || (writer is NamedSchema named && aliases.NameOf(named).Simple != ((NamedSchema)reader).Name.Simple))
        {
            return false;
        }
        return (writer, reader) switch
        {
            (ArraySchema a, ArraySchema b) => AreAlike(a.Items, b.Items, seen),
            (MapSchema a, MapSchema b) => AreAlike(a.Values, b.Values, seen),
            (FixedSchema a, FixedSchema b) => a.Size == b.Size,
            (EnumSchema a, EnumSchema b) => a.Symbols.SequenceEqual(b.Symbols),
            (UnionSchema a, UnionSchema b) => a.Branches.Count == b.Branches.Count
                && a.Branches.Zip(b.Branches).All(pair => AreAlike(pair.First, pair.Second, seen)),
            (RecordSchema a, RecordSchema b) => !seen.Add((a, b)) || (a.Fields.Count == b.Fields.Count
                && a.Fields.Zip(b.Fields).All(pair => aliases.FieldOf(a, pair.First) == pair.Second.Name && AreAlike(pair.First.Schema, pair.Second.Schema, seen))),
            _ => true,
        };
    }

    public static bool Promotes(AvroType from, AvroType to) => (from, to) switch
    {
        (AvroType.Int, AvroType.Long or AvroType.Float or AvroType.Double) => true,
        (AvroType.Long, AvroType.Float or AvroType.Double) => true,
        (AvroType.Float, AvroType.Double) => true,
        (AvroType.String, AvroType.Bytes) => true,
        (AvroType.Bytes, AvroType.String) => true,
        _ => false,
    };
}
