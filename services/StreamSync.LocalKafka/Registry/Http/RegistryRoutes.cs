using System.Globalization;
using System.Text.Json;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>Answers one request; what it returns writes the body.</summary>
delegate Task<Action<Utf8JsonWriter>> RegistryHandler(RegistryRequest request, CancellationToken cancellationToken);

/// <summary>The paths of the Confluent registry's REST API and what each method does there.</summary>
sealed class RegistryRoutes(SchemaRegistry registry)
{
    /// <summary>More schemas than this are answered in pages only.</summary>
    const int MostSchemas = 1000;

    /// <summary>There is only the default one.</summary>
    static readonly string[] Contexts = ["."];

    /// <returns>The methods offered at a path; null for a path that is not there.</returns>
    public IReadOnlyDictionary<string, RegistryHandler>? Find(string[] path)
    {
        if (path is not [""] && path.Contains(string.Empty))
        {
            return null;
        }
        return path switch
        {
            [""] => Offer(get: (_, _) => Answer(RegistryAnswer.Empty), post: (_, _) => Answer(RegistryAnswer.Empty)),
            ["subjects", ..] => FindSubject(path[1..]),
            ["schemas", ..] => FindSchema(path[1..]),
            ["compatibility", "subjects", var subject, "versions"] => Offer(post: (request, _) => Compare(request, Name(subject), null)),
            ["compatibility", "subjects", var subject, "versions", var version] =>
                Offer(post: (request, _) => Compare(request, Name(subject), VersionNumber(version))),
            ["config"] => Settings(null),
            ["config", var subject] => Settings(subject),
            ["mode"] => Modes(null),
            ["mode", var subject] => Modes(subject),
            ["contexts"] => Offer(get: (request, _) => Answer(RegistryAnswer.Texts(
                request.Page(Contexts.Where(context => context.StartsWith(request.Query("contextPrefix") ?? "", StringComparison.Ordinal)))))),
            // Which subject belongs to a topic is not kept here; an empty list lets clients fall back to the topic's name.
            ["associations", "resources", _] or ["associations", "resources", _, _] or ["associations", "subjects", _] =>
                Offer(get: (_, _) => Answer(RegistryAnswer.Texts([]))),
            ["v1", "metadata", "id"] => Offer(get: async (_, stop) => RegistryAnswer.ClusterId(await registry.ClusterIdAsync(stop))),
            ["v1", "metadata", "version"] => Offer(get: (_, _) => Answer(RegistryAnswer.ServerVersion("8.3.1-compatible"))),
            ["v1", "metadata", "deployment"] => Offer(get: (_, _) => Answer(RegistryAnswer.Deployment)),
            _ => null,
        };
    }

    Dictionary<string, RegistryHandler>? FindSubject(string[] path) => path switch
    {
        [] => Offer(get: (request, _) => Answer(RegistryAnswer.Texts(request.Page(Subjects(request))))),
        [var subject] => Offer(
            post: (request, _) => LookUp(request, Name(subject)),
            delete: async (request, stop) => RegistryAnswer.Numbers(await registry.DeleteSubjectAsync(Name(subject), request.Flag("permanent"), stop))),
        [var subject, "metadata"] => Offer(get: (request, _) => Answer(LatestWithMetadata(request, Name(subject)))),
        [var subject, "versions"] => Offer(
            get: (request, _) => Answer(RegistryAnswer.Numbers(request.Page(VersionNumbers(request, Name(subject))))),
            post: (request, stop) => Register(request, subject, stop)),
        [var subject, "versions", var version] => Offer(
            get: (request, _) => Answer(Version(request, Name(subject), version, (found, text) => RegistryAnswer.Version(found, text))),
            delete: async (request, stop) =>
                RegistryAnswer.Number(await registry.DeleteVersionAsync(Name(subject), VersionNumber(version), request.Flag("permanent"), stop))),
        [var subject, "versions", var version, "schema"] =>
            Offer(get: (request, _) => Answer(Version(request, Name(subject), version, (_, text) => RegistryAnswer.Raw(text)))),
        [var subject, "versions", var version, "referencedby"] => Offer(get: (request, _) =>
        {
            var found = registry.Version(Name(subject), VersionNumber(version), countDeleted: true);
            return Answer(RegistryAnswer.Numbers(request.Page(
                registry.Read(state => state.Referrers(found.Subject, found.Version, request.Flag("deleted")).ToArray()), MostSchemas)));
        }),
        _ => null,
    };

