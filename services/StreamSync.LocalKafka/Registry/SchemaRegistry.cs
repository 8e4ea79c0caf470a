using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry;

/// <summary>
/// What a Confluent-compatible registry does with schemas, versions and ids, apart from HTTP. The order of the checks is that of
/// Confluent's registry 8.3: it decides which error a request with several faults gets.
/// </summary>
sealed class SchemaRegistry(SchemaStore store)
{
    readonly SchemaParsing _parsing = new();

    public T Read<T>(Func<RegistryState, T> read) => store.Read(read);

    /// <summary>The id of the cluster that keeps the schemas.</summary>
    public Task<string> ClusterIdAsync(CancellationToken cancellationToken) => store.ClusterIdAsync(cancellationToken);

    /// <summary>The text of a version in another format; only "resolved" (nothing referred to, all written out) means anything.</summary>
    public string Text(SchemaVersion version, string? format) =>
        string.Equals(format, "resolved", StringComparison.OrdinalIgnoreCase) ? store.Read(state => _parsing.Whole(state, version)) : version.Text;

    /// <summary>The version of a subject, -1 for the latest live one.</summary>
    public SchemaVersion Version(string subject, int version, bool countDeleted) => store.Read(state =>
        Find(state, subject, version, countDeleted)
        ?? throw (state.HasSubject(subject, countDeleted) ? RegistryErrors.VersionNotFound(version) : RegistryErrors.SubjectNotFound(subject)));

    /// <summary>The version of a subject that holds the schema.</summary>
    public SchemaVersion LookUp(string subject, SchemaRequest request, bool normalize, bool countDeleted) => store.Read(state =>
        LookUp(state, subject, request, Normalizes(state, subject, normalize), countDeleted)
        ?? throw (state.HasSubject(subject, countDeleted) ? RegistryErrors.SchemaNotFound() : RegistryErrors.SubjectNotFound(subject)));

    /// <summary>Registers a schema, or finds it registered already.</summary>
    public async Task<SchemaVersion> RegisterAsync(string subject, SchemaRequest request, bool normalize, CancellationToken cancellationToken)
    {
        // What is there already needs no turn at writing: this is what clients ask for nearly always.
        return store.Read(state => Registered(state, subject, request, Normalizes(state, subject, normalize)))
            ?? await store.WriteAsync(state => Register(state, subject, request, Normalizes(state, subject, normalize)), cancellationToken);
    }

    /// <summary>Holds a schema to the subject's level.</summary>
    /// <param name="subject">The subject, which need not exist.</param>
    /// <param name="request">The schema.</param>
    /// <param name="version">A version to compare with, -1 for the latest one, or null for all that the level asks for.</param>
    /// <param name="normalize">Whether to normalize it first.</param>
    /// <returns>Why it is incompatible; nothing if it is not.</returns>
    public IReadOnlyList<string> Compare(string subject, SchemaRequest request, int? version, bool normalize) => store.Read(state =>
    {
        SchemaVersion?[] versions = version is null ? [.. state.LiveVersions(subject)] : [Find(state, subject, version.Value, countDeleted: false)];
        if (version is not (null or -1) && versions[0] is null)
        {
            throw RegistryErrors.VersionNotFound(version.Value);
        }
        var config = state.ConfigInScope(subject);
        var parsed = SchemaParsing.Parse(state, request, config.ValidateNewSchemas ?? true, Normalizes(state, subject, normalize))
            ?? throw RegistryErrors.InvalidSchema("there is none");
        return Compare(state, config, parsed, versions.OfType<SchemaVersion>());
    });

