namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>One record of the schemas topic. A null value is a tombstone: the thing is gone for good.</summary>
abstract record RegistryRecord;

sealed record SchemaRecord(string Subject, int Version, SchemaVersion? Value) : RegistryRecord;

/// <summary>Settings of a subject; of the whole registry where the subject is null.</summary>
sealed record ConfigRecord(string? Subject, SubjectConfig? Value) : RegistryRecord;

/// <summary>The mode of a subject; of the whole registry where the subject is null.</summary>
sealed record ModeRecord(string? Subject, RegistryMode? Value) : RegistryRecord;

/// <summary>All versions of the subject up to this one are soft-deleted.</summary>
sealed record DeleteSubjectRecord(string Subject, int UpToVersion) : RegistryRecord;

/// <summary>Soft-deleted versions of the subject (of every subject where it is null) are forgotten.</summary>
sealed record ClearSubjectRecord(string? Subject) : RegistryRecord;

/// <summary>A record without meaning here: a no-op, or a kind that only other registries know.</summary>
sealed record OtherRecord : RegistryRecord;