    Dictionary<string, RegistryHandler>? FindSchema(string[] path) => path switch
    {
        [] => Offer(get: (request, _) => Answer(RegistryAnswer.Versions(request.Page(AllVersions(request), MostSchemas)))),
        ["types"] => Offer(get: (_, _) => Answer(RegistryAnswer.Texts([SchemaVersion.Avro]))),
        ["ids", var id] => Offer(get: (request, _) =>
        {
            var (found, maxId) = registry.Read(state => (ById(state, request, Id(id)), state.MaxId));
            return Answer(RegistryAnswer.Schema(
                found, registry.Text(found, request.Query("format")), request.Query("subject") is not null, request.Flag("fetchMaxId") ? maxId : null));
        }),
        ["ids", var id, "schema"] => Offer(get: (request, _) =>
        {
            var found = registry.Read(state => ById(state, request, Id(id)));
            return Answer(RegistryAnswer.Raw(registry.Text(found, request.Query("format"))));
        }),
        ["ids", var id, "subjects"] =>
            Offer(get: (request, _) => Answer(RegistryAnswer.Texts(request.Page(VersionsWithId(request, Id(id)).Select(version => version.Subject))))),
        ["ids", var id, "versions"] => Offer(get: (request, _) => Answer(RegistryAnswer.SubjectVersions(request.Page(VersionsWithId(request, Id(id)))))),
        ["guids", var guid] => Offer(get: (request, _) =>
        {
            var found = ByGuid(guid) ?? throw RegistryErrors.SchemaNotFound(guid);
            return Answer(RegistryAnswer.Schema(found, registry.Text(found, request.Query("format")), withSubject: false, maxId: null));
        }),
        ["guids", var guid, "ids"] => Offer(get: (_, _) => Answer(RegistryAnswer.ContextIds(ByGuid(guid)?.Id))),
        _ => null,
    };

    Dictionary<string, RegistryHandler> Settings(string? written)
    {
        var subject = written is null ? null : SubjectNames.OrRegistry(written);
        return Offer(
            get: (request, _) => Answer(ConfigAnswer(registry.Read(state =>
                state.Config(subject) ?? (request.Flag("defaultToGlobal") ? state.ConfigInScope(subject) : null)
                ?? (subject is null ? SubjectConfig.Default : throw RegistryErrors.NoSubjectLevel(subject))))),
            put: async (request, stop) =>
            {
                var change = ConfigChange.Read(await request.BodyAsync());
                CheckName(subject);
                var changed = await registry.ChangeConfigAsync(subject, change.ApplyTo, stop);
                return RegistryAnswer.Config(changed, "compatibility", changed.Level);
            },
            delete: async (_, stop) => ConfigAnswer(await registry.DeleteConfigAsync(subject, stop)));
    }

    Dictionary<string, RegistryHandler> Modes(string? written)
    {
        var subject = written is null ? null : SubjectNames.OrRegistry(written);
        return Offer(
            get: (request, _) => Answer(RegistryAnswer.Member("mode", registry.Read(state =>
                state.Mode(subject) ?? (subject is null || request.Flag("defaultToGlobal")
                    ? state.ModeInScope(subject)
                    : throw RegistryErrors.NoSubjectMode(subject))).Text())),
            put: async (request, stop) =>
            {
                var body = await request.BodyAsync();
                CheckName(subject);
                var wanted = RegistryRequest.Text(body, "mode");
                if (!RegistryModes.TryParse(wanted, out var mode) && (wanted is not null || !body.ContainsKey("mode")))
                {
                    throw RegistryErrors.InvalidMode();
                }
                if (subject is not null && wanted is not null && mode == RegistryMode.Forward)
                {
                    throw RegistryErrors.InvalidMode();
                }
                await registry.ChangeModeAsync(subject, wanted is null ? null : mode, request.Flag("force"), stop);
                return RegistryAnswer.Member("mode", wanted);
            },
            delete: async (request, stop) =>
                RegistryAnswer.Member("mode", (await registry.DeleteModeAsync(subject, request.Flag("recursive"), stop))?.Text()));
    }

    async Task<Action<Utf8JsonWriter>> Register(RegistryRequest request, string subject, CancellationToken stop)
    {
        var schema = await request.SchemaAsync();
        CheckName(subject);
        var version = await registry.RegisterAsync(Name(subject), schema, request.Flag("normalize"), stop);
        return RegistryAnswer.Registered(version, registry.Text(version, request.Query("format")));
    }

    async Task<Action<Utf8JsonWriter>> LookUp(RegistryRequest request, string subject)
    {
        var found = registry.LookUp(subject, await request.SchemaAsync(), request.Flag("normalize"), request.Flag("deleted"));
        return RegistryAnswer.Version(found, registry.Text(found, request.Query("format")));
    }

    async Task<Action<Utf8JsonWriter>> Compare(RegistryRequest request, string subject, int? version)
    {
        var schema = await request.SchemaAsync();
        var verbose = request.Flag("verbose");
        try
        {
            return RegistryAnswer.Compatibility(registry.Compare(subject, schema, version, request.Flag("normalize")), verbose);
        }
        catch (RegistryException problem) when (verbose && problem.Code == RegistryErrors.InvalidSchemaCode)
        {
            // Whoever asks for reasons is told this one among them.
            return RegistryAnswer.Compatibility([problem.Message], verbose);
        }
    }