    /// <summary>Soft-deletes a version, or removes one for good that is soft-deleted.</summary>
    /// <returns>Its number.</returns>
    public Task<int> DeleteVersionAsync(string subject, int version, bool permanent, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        var found = Find(state, subject, version, countDeleted: true)
            ?? throw (state.HasSubject(subject, countDeleted: true) ? RegistryErrors.VersionNotFound(version) : RegistryErrors.SubjectNotFound(subject));
        if (found.Deleted && !permanent)
        {
            throw RegistryErrors.VersionSoftDeleted(subject, found.Version);
        }
        MustBeWritable(state, subject);
        if (state.Referrers(subject, found.Version, countDeleted: permanent).Any())
        {
            throw RegistryErrors.ReferenceExists(subject, found.Version);
        }
        if (permanent && !found.Deleted)
        {
            throw RegistryErrors.VersionNotSoftDeleted(subject, found.Version);
        }
        var records = new List<RegistryRecord> { new SchemaRecord(subject, found.Version, permanent ? null : found with { Deleted = true }) };
        if (permanent && state.Versions(subject).Count == 1)
        {
            records.AddRange(ForgetSettings(state, subject));
        }
        return new WritePlan<int>(records, found.Version);
    }, cancellationToken);

    /// <summary>Soft-deletes a subject, or removes one for good that is soft-deleted.</summary>
    /// <returns>The numbers of the versions.</returns>
    public Task<IReadOnlyList<int>> DeleteSubjectAsync(string subject, bool permanent, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        if (!state.HasSubject(subject, countDeleted: true))
        {
            throw RegistryErrors.SubjectNotFound(subject);
        }
        if (!permanent && !state.HasSubject(subject, countDeleted: false))
        {
            throw RegistryErrors.SubjectSoftDeleted(subject);
        }
        MustBeWritable(state, subject);
        var versions = permanent ? [.. state.Versions(subject).Values] : state.LiveVersions(subject).ToArray();
        foreach (var version in versions)
        {
            var referrers = state.Referrers(subject, version.Version, countDeleted: permanent)
                .SelectMany(state.VersionsWithId).Where(referrer => referrer.Subject != subject && (permanent || !referrer.Deleted));
            if (referrers.Any())
            {
                throw RegistryErrors.ReferenceExists(subject, version.Version);
            }
            if (permanent && !version.Deleted)
            {
                throw RegistryErrors.SubjectNotSoftDeleted(subject);
            }
        }
        IReadOnlyList<RegistryRecord> records = permanent
            // Newest first, as a version may refer to an older one of its own subject.
            ? [.. versions.Reverse().Select(version => new SchemaRecord(subject, version.Version, null)), .. ForgetSettings(state, subject)]
            : [new DeleteSubjectRecord(subject, versions[^1].Version)];
        return new WritePlan<IReadOnlyList<int>>(records, [.. versions.Select(version => version.Version)]);
    }, cancellationToken);

    /// <summary>Changes settings of a subject, or of the registry where it is null.</summary>
    /// <param name="subject">The subject, which need not exist.</param>
    /// <param name="change">Makes the new settings of the old ones, which are null where nothing was set.</param>
    /// <param name="cancellationToken">Gives up waiting for the turn to write.</param>
    public Task<SubjectConfig> ChangeConfigAsync(string? subject, Func<SubjectConfig?, SubjectConfig> change, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        MustBeWritable(state, subject);
        var changed = change(state.Config(subject));
        return new WritePlan<SubjectConfig>([new ConfigRecord(subject, changed)], changed);
    }, cancellationToken);

    /// <summary>Removes the settings of a subject (those of the registry go back to the server's own).</summary>
    /// <returns>What was removed.</returns>
    public Task<SubjectConfig> DeleteConfigAsync(string? subject, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        var old = state.Config(subject) ?? (subject is null ? SubjectConfig.Default : throw RegistryErrors.SubjectNotFound(subject));
        MustBeWritable(state, subject);
        return new WritePlan<SubjectConfig>(state.Config(subject) is null ? [] : [new ConfigRecord(subject, null)], old);
    }, cancellationToken);

    /// <summary>Sets the mode of a subject, or of the registry where it is null; no mode at all removes it.</summary>
    public Task ChangeModeAsync(string? subject, RegistryMode? mode, bool force, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        var records = new List<RegistryRecord>();
        if (mode == RegistryMode.Import && state.ModeInScope(subject) != RegistryMode.Import && !force)
        {
            records.AddRange(MakeRoomForImport(state, subject));
        }
        records.Add(new ModeRecord(subject, mode));
        return new WritePlan<bool>(records, true);
    }, cancellationToken);

    /// <summary>Removes the mode of a subject, or of the registry where it is null.</summary>
    /// <returns>The mode that was removed; null if there was none, which is an error unless <paramref name="recursive"/>.</returns>
    public Task<RegistryMode?> DeleteModeAsync(string? subject, bool recursive, CancellationToken cancellationToken) => store.WriteAsync(state =>
    {
        var old = state.Mode(subject) ?? (subject is null ? RegistryMode.ReadWrite : null);
        if (old is null && !recursive)
        {
            throw RegistryErrors.SubjectNotFound(subject!);
        }
        IEnumerable<RegistryRecord> own = state.Mode(subject) is null ? [] : [new ModeRecord(subject, null)];
        var below = recursive && subject is null ? state.SubjectsWithMode.Select(other => new ModeRecord(other, null)) : [];
        return new WritePlan<RegistryMode?>([.. own, .. below], old);
    }, cancellationToken);

    SchemaVersion? Registered(RegistryState state, string subject, SchemaRequest request, bool normalize)
    {
        var found = request.Version == -1
            ? state.Latest(subject) is { } latest && SchemaParsing.Parse(state, request, strict: false, normalize)?.IsSameAs(_parsing.Stored(state, latest), latest.Version) == true ? latest : null
            : LookUp(state, subject, request, normalize, countDeleted: false);
        if (found is null || (request.Id >= 0 && request.Id != found.Id))
        {
            return null;
        }
        if (request.Version is 0 or -1)
        {
            return found;
        }
        // An import may give one schema two numbers in a subject.
        return request.Id == found.Id && Find(state, subject, request.Version, countDeleted: false) is { } numbered && numbered.Id == found.Id ? numbered : null;
    }

    SchemaVersion? LookUp(RegistryState state, string subject, SchemaRequest request, bool normalize, bool countDeleted)
    {
        if (SchemaParsing.Parse(state, request, strict: false, normalize) is not { } parsed)
        {
            return null;
        }
        var found = Find(parsed);
        // A request without metadata means those of the latest version.
        return found is null && parsed.Extras is null && state.Latest(subject)?.Extras is { } extras ? Find(parsed with { Extras = extras }) : found;

        SchemaVersion? Find(ParsedSchema schema)
        {
            if (state.IdOf(schema.Hash) is { } id && state.VersionWithId(subject, id) is { } held && (countDeleted || !held.Deleted))
            {
                return held;
            }
            return state.Versions(subject).Values.Reverse()
                .Where(version => (countDeleted || !version.Deleted) && version.SchemaType == SchemaVersion.Avro)
                .FirstOrDefault(version => schema.IsSameAs(_parsing.Stored(state, version), version.Version));
        }
    }

    WritePlan<SchemaVersion> Register(RegistryState state, string subject, SchemaRequest request, bool normalize)
    {
        if (Registered(state, subject, request, normalize) is { } already)
        {
            return new WritePlan<SchemaVersion>([], already);
        }
        MustTakeSchemas(state, subject, request);
        var importing = state.ModeInScope(subject).IsForImports();
        var config = state.ConfigInScope(subject);
        var next = state.Versions(subject).Keys.DefaultIfEmpty(0).Max() + 1;
        request = importing ? request : Complete(request, state.Latest(subject), next);
        var parsed = SchemaParsing.Parse(state, request, strict: request.Id is null or < 0 && (config.ValidateNewSchemas ?? true), normalize)
            ?? throw RegistryErrors.InvalidSchema("there is none");

        var id = request.Id is >= 0 ? request.Id : null;
        if (state.IdOf(parsed.Hash) is { } known && (id is null || id == known))
        {
            if (request.Version == 0 && state.VersionWithId(subject, known) is { Deleted: false } held)
            {
                return new WritePlan<SchemaVersion>([], held);
            }
            id = known;
        }
        if (request.Version == 0 && state.LiveVersions(subject).Reverse().FirstOrDefault(version =>
            (id is null || id == version.Id) && version.SchemaType == SchemaVersion.Avro && parsed.IsSameAs(_parsing.Stored(state, version), version.Version)) is { } same)
        {
            return new WritePlan<SchemaVersion>([], same);
        }
        if (!importing && Compare(state, config, parsed, state.LiveVersions(subject)) is { Count: > 0 } reasons)
        {
            throw RegistryErrors.Incompatible(subject, reasons);
        }

        if (request.Version > 0 && request.Version != next && !importing)
        {
            throw RegistryErrors.InvalidSchema($"version {request.Version} does not follow the latest one; {next} would");
        }
        if (id is not null && state.ById(id.Value) is { } holder && holder.Hash != parsed.Hash)
        {
            throw RegistryErrors.NotPermitted($"Id {id} already stands for another schema.");
        }
        var added = new SchemaVersion(
            subject, request.Version > 0 ? request.Version : next, id ?? state.MaxId + 1, SchemaVersion.Avro, parsed.Text, parsed.References, Deleted: false)
        {
            Extras = parsed.Extras,
        };
        // A soft-deleted version of the same schema gives way to the new one, unless somebody still refers to it.
        var replaced = state.Versions(subject).Values
            .Where(version => version.Deleted && version.Id == added.Id && version.Version < added.Version)
            .Where(version => !state.Referrers(subject, version.Version, countDeleted: true).Any())
            .Select(version => new SchemaRecord(subject, version.Version, null));
        return new WritePlan<SchemaVersion>([.. replaced, new SchemaRecord(subject, added.Version, added)], added);
    }

    /// <summary>
    /// What a request leaves out is taken from the latest version: the schema itself, or its metadata. Who asks for a version by number
    /// gets that number into the metadata, so the same schema twice in a subject has two ids.
    /// </summary>
    static SchemaRequest Complete(SchemaRequest request, SchemaVersion? latest, int next)
    {
        if (string.IsNullOrWhiteSpace(request.Text) && latest is not null)
        {
            request = request with { Text = latest.Text, SchemaType = latest.SchemaType, References = latest.References };
        }
        request = request with { Extras = request.Extras ?? latest?.Extras };
        return request.Version != 0 || SchemaExtras.HasVersion(request.Extras)
            ? request with { Extras = SchemaExtras.WithVersion(request.Extras, next) }
            : request;
    }

    IReadOnlyList<string> Compare(RegistryState state, SubjectConfig config, ParsedSchema candidate, IEnumerable<SchemaVersion> versions) =>
        CompatibilityLevels.Check(config.EffectiveLevel, candidate.Schema, [.. versions
            .Select(version => (version.Version, _parsing.Stored(state, version).Schema, version.Text))]);

    static SchemaVersion? Find(RegistryState state, string subject, int version, bool countDeleted) => version == -1
        ? state.Latest(subject)
        : state.Versions(subject).GetValueOrDefault(version) is { } found && (countDeleted || !found.Deleted) ? found : null;

    static bool Normalizes(RegistryState state, string subject, bool asked) => asked || state.ConfigInScope(subject).Normalize == true;

    static void MustBeWritable(RegistryState state, string? subject)
    {
        if (state.ModeInScope(subject) is RegistryMode.ReadOnly or RegistryMode.ReadOnlyOverride)
        {
            throw RegistryErrors.NotPermitted(subject is null ? "The registry is read-only." : $"Subject '{subject}' is read-only.");
        }
    }

    static void MustTakeSchemas(RegistryState state, string subject, SchemaRequest request)
    {
        MustBeWritable(state, subject);
        var importing = state.ModeInScope(subject).IsForImports();
        if (request.Id is >= 0 != importing)
        {
            throw RegistryErrors.NotPermitted(importing
                ? $"Subject '{subject}' is in IMPORT or FORWARD mode: a schema has to bring its id."
                : $"Subject '{subject}' is not in IMPORT or FORWARD mode: a schema cannot bring its id.");
        }
    }

    static IEnumerable<RegistryRecord> ForgetSettings(RegistryState state, string subject)
    {
        if (state.Mode(subject) is not null)
        {
            yield return new ModeRecord(subject, null);
        }
        if (state.Config(subject) is not null)
        {
            yield return new ConfigRecord(subject, null);
        }
    }

    static IEnumerable<RegistryRecord> MakeRoomForImport(RegistryState state, string? subject)
    {
        string[] subjects = subject is null ? [.. state.Subjects] : [subject];
        if (subjects.Any(one => state.HasSubject(one, countDeleted: false)))
        {
            throw RegistryErrors.NotPermitted("IMPORT mode needs an empty subject; force=true sets it all the same.");
        }
        foreach (var version in subjects.SelectMany(one => state.Versions(one).Values))
        {
            if (state.Referrers(version.Subject, version.Version, countDeleted: true).Any())
            {
                throw RegistryErrors.ReferenceExists(version.Subject, version.Version);
            }
            yield return new SchemaRecord(version.Subject, version.Version, null);
        }
        yield return new ClearSubjectRecord(subject);
    }
}
