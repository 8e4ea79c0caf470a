namespace StreamSync.Kafka.Configuration;

/// <summary>Type of a connector's setting.</summary>
public enum SettingType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A time span such as 15m.</summary>
    Duration,

    /// <summary>An absolute http or https URL.</summary>
    Url,

    /// <summary>A file or folder; a relative one starts at the configuration file.</summary>
    Path,

    /// <summary>An IANA time zone.</summary>
    TimeZone,

    /// <summary>A list of texts.</summary>
    TextList,
}

/// <summary>A setting that a connector declares in its manifest.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Doc">What it means.</param>
/// <param name="Required">True when it must be there.</param>
/// <param name="Default">What holds when it is absent, as text.</param>
/// <param name="OneOf">The words allowed; null allows all.</param>
public sealed record SettingDeclaration(string Name, SettingType Type, string Doc, bool Required = false, string? Default = null, IReadOnlyList<string>? OneOf = null);

/// <summary>Values of a connector's settings, checked against what it declares.</summary>
public sealed class SettingsReader
{
    readonly Dictionary<string, object?> _values;

    SettingsReader(Dictionary<string, object?> values) => _values = values;

    /// <summary>Checks the settings and secrets of a sync against the connector's declarations.</summary>
    /// <param name="sync">The sync.</param>
    /// <param name="settings">Settings that the connector declares.</param>
    /// <param name="secrets">Names of the secrets that it needs.</param>
    /// <param name="baseDirectory">Where relative paths start: <see cref="StreamSyncConfig.BaseDirectory"/>.</param>
    /// <param name="errors">Takes every error: unknown and missing keys, wrong values.</param>
    public static SettingsReader Read(SyncSettings sync, IReadOnlyList<SettingDeclaration> settings, IReadOnlyList<string> secrets, string baseDirectory, ICollection<ConfigError> errors) =>
        throw new NotImplementedException();

    /// <summary>A value; <see cref="string"/>, <see cref="long"/>, <see cref="bool"/>, <see cref="TimeSpan"/>, <see cref="Uri"/>, <see cref="TimeZoneInfo"/> or a list of strings, or null when absent without default.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="name">A declared name.</param>
    public T? Get<T>(string name) => (T?)_values[name];
}
