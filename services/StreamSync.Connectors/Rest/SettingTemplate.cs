using System.Text.RegularExpressions;
using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Rest;

/// <summary>A text with <c>{setting:NAME}</c> and <c>{secret:NAME}</c> inside. Never prints what it expands to.</summary>
internal sealed partial record SettingTemplate(string Text)
{
    /// <summary>Names of the settings that the text uses.</summary>
    public IEnumerable<string> Settings => References().Matches(Text).Where(m => m.Groups[1].Value == "setting").Select(m => m.Groups[2].Value);

    /// <summary>Names of the secrets that the text uses.</summary>
    public IEnumerable<string> Secrets => References().Matches(Text).Where(m => m.Groups[1].Value == "secret").Select(m => m.Groups[2].Value);

    /// <summary>The text with the values of a sync.</summary>
    public string Expand(StreamContext context) => References().Replace(Text, m => m.Groups[1].Value == "secret"
        ? context.Sync.Secrets.TryGetValue(m.Groups[2].Value, out var secret) ? secret.Reveal() : string.Empty
        : context.Settings.Get<object>(m.Groups[2].Value) switch
        {
            null => string.Empty,
            Uri uri => uri.ToString(),
            TimeSpan span => span.ToString("c", System.Globalization.CultureInfo.InvariantCulture),
            TimeZoneInfo zone => zone.Id,
            var value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? string.Empty,
        });

    [GeneratedRegex(@"\{(setting|secret):([\w-]+)\}")]
    private static partial Regex References();
}
