namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>
/// Names of subjects. <c>:.:name</c> is the long form of a name in the default context; the other contexts of Confluent's registry
/// (<c>:.other:name</c>) are not supported and refused, as a subject of that name would turn into something else after a move there.
/// </summary>
static class SubjectNames
{
    const string DefaultContext = ":.:";

    /// <summary>A prefix that stands for every context.</summary>
    const string AnyContext = ":*:";

    public static string Normalize(string subject) =>
        subject.StartsWith(DefaultContext, StringComparison.Ordinal) ? subject[DefaultContext.Length..] : subject;

    public static string NormalizePrefix(string? prefix) =>
        prefix is null ? string.Empty : prefix.StartsWith(AnyContext, StringComparison.Ordinal) ? prefix[AnyContext.Length..] : Normalize(prefix);

    /// <summary>The subject that a path names for its settings, or null where it means the default context, which is the registry.</summary>
    public static string? OrRegistry(string subject) => subject == DefaultContext ? null : Normalize(subject);

    /// <exception cref="RegistryException">The name is reserved, holds control characters, or is of another context.</exception>
    public static void Check(string subject)
    {
        var name = Normalize(subject);
        if (name is "__GLOBAL" or "__EMPTY" || name.StartsWith(":.", StringComparison.Ordinal) || name.Any(char.IsControl))
        {
            throw RegistryErrors.InvalidSubject(subject);
        }
    }
}
