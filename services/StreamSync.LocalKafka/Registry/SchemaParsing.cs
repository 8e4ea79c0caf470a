using System.Runtime.CompilerServices;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry;

/// <summary>Parses requests and stored versions, looking up what they refer to.</summary>
sealed class SchemaParsing
{
    /// <summary>Parsed versions, for as long as the state holds them; void once a version that they may refer to is gone.</summary>
    readonly ConditionalWeakTable<SchemaVersion, CachedSchema> _cache = [];

    /// <summary>Parses a request and brings it into the form in which the registry keeps it.</summary>
    /// <param name="state">Where references are looked up.</param>
    /// <param name="request">The request.</param>
    /// <param name="strict">Whether it is held to all rules for new schemas.</param>
    /// <param name="normalize">Whether properties are put in alphabetical order.</param>
    /// <returns>Null where the request holds no text.</returns>
    /// <exception cref="RegistryException">It is no valid schema.</exception>
    public static ParsedSchema? Parse(RegistryState state, SchemaRequest request, bool strict, bool normalize)
    {
        if (request.SchemaType != SchemaVersion.Avro)
        {
            throw RegistryErrors.InvalidSchema($"the type '{request.SchemaType}' is not supported, only AVRO is");
        }
        if (string.IsNullOrWhiteSpace(request.Text))
        {
            return null;
        }
        try
        {
            var parsed = Parse(state, request.Text, request.References, strict);
            if (normalize)
            {
                var (texts, names, references) = Resolve(state, request.References, strict);
                var schema = AvroSchemaParser.Parse(SchemaNormalizer.Normalize(parsed.Schema, names), texts, strict);
                IReadOnlyList<SchemaReference> sorted = [.. references.Distinct().OrderBy(one => one.Name, StringComparer.Ordinal)
                    .ThenBy(one => one.Subject, StringComparer.Ordinal).ThenBy(one => one.Version)];
                parsed = new ParsedSchema(schema, SchemaText.Of(schema, names), sorted, null);
            }
            return parsed with { Extras = request.Extras };
        }
        catch (AvroSchemaException problem)
        {
            throw RegistryErrors.InvalidSchema(problem.Message, problem);
        }
    }

    /// <summary>The parsed form of a stored version.</summary>
    /// <exception cref="RegistryException">It cannot be parsed (any more): it is of another type, or what it refers to is gone.</exception>
    public ParsedSchema Stored(RegistryState state, SchemaVersion version)
    {
        if (_cache.TryGetValue(version, out var cached) && (cached.Generation == state.Generation || version.References.Count == 0))
        {
            return cached.Schema;
        }
        if (version.SchemaType != SchemaVersion.Avro)
        {
            throw RegistryErrors.InvalidSchema($"version {version.Version} of '{version.Subject}' is of type {version.SchemaType}");
        }
        try
        {
            var parsed = Parse(state, version.Text, version.References, strict: false) with { Text = version.Text, Extras = version.Extras };
            _cache.AddOrUpdate(version, new CachedSchema(parsed, state.Generation));
            return parsed;
        }
        catch (AvroSchemaException problem)
        {
            throw RegistryErrors.InvalidSchema($"version {version.Version} of '{version.Subject}': {problem.Message}", problem);
        }
    }

    /// <summary>The text of a stored version with everything it refers to written out.</summary>
    public string Whole(RegistryState state, SchemaVersion version) => SchemaText.Of(Stored(state, version).Schema);

    static ParsedSchema Parse(RegistryState state, string text, IReadOnlyList<SchemaReference> references, bool strict)
    {
        var (texts, names, fixedReferences) = Resolve(state, references, strict);
        var schema = AvroSchemaParser.Parse(text, texts, strict);
        return new ParsedSchema(schema, SchemaText.Of(schema, names), fixedReferences, null);
    }

    /// <summary>The texts of all that is referred to, each after what it needs itself, and the names under which they are known.</summary>
    static (List<string> Texts, List<string> Names, List<SchemaReference> References) Resolve(
        RegistryState state, IReadOnlyList<SchemaReference> references, bool strict)
    {
        var texts = new List<string>();
        var visited = new HashSet<string>(StringComparer.Ordinal);
        var resolved = references.Select(reference => Resolve(state, reference, strict, texts, visited)).ToList();
        var names = texts.Select((text, i) => AvroSchemaParser.Parse(text, texts.Take(i), isNew: false).FullName).ToList();
        return (texts, names, resolved);
    }

    static SchemaReference Resolve(RegistryState state, SchemaReference reference, bool strict, List<string> texts, HashSet<string> visited)
    {
        var version = reference.Version == -1
            ? state.Latest(reference.Subject)
            : state.Versions(reference.Subject).GetValueOrDefault(reference.Version);
        if (version is null || (strict && version.Deleted))
        {
            throw new AvroSchemaException($"the reference \"{reference.Name}\" points to a version that does not exist");
        }
        if (visited.Add(reference.Name))
        {
            foreach (var inner in version.References)
            {
                Resolve(state, inner, strict, texts, visited);
            }
            texts.Add(version.Text);
        }
        return reference with { Version = version.Version };
    }

    sealed record CachedSchema(ParsedSchema Schema, int Generation);
}
