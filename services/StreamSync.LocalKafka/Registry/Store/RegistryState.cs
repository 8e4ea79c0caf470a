namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>
/// What the schemas topic amounts to, record after record: every registry that reads the same log has the same state. Not safe
/// for several threads; its owner locks.
/// </summary>
sealed class RegistryState
{
    static readonly SortedDictionary<int, SchemaVersion> NoVersions = [];

    readonly SortedDictionary<string, SortedDictionary<int, SchemaVersion>> _subjects = new(StringComparer.Ordinal);
    readonly Dictionary<int, SortedDictionary<string, int>> _versionsById = [];
    readonly Dictionary<ContentHash, int> _idByHash = [];
    readonly Dictionary<(string Subject, int Version), HashSet<int>> _referrers = [];
    readonly Dictionary<string, SubjectConfig> _configs = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, RegistryMode> _modes = new(StringComparer.Ordinal);

    /// <summary>The highest id ever seen in the log; the next one is one above it.</summary>
    public int MaxId { get; private set; }

    /// <summary>Counts up when a version is gone for good: what was parsed with the help of another version may no longer hold.</summary>
    public int Generation { get; private set; }

    public SubjectConfig? GlobalConfig { get; private set; }

    public RegistryMode? GlobalMode { get; private set; }

    /// <summary>Subjects with any version, soft-deleted ones included, in order of name.</summary>
    public IEnumerable<string> Subjects => _subjects.Keys;

    /// <summary>Subjects that have a mode of their own.</summary>
    public IReadOnlyCollection<string> SubjectsWithMode => _modes.Keys;

    /// <summary>All versions of a subject by number, soft-deleted ones included; none for an unknown subject.</summary>
    public IReadOnlyDictionary<int, SchemaVersion> Versions(string subject) => _subjects.GetValueOrDefault(subject) ?? NoVersions;

    public IEnumerable<SchemaVersion> LiveVersions(string subject) => Versions(subject).Values.Where(version => !version.Deleted);

    public SchemaVersion? Latest(string subject) => LiveVersions(subject).LastOrDefault();

    public bool HasSubject(string subject, bool countDeleted) => countDeleted ? Versions(subject).Count > 0 : LiveVersions(subject).Any();

    /// <summary>A version that carries the id, or null where none is left.</summary>
    public SchemaVersion? ById(int id) => _versionsById.TryGetValue(id, out var versions) && versions.Count > 0
        ? Versions(versions.First().Key).GetValueOrDefault(versions.First().Value)
        : null;

    /// <summary>The latest version of each subject that carries the id, soft-deleted ones included.</summary>
    public IEnumerable<SchemaVersion> VersionsWithId(int id) => (_versionsById.GetValueOrDefault(id) ?? [])
        .Select(one => Versions(one.Key).GetValueOrDefault(one.Value)).OfType<SchemaVersion>();

    /// <summary>The id under which exactly this content is registered, or null where no version carries it any more.</summary>
    public int? IdOf(ContentHash hash) =>
        _idByHash.TryGetValue(hash, out var id) && _versionsById.TryGetValue(id, out var versions) && versions.Count > 0 ? id : null;

    /// <summary>The latest version of the subject that carries the id, or null.</summary>
    public SchemaVersion? VersionWithId(string subject, int id) =>
        _versionsById.TryGetValue(id, out var versions) && versions.TryGetValue(subject, out var version)
            ? Versions(subject).GetValueOrDefault(version)
            : null;

    /// <summary>The ids of schemas that refer to a version, in order.</summary>
    public IEnumerable<int> Referrers(string subject, int version, bool countDeleted) =>
        (_referrers.GetValueOrDefault((subject, version)) ?? [])
        .Where(id => countDeleted || VersionsWithId(id).Any(referrer => !referrer.Deleted))
        .Order();

    public SubjectConfig? Config(string? subject) => subject is null ? GlobalConfig : _configs.GetValueOrDefault(subject);

    /// <summary>The settings that hold for a subject: its own, else the registry's.</summary>
    public SubjectConfig ConfigInScope(string? subject) => Config(subject) ?? GlobalConfig ?? SubjectConfig.Default;

