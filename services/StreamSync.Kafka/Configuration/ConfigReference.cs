using System.Globalization;
using System.Reflection;
using System.Text;

namespace StreamSync.Kafka.Configuration;

/// <summary>The reference of every option, written from the types that read them.</summary>
public static class ConfigReference
{
    /// <summary>The reference as Markdown.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# streamsync.yaml\n\nWritten from the types that read the file; do not edit. ");
        text.Append("`${env:NAME}` and `${file:PATH}` may stand in any value; a secret may come from nowhere else. `$${` stands for `${`.\n");
        Section(text, typeof(StreamSyncConfig), "", "");
        return text.ToString();
    }

    static void Section(StringBuilder text, Type type, string path, string doc)
    {
        var keys = ConfigBinder.Keys(type).ToList();
        text.Append(path.Length == 0 ? "\n## Top level\n" : $"\n## `{path}`\n\n{doc}\n").Append("\n| key | type | default | meaning |\n|---|---|---|---|\n");
        foreach (var (key, property) in keys)
        {
            var example = key.Example is null ? "" : $" Example: `{Cell(key.Example)}`";
            text.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {TypeName(key, property)} | {Default(key)} | {Cell(key.Doc)}{example} |\n");
        }

        foreach (var (key, property) in keys)
        {
            if (SectionType(property) is { } inner)
            {
                var list = property.PropertyType != inner;
                Section(text, inner, (path.Length == 0 ? "" : path + ".") + key.Name + (list ? "[]" : ""), key.Doc);
            }
        }
    }

    static Type? SectionType(PropertyInfo property)
    {
        var type = property.PropertyType;
        type = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;
        return ConfigBinder.Keys(type).Any() ? type : null;
    }

    static string TypeName(ConfigKeyAttribute key, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var range = (key.Min, key.Max) == (long.MinValue, long.MaxValue) ? "" : $" {key.Min} to {key.Max}";
        return type switch
        {
            _ when key.OneOf is not null => string.Join(", ", key.OneOf.Split('|').Select(w => $"`{w}`")),
            _ when type == typeof(string) => "text",
            _ when type == typeof(SecretText) => "secret",
            _ when type == typeof(int) => "number" + range,
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => "duration",
            _ when type == typeof(DateOnly) => "date",
            _ when type == typeof(IReadOnlyList<string>) => "list of texts",
            _ when type == typeof(IReadOnlyDictionary<string, SecretText>) => key.Secret ? "names with secrets" : "names with values",
            _ when type.IsGenericType => "list, see below",
            _ when type == typeof(ConfigMap) => "names with values",
            _ => "section, see below",
        };
    }

    static string Default(ConfigKeyAttribute key) => key.Required ? "required" : key.Default is null ? "" : $"`{Cell(key.Default)}`";

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