    Action<Utf8JsonWriter> Version(RegistryRequest request, string subject, string version, Func<SchemaVersion, string, Action<Utf8JsonWriter>> answer)
    {
        var found = registry.Version(subject, VersionNumber(version), request.Flag("deleted"));
        return answer(found, registry.Text(found, request.Query("format")));
    }

    string[] Subjects(RegistryRequest request)
    {
        var prefix = SubjectNames.NormalizePrefix(request.Query("subjectPrefix"));
        return registry.Read(state => state.Subjects
            .Where(subject => subject.StartsWith(prefix, StringComparison.Ordinal))
            .Where(subject => state.HasSubject(subject, countDeleted: false) ? !request.Flag("deletedOnly") : request.Flag("deleted") || request.Flag("deletedOnly"))
            .ToArray());
    }

    int[] VersionNumbers(RegistryRequest request, string subject)
    {
        var (deleted, only, negative) = (request.Flag("deleted"), request.Flag("deletedOnly"), request.Flag("deletedAsNegative"));
        return registry.Read(state => state.HasSubject(subject, deleted || only)
            ? state.Versions(subject).Values
                .Where(version => negative || (only ? version.Deleted : deleted || !version.Deleted))
                .Select(version => negative && version.Deleted ? -version.Version : version.Version)
                .ToArray()
            : throw RegistryErrors.SubjectNotFound(subject));
    }

    SchemaVersion[] AllVersions(RegistryRequest request)
    {
        var prefix = SubjectNames.NormalizePrefix(request.Query("subjectPrefix"));
        return registry.Read(state => state.Subjects
            .Where(subject => subject.StartsWith(prefix, StringComparison.Ordinal))
            .SelectMany(subject => state.Versions(subject).Values
                .Where(version => request.Flag("deleted") || !version.Deleted)
                .TakeLast(request.Flag("latestOnly") ? 1 : int.MaxValue))
            .ToArray());
    }

    SchemaVersion[] VersionsWithId(RegistryRequest request, int id) => registry.Read(state =>
    {
        var found = state.VersionsWithId(id).ToArray();
        return found.Length == 0 ? throw RegistryErrors.SchemaNotFound() : found.Where(version => request.Flag("deleted") || !version.Deleted).ToArray();
    });

    SchemaVersion? ByGuid(string guid) => registry.Read(state =>
        Guid.TryParse(guid, out var parsed) && state.IdOf(new ContentHash(parsed.ToString())) is { } id ? state.ById(id) : null);

    Action<Utf8JsonWriter> LatestWithMetadata(RegistryRequest request, string subject)
    {
        var wanted = request.QueryAll("key").Zip(request.QueryAll("value")).ToArray();
        var found = registry.Read(state => state.Versions(subject).Values.Reverse()
            .Where(version => (request.Flag("deleted") || !version.Deleted) && version.Extras?["metadata"]?["properties"] is not null)
            .FirstOrDefault(version => wanted.All(pair => (string?)version.Extras!["metadata"]!["properties"]![pair.First ?? ""] == pair.Second))
            ?? throw (state.HasSubject(subject, request.Flag("deleted")) ? RegistryErrors.SchemaNotFound() : RegistryErrors.SubjectNotFound(subject)));
        return RegistryAnswer.Version(found, registry.Text(found, request.Query("format")));
    }

    /// <summary>The version to show for an id: of the subject that the client names if it has it, else of any.</summary>
    static SchemaVersion ById(RegistryState state, RegistryRequest request, int id) =>
        (request.Query("subject") is { Length: > 0 } hint ? state.VersionWithId(SubjectNames.Normalize(hint), id) : null)
        ?? state.ById(id)
        ?? throw RegistryErrors.SchemaNotFound(id.ToString(CultureInfo.InvariantCulture));

    static Action<Utf8JsonWriter> ConfigAnswer(SubjectConfig config) => RegistryAnswer.Config(config, "compatibilityLevel", config.EffectiveLevel);

    static string Name(string subject) => SubjectNames.Normalize(subject);

    static void CheckName(string? subject)
    {
        if (subject is not null)
        {
            SubjectNames.Check(subject);
        }
    }

    static int VersionNumber(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            return -1;
        }
        return int.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is > 0 or -1
            ? number
            : throw RegistryErrors.InvalidVersion(text);
    }

    static int Id(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw RegistryErrors.NotFound("An id is a number.");

    static Task<Action<Utf8JsonWriter>> Answer(Action<Utf8JsonWriter> body) => Task.FromResult(body);

    static Dictionary<string, RegistryHandler> Offer(
        RegistryHandler? get = null, RegistryHandler? post = null, RegistryHandler? put = null, RegistryHandler? delete = null) =>
        new (string Method, RegistryHandler? Handler)[] { ("GET", get), ("HEAD", get), ("POST", post), ("PUT", put), ("DELETE", delete) }
            .Where(one => one.Handler is not null)
            .ToDictionary(one => one.Method, one => one.Handler!, StringComparer.Ordinal);
}
