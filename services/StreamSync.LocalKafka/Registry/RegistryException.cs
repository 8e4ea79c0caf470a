namespace StreamSync.LocalKafka.Registry;

/// <summary>A request that is answered with an error: its HTTP status, the code that registry clients know, and a text for people.</summary>
sealed class RegistryException(int status, int code, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Status { get; } = status;

    public int Code { get; } = code;
}

/// <summary>The errors of Confluent's registry, by the numbers that its clients tell apart.</summary>
static class RegistryErrors
{
    public const int InvalidSchemaCode = 42201;

    public static RegistryException NotFound(string what) => new(404, 404, what);

    public static RegistryException SubjectNotFound(string subject) => new(404, 40401, $"Subject '{subject}' not found.");

    public static RegistryException VersionNotFound(int version) => new(404, 40402, $"Version {version} not found.");

    public static RegistryException SchemaNotFound(string? which = null) =>
        new(404, 40403, which is null ? "Schema not found." : $"Schema {which} not found.");

    public static RegistryException SubjectSoftDeleted(string subject) =>
        new(404, 40404, $"Subject '{subject}' is already soft-deleted; permanent=true removes it for good.");

    public static RegistryException SubjectNotSoftDeleted(string subject) =>
        new(404, 40405, $"Subject '{subject}' has to be soft-deleted before it can be removed for good.");

    public static RegistryException VersionSoftDeleted(string subject, int version) =>
        new(404, 40406, $"Version {version} of subject '{subject}' is already soft-deleted; permanent=true removes it for good.");

    public static RegistryException VersionNotSoftDeleted(string subject, int version) =>
        new(404, 40407, $"Version {version} of subject '{subject}' has to be soft-deleted before it can be removed for good.");

    public static RegistryException NoSubjectLevel(string subject) =>
        new(404, 40408, $"Subject '{subject}' has no compatibility level of its own.");

    public static RegistryException NoSubjectMode(string subject) => new(404, 40409, $"Subject '{subject}' has no mode of its own.");

    public static RegistryException Incompatible(string subject, IEnumerable<string> reasons) =>
        new(409, 40901, $"The schema is incompatible with an earlier one of subject '{subject}': [{string.Join(", ", reasons)}]");

    public static RegistryException InvalidSchema(string why, Exception? inner = null) => new(422, InvalidSchemaCode, $"Invalid schema: {why}", inner);

    public static RegistryException InvalidVersion(string version) =>
        new(422, 42202, $"'{version}' is no version: a number from 1 to {int.MaxValue}, -1 or \"latest\" is.");

    public static RegistryException InvalidLevel() =>
        new(422, 42203, "Unknown compatibility level: it must be NONE, BACKWARD, FORWARD or FULL, the last three also with _TRANSITIVE.");

    public static RegistryException InvalidMode() => new(422, 42204, "Unknown mode: it must be READWRITE, READONLY, READONLY_OVERRIDE or IMPORT, or FORWARD for the registry as a whole.");

    public static RegistryException NotPermitted(string why) => new(422, 42205, why);

    public static RegistryException ReferenceExists(string subject, int version) =>
        new(422, 42206, $"Version {version} of subject '{subject}' is referred to by other schemas.");

    public static RegistryException InvalidSubject(string subject) => new(422, 42208, $"'{subject}' cannot be the name of a subject.");

    public static RegistryException TooLarge() => new(422, 42209, "The schema is larger than the cluster takes as one message.");

    public static RegistryException Unsupported(string member) =>
        new(422, 422, $"\"{member}\" is not supported by this registry; leave it out.");

    public static RegistryException Store(string why, Exception? inner = null) => new(500, 50001, why, inner);

    public static RegistryException Timeout(string why, Exception? inner = null) => new(500, 50002, why, inner);
}