    public RegistryMode? Mode(string? subject) =>
        subject is null ? GlobalMode : _modes.TryGetValue(subject, out var mode) ? mode : null;

    public RegistryMode ModeInScope(string? subject) => Mode(subject) ?? GlobalMode ?? RegistryMode.ReadWrite;

    /// <summary>Takes in one record of the log.</summary>
    /// <returns>False for a schema whose id another schema already holds: such a record is void, whoever wrote it.</returns>
    public bool Apply(RegistryRecord record)
    {
        switch (record)
        {
            case SchemaRecord { Value: { } value }:
                return Put(value);
            case SchemaRecord tombstone:
                Remove(tombstone.Subject, tombstone.Version);
                break;
            case ConfigRecord { Subject: null } config:
                GlobalConfig = config.Value;
                break;
            case ConfigRecord { Value: null } config:
                _configs.Remove(config.Subject!);
                break;
            case ConfigRecord config:
                _configs[config.Subject!] = config.Value!;
                break;
            case ModeRecord { Subject: null } mode:
                GlobalMode = mode.Value;
                break;
            case ModeRecord { Value: null } mode:
                _modes.Remove(mode.Subject!);
                break;
            case ModeRecord mode:
                _modes[mode.Subject!] = mode.Value!.Value;
                break;
            case DeleteSubjectRecord delete:
                foreach (var version in LiveVersions(delete.Subject).Where(version => version.Version <= delete.UpToVersion).ToArray())
                {
                    _subjects[delete.Subject][version.Version] = version with { Deleted = true };
                }
                break;
            case ClearSubjectRecord clear:
                foreach (var subject in clear.Subject is null ? Subjects.ToArray() : [clear.Subject])
                {
                    foreach (var version in Versions(subject).Values.Where(version => version.Deleted).ToArray())
                    {
                        Remove(subject, version.Version);
                    }
                }
                break;
        }
        return true;
    }

    bool Put(SchemaVersion value)
    {
        MaxId = Math.Max(MaxId, value.Id);
        if (ById(value.Id) is { } holder && holder.Text != value.Text)
        {
            return false;
        }
        if (!_subjects.TryGetValue(value.Subject, out var versions))
        {
            _subjects[value.Subject] = versions = [];
        }
        if (versions.TryGetValue(value.Version, out var old) && old.Id != value.Id)
        {
            Unlink(old);
        }
        versions[value.Version] = value;
        if (!_versionsById.TryGetValue(value.Id, out var subjects))
        {
            _versionsById[value.Id] = subjects = new SortedDictionary<string, int>(StringComparer.Ordinal);
        }
        subjects[value.Subject] = value.Version;
        _idByHash[value.Hash] = value.Id;
        foreach (var reference in value.References)
        {
            if (!_referrers.TryGetValue((reference.Subject, reference.Version), out var ids))
            {
                _referrers[(reference.Subject, reference.Version)] = ids = [];
            }
            ids.Add(value.Id);
        }
        return true;
    }

    void Remove(string subject, int version)
    {
        if (_subjects.TryGetValue(subject, out var versions) && versions.Remove(version, out var old))
        {
            if (versions.Count == 0)
            {
                _subjects.Remove(subject);
            }
            Unlink(old);
            Generation++;
        }
    }

    /// <summary>Takes a version out of the indexes; an id that no subject carries any more refers to nothing either.</summary>
    void Unlink(SchemaVersion version)
    {
        if (!_versionsById.TryGetValue(version.Id, out var subjects))
        {
            return;
        }
        if (subjects.TryGetValue(version.Subject, out var latest) && latest == version.Version)
        {
            // An import may have given one schema two numbers in a subject.
            if (Versions(version.Subject).Values.LastOrDefault(other => other.Id == version.Id && other.Version != version.Version) is { } other)
            {
                subjects[version.Subject] = other.Version;
            }
            else
            {
                subjects.Remove(version.Subject);
            }
        }
        if (subjects.Count == 0)
        {
            _versionsById.Remove(version.Id);
            foreach (var reference in version.References)
            {
                _referrers.GetValueOrDefault((reference.Subject, reference.Version))?.Remove(version.Id);
            }
        }
    }
}
