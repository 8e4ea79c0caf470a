namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>What a new version of a schema is held to; named and meant as in Confluent's registry.</summary>
enum CompatibilityLevel
{
    /// <summary>Nothing is checked.</summary>
    None,

    /// <summary>The new schema reads data of the latest version.</summary>
    Backward,

    /// <summary>The new schema reads data of every version.</summary>
    BackwardTransitive,

    /// <summary>The latest version reads data of the new schema.</summary>
    Forward,

    /// <summary>Every version reads data of the new schema.</summary>
    ForwardTransitive,

    /// <summary>Both ways with the latest version.</summary>
    Full,

    /// <summary>Both ways with every version.</summary>
    FullTransitive,
}

/// <summary>The six levels and none at work on the versions of a subject.</summary>
static class CompatibilityLevels
{
    const int LongestSchemaInMessage = 10 * 1024;

    static readonly Dictionary<string, CompatibilityLevel> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["NONE"] = CompatibilityLevel.None,
        ["BACKWARD"] = CompatibilityLevel.Backward,
        ["BACKWARD_TRANSITIVE"] = CompatibilityLevel.BackwardTransitive,
        ["FORWARD"] = CompatibilityLevel.Forward,
        ["FORWARD_TRANSITIVE"] = CompatibilityLevel.ForwardTransitive,
        ["FULL"] = CompatibilityLevel.Full,
        ["FULL_TRANSITIVE"] = CompatibilityLevel.FullTransitive,
    };

    static readonly Dictionary<CompatibilityLevel, string> Names = ByName.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static bool TryParse(string name, out CompatibilityLevel level) => ByName.TryGetValue(name, out level);

    public static string Text(this CompatibilityLevel level) => Names[level];

    /// <summary>Holds a schema to a level.</summary>
    /// <param name="level">The level.</param>
    /// <param name="candidate">The new schema.</param>
    /// <param name="versions">The live versions with their texts, oldest first.</param>
    /// <returns>Why it is refused, with kinds and paths; nothing if it is not.</returns>
    public static IReadOnlyList<string> Check(
        CompatibilityLevel level, AvroSchema candidate, IReadOnlyList<(int Version, AvroSchema Schema, string Text)> versions)
    {
        if (level == CompatibilityLevel.None)
        {
            return [];
        }
        var transitive = level is CompatibilityLevel.BackwardTransitive or CompatibilityLevel.ForwardTransitive or CompatibilityLevel.FullTransitive;
        var backward = level is not (CompatibilityLevel.Forward or CompatibilityLevel.ForwardTransitive);
        var forward = level is not (CompatibilityLevel.Backward or CompatibilityLevel.BackwardTransitive);
        foreach (var (version, schema, text) in versions.Reverse().Take(transitive ? int.MaxValue : 1))
        {
            var messages = new List<string>();
            if (forward)
            {
                messages.AddRange(Explain(schema, candidate, "the earlier schema", "the new schema"));
            }
            if (backward)
            {
                messages.AddRange(Explain(candidate, schema, "the new schema", "the earlier schema"));
            }
            if (messages.Count > 0)
            {
                messages.Add($"{{oldSchemaVersion: {version}}}");
                messages.Add($"{{oldSchema: '{(text.Length <= LongestSchemaInMessage ? text : text[..LongestSchemaInMessage] + "...")}'}}");
                messages.Add($"{{compatibility: '{level.Text()}'}}");
                return messages;
            }
        }
        return [];
    }

    static IEnumerable<string> Explain(AvroSchema reader, AvroSchema writer, string readerIs, string writerIs)
    {
        try
        {
            return SchemaCompatibility.Check(reader, writer).Select(difference =>
                $"{{errorType:'{difference.TypeName}', path:'{difference.Path}', description:'{Describe(difference, readerIs, writerIs)}'}}");
        }
        catch (AmbiguousFieldException problem)
        {
            return [$"{{errorType:'AMBIGUOUS_FIELD', description:'{problem.Message}'}}"];
        }
    }

    static string Describe(Incompatibility difference, string reader, string writer) => difference.Type switch
    {
        IncompatibilityType.NameMismatch => $"a type in {reader} has another name than in {writer}, and no alias for it: {difference.Detail}",
        IncompatibilityType.FixedSizeMismatch => $"a fixed in {reader} has another size than in {writer}: {difference.Detail}",
        IncompatibilityType.MissingEnumSymbols => $"an enum in {reader} lacks symbols of {writer} and has no default: {difference.Detail}",
        IncompatibilityType.ReaderFieldMissingDefaultValue => $"{reader} needs a field that {writer} lacks, and has no default for it: {difference.Detail}",
        IncompatibilityType.TypeMismatch => $"{reader} cannot read the type that {writer} has here: {difference.Detail}",
        _ => $"a union in {reader} lacks a branch for what {writer} may hold: {difference.Detail}",
    };
}
