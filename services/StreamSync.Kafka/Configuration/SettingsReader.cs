namespace StreamSync.Kafka.Configuration;

/// <summary>Type of a connector's setting.</summary>
public enum SettingType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number from 0 to 1.</summary>
    Share,

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

    /// <summary>Texts by name.</summary>
    TextMap,
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
    public static SettingsReader Read(SyncSettings sync, IReadOnlyList<SettingDeclaration> settings, IReadOnlyList<string> secrets, string baseDirectory, ICollection<ConfigError> errors)
    {
        ConfigBinder.ReportUnknown(sync.Settings, [.. settings.Select(s => s.Name)], $"'settings' of the connector '{sync.Connector}'", errors);
        var values = new Dictionary<string, object?>();
        foreach (var setting in settings)
        {
            var node = sync.Settings.Find(setting.Name)?.Value;
            if (node is null or ConfigScalar { Text: null })
            {
                node = setting.Default is null ? null : new ConfigScalar(sync.Place, setting.Default, false);
            }

            if (node is null && setting.Required)
            {
                errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' lacks the setting '{setting.Name}'", $"add '{setting.Name}: ...' below 'settings' ({setting.Doc.TrimEnd('.')})"));
            }

            values[setting.Name] = node is null ? null : Value(setting, node, baseDirectory, errors);
        }

        CheckSecrets(sync, secrets, errors);
        return new SettingsReader(values);
    }

    /// <summary>A value; <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, <see cref="TimeSpan"/>, <see cref="Uri"/>, <see cref="TimeZoneInfo"/> a list of strings or strings by name, or null when absent without default.</summary>
    /// <typeparam name="T">Type of the value; for a number or span that may be absent, its nullable form.</typeparam>
    /// <param name="name">A declared name.</param>
    /// <exception cref="KeyNotFoundException">The connector declares no such setting.</exception>
    public T? Get<T>(string name) => (T?)_values[name];

    static void CheckSecrets(SyncSettings sync, IReadOnlyList<string> secrets, ICollection<ConfigError> errors)
    {
        foreach (var name in secrets.Where(s => !sync.Secrets.ContainsKey(s)))
        {
            errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' lacks the secret '{name}'", $"add '{name}: ${{env:NAME}}' below 'secrets'"));
        }

        foreach (var name in sync.Secrets.Keys.Where(s => !secrets.Contains(s)))
        {
            var near = NearestName.Find(name, secrets);
            errors.Add(new ConfigError(sync.Place, $"the connector '{sync.Connector}' takes no secret '{name}'", near is null ? "remove it" : $"did you mean '{near}'?"));
        }
    }

    static object? Value(SettingDeclaration setting, ConfigNode node, string baseDirectory, ICollection<ConfigError> errors)
    {
        if (setting.Type == SettingType.TextList)
        {
            return node switch
            {
                ConfigList list => ConfigBinder.Texts(list, setting.Name, errors),
                ConfigScalar { Text: { } one } => new List<string> { one },
                _ => Wrong(node, setting, "needs a list", $"write it as '{setting.Name}: [one, two]'", errors),
            };
        }

        if (setting.Type == SettingType.TextMap)
        {
            return node is ConfigMap map && map.Entries.All(entry => entry.Value is ConfigScalar { Text.Length: > 0 })
                ? map.Entries.ToDictionary(entry => entry.Name, entry => ((ConfigScalar)entry.Value).Text!)
                : Wrong(node, setting, "needs texts by name", $"write it as '{setting.Name}: {{ \"name\": \"text\" }}'", errors);
        }

        if (node is not ConfigScalar scalar)
        {
            return Wrong(node, setting, "needs a single value", $"write it as '{setting.Name}: value'", errors);
        }

        if (setting.OneOf is not null && !ScalarReader.IsOneOf(scalar, setting.Name, setting.OneOf, errors))
        {
            return null;
        }

        switch (setting.Type)
        {
            case SettingType.Integer:
                return ScalarReader.Integer(scalar, setting.Name, long.MinValue, long.MaxValue, errors);
            case SettingType.Share:
                return ScalarReader.Share(scalar, setting.Name, errors);
            case SettingType.Boolean:
                return ScalarReader.Boolean(scalar, setting.Name, errors);
            case SettingType.Duration:
                return ScalarReader.Duration(scalar, setting.Name, errors);
            case SettingType.Url:
                return Uri.TryCreate(scalar.Text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : Wrong(node, setting, $"is {scalar}, which is no URL", "write http://... or https://...", errors);
            case SettingType.Path:
                return Path.GetFullPath(scalar.Text!, baseDirectory);
            case SettingType.TimeZone:
                return TimeZoneInfo.TryFindSystemTimeZoneById(scalar.Text!, out var zone) ? zone : Wrong(node, setting, $"is {scalar}, which is no time zone", "write an IANA name such as America/New_York", errors);
            default:
                return scalar.Text;
        }
    }

    static object? Wrong(ConfigNode node, SettingDeclaration setting, string what, string remedy, ICollection<ConfigError> errors)
    {
        errors.Add(new ConfigError(node.Place, $"'{setting.Name}' {what}", remedy));
        return null;
    }
}
