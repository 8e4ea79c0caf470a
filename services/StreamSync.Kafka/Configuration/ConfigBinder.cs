using System.Collections;
using System.Reflection;

namespace StreamSync.Kafka.Configuration;

/// <summary>Fills records from a tree by their <see cref="ConfigKeyAttribute"/>s and reports everything that does not fit.</summary>
static class ConfigBinder
{
    /// <summary>The keys of a type, in the order of declaration.</summary>
    public static IEnumerable<(ConfigKeyAttribute Key, PropertyInfo Property)> Keys(Type type) =>
        from property in type.GetProperties().OrderBy(p => p.MetadataToken)
        let key = property.GetCustomAttribute<ConfigKeyAttribute>()
        where key is not null
        select (key, property);

    public static T Bind<T>(ConfigMap map, string section, ICollection<ConfigError> errors)
        where T : new() => (T)Bind(typeof(T), map, section, errors);

    static object Bind(Type type, ConfigMap map, string section, ICollection<ConfigError> errors)
    {
        var result = Activator.CreateInstance(type)!;
        type.GetProperty("Place", typeof(ConfigPlace))?.SetValue(result, map.Place);
        var keys = Keys(type).ToList();
        ReportUnknown(map, [.. keys.Select(k => k.Key.Name)], section, errors);
        foreach (var (key, property) in keys)
        {
            var node = map.Find(key.Name)?.Value;
            if (node is null or ConfigScalar { Text: null })
            {
                if (key.Required)
                {
                    errors.Add(new ConfigError(node?.Place ?? map.Place, $"'{key.Name}' is missing in {section}", $"add '{key.Name}: {key.Example ?? "..."}' ({Lower(key.Doc)})"));
                }

                continue;
            }

            if (Value(property.PropertyType, node, key, errors) is { } value)
            {
                property.SetValue(result, value);
            }
        }

        return result;
    }

    /// <summary>An error for each entry that the section does not know.</summary>
    public static void ReportUnknown(ConfigMap map, IReadOnlyList<string> known, string section, ICollection<ConfigError> errors)
    {
        foreach (var entry in map.Entries.Where(e => !known.Contains(e.Name)))
        {
            var near = NearestName.Find(entry.Name, known);
            var remedy = near is not null ? $"did you mean '{near}'?" : known.Count == 0 ? "remove it: this section takes none" : $"remove it, or write one of: {string.Join(", ", known)}";
            errors.Add(new ConfigError(entry.Place, $"{section} has no key '{entry.Name}'", remedy));
        }
    }

    static object? Value(Type type, ConfigNode node, ConfigKeyAttribute key, ICollection<ConfigError> errors)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(ConfigMap))
        {
            return Expect<ConfigMap>(node, key, errors);
        }

        if (type == typeof(IReadOnlyDictionary<string, SecretText>))
        {
            return Expect<ConfigMap>(node, key, errors) is { } map ? Secrets(map, key, errors) : null;
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return Expect<ConfigList>(node, key, errors) is { } list ? Texts(list, key.Name, errors) : null;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return Expect<ConfigList>(node, key, errors) is { } list ? Items(type.GetGenericArguments()[0], list, key, errors) : null;
        }

        if (Keys(type).Any())
        {
            return Expect<ConfigMap>(node, key, errors) is { } map ? Bind(type, map, $"'{key.Name}'", errors) : null;
        }

        return Expect<ConfigScalar>(node, key, errors) is { } scalar ? Scalar(type, scalar, key, errors) : null;
    }

    static object? Scalar(Type type, ConfigScalar scalar, ConfigKeyAttribute key, ICollection<ConfigError> errors)
    {
        if (type == typeof(SecretText))
        {
            return RequireReference(scalar, key.Name, errors) ? new SecretText(scalar.Text!) : null;
        }

        if (type == typeof(int))
        {
            return (int?)ScalarReader.Integer(scalar, key.Name, Math.Max(key.Min, int.MinValue), Math.Min(key.Max, int.MaxValue), errors);
        }

        if (type == typeof(bool))
        {
            return ScalarReader.Boolean(scalar, key.Name, errors);
        }

        if (type == typeof(TimeSpan))
        {
            return ScalarReader.Duration(scalar, key.Name, errors);
        }

        if (type == typeof(DateOnly))
        {
            return ScalarReader.Date(scalar, key.Name, errors);
        }

        if (type != typeof(string))
        {
            throw new NotSupportedException($"a key of type {type} can't be read");
        }

        return key.OneOf is null || ScalarReader.IsOneOf(scalar, key.Name, key.OneOf.Split('|'), errors) ? scalar.Text : null;
    }

    static Dictionary<string, SecretText> Secrets(ConfigMap map, ConfigKeyAttribute key, ICollection<ConfigError> errors)
    {
        var result = new Dictionary<string, SecretText>();
        foreach (var entry in map.Entries)
        {
            if (entry.Value is not ConfigScalar { Text: not null } scalar)
            {
                errors.Add(new ConfigError(entry.Place, $"'{entry.Name}' in '{key.Name}' needs a single value", key.Secret ? $"write '{entry.Name}: ${{env:NAME}}'" : $"write '{entry.Name}: value'"));
            }
            else if (!key.Secret || RequireReference(scalar, entry.Name, errors))
            {
                result.Add(entry.Name, new SecretText(scalar.Text));
            }
        }

        return result;
    }

    /// <summary>A secret in the file itself would be copied, mailed and committed with it.</summary>
    public static bool RequireReference(ConfigScalar scalar, string name, ICollection<ConfigError> errors)
    {
        if (scalar.IsSecret)
        {
            return true;
        }

        errors.Add(new ConfigError(scalar.Place, $"'{name}' is a secret and must not stand in the file itself", $"write '{name}: ${{env:NAME}}' and set that variable, or '{name}: ${{file:/path/to/secret}}'"));
        return false;
    }

    public static List<string> Texts(ConfigList list, string name, ICollection<ConfigError> errors)
    {
        var result = new List<string>();
        foreach (var item in list.Items)
        {
            if (item is ConfigScalar { Text: { } text })
            {
                result.Add(text);
            }
            else
            {
                errors.Add(new ConfigError(item.Place, $"an item of '{name}' is no single value", $"write it as '{name}: [one, two]'"));
            }
        }

        return result;
    }

    static IList Items(Type itemType, ConfigList list, ConfigKeyAttribute key, ICollection<ConfigError> errors)
    {
        var result = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType))!;
        foreach (var item in list.Items)
        {
            if (Expect<ConfigMap>(item, key, errors) is { } map)
            {
                result.Add(Bind(itemType, map, $"this item of '{key.Name}'", errors));
            }
        }

        return result;
    }

    static T? Expect<T>(ConfigNode node, ConfigKeyAttribute key, ICollection<ConfigError> errors)
        where T : ConfigNode
    {
        if (node is T expected)
        {
            return expected;
        }

        var (what, how) = typeof(T) == typeof(ConfigMap) ? ("names with values", "name: value") : typeof(T) == typeof(ConfigList) ? ("a list", "[one, two]") : ("a single value", "value");
        errors.Add(new ConfigError(node.Place, $"'{key.Name}' needs {what}", $"write it as '{key.Name}: {key.Example ?? how}'"));
        return null;
    }

    static string Lower(string doc) => char.ToLowerInvariant(doc[0]) + doc[1..].TrimEnd('.');
}
