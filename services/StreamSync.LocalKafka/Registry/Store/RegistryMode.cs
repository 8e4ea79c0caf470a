namespace StreamSync.LocalKafka.Registry.Store;

/// <summary>What may be done to a subject; named and meant as in Confluent's registry.</summary>
enum RegistryMode
{
    ReadWrite,

    /// <summary>Nothing may change.</summary>
    ReadOnly,

    /// <summary>The old word for a read-only registry; the same as <see cref="ReadOnly"/>.</summary>
    ReadOnlyOverride,

    /// <summary>The caller chooses ids and versions, and nothing is checked for compatibility.</summary>
    Import,

    /// <summary>As <see cref="Import"/>, for the registry as a whole and with schemas in it already: another registry passes on what it registers.</summary>
    Forward,
}

static class RegistryModes
{
    static readonly Dictionary<string, RegistryMode> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["READWRITE"] = RegistryMode.ReadWrite,
        ["READONLY"] = RegistryMode.ReadOnly,
        ["READONLY_OVERRIDE"] = RegistryMode.ReadOnlyOverride,
        ["IMPORT"] = RegistryMode.Import,
        ["FORWARD"] = RegistryMode.Forward,
    };

    static readonly Dictionary<RegistryMode, string> Names = ByName.ToDictionary(pair => pair.Value, pair => pair.Key);

    public static bool TryParse(string? name, out RegistryMode mode)
    {
        mode = default;
        return name is not null && ByName.TryGetValue(name, out mode);
    }

    /// <summary>Whether the caller chooses ids and versions.</summary>
    public static bool IsForImports(this RegistryMode mode) => mode is RegistryMode.Import or RegistryMode.Forward;

    public static string Text(this RegistryMode mode) => Names[mode];
}
