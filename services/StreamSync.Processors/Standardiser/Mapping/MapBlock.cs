using StreamSync.Kafka.Configuration;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Reads a map of a mapping file; whatever is wrong becomes an error at its place, and keys that nobody asked for too.</summary>
sealed class MapBlock(ConfigMap map, string name, ICollection<ConfigError> errors)
{
    readonly HashSet<string> _asked = [];

    public ConfigPlace Place => map.Place;

    public IReadOnlyList<ConfigEntry> Entries => map.Entries;

    public bool Has(string key) => map.Find(key) is not null;

    public ConfigNode? Node(string key)
    {
        _asked.Add(key);
        return map.Find(key)?.Value;
    }

    public string? Text(string key, bool required = false)
    {
        switch (Node(key))
        {
            case null:
                if (required)
                {
                    Error($"{name} has no '{key}'", $"add '{key}:'");
                }

                return null;
            case ConfigScalar { Text: { Length: > 0 } text }:
                return text;
            case var other:
                Error($"'{key}' of {name} must be a text", "write a single value", other.Place);
                return null;
        }
    }

    public bool Flag(string key)
    {
        var text = Text(key);
        if (text is null || bool.TryParse(text, out _))
        {
            return text is not null && bool.Parse(text);
        }

        Error($"'{key}' of {name} is '{text}'", "use true or false", Node(key)!.Place);
        return false;
    }

    public MapBlock? Map(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case ConfigMap inner:
                return new MapBlock(inner, $"'{key}' of {name}", errors);
            case var other:
                Error($"'{key}' of {name} must be a map", "write 'name: value' entries", other.Place);
                return null;
        }
    }

    public IReadOnlyList<ConfigNode> List(string key, bool required = false)
    {
        switch (Node(key))
        {
            case ConfigList list:
                return list.Items;
            case null:
                if (required)
                {
                    Error($"{name} has no '{key}'", $"add '{key}: [...]'");
                }

                return [];
            case var other:
                Error($"'{key}' of {name} must be a list", "write [a, b], or '- ' items", other.Place);
                return [];
        }
    }

    public void Error(string message, string remedy, ConfigPlace? place = null) => errors.Add(new ConfigError(place ?? map.Place, message, remedy));

    /// <summary>Reports keys that nobody asked for.</summary>
    public void Done()
    {
        foreach (var entry in map.Entries.Where(e => !_asked.Contains(e.Name)))
        {
            Error($"{name} has no key '{entry.Name}'", $"known keys here: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}", entry.Place);
        }
    }
}
