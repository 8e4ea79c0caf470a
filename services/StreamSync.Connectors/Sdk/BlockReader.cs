using System.Globalization;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Reads a map of <c>connector.yaml</c>: typed values, with an error at file:line:column for each that is missing, wrong or, after
/// <see cref="Done"/>, unknown.
/// </summary>
sealed class BlockReader
{
    readonly ConfigMap _map;
    readonly ICollection<ConfigError> _errors;
    readonly string _name;
    readonly HashSet<string> _asked = [];

    /// <param name="map">The map.</param>
    /// <param name="name">What it is, for messages.</param>
    /// <param name="errors">Takes every error.</param>
    public BlockReader(ConfigMap map, string name, ICollection<ConfigError> errors)
    {
        _map = map;
        _name = name;
        _errors = errors;
    }

    public ConfigPlace Place => _map.Place;

    public IEnumerable<string> Names => _map.Entries.Select(e => e.Name);

    /// <summary>The node of a key, or null.</summary>
    public ConfigNode? Node(string key)
    {
        _asked.Add(key);
        return _map.Find(key)?.Value;
    }

    public void Error(string message, string remedy, ConfigPlace? place = null) => _errors.Add(new ConfigError(place ?? _map.Place, message, remedy));

    /// <summary>A text; null when absent or wrong.</summary>
    public string? Text(string key, bool required = false)
    {
        switch (Node(key))
        {
            case null:
                if (required)
                {
                    Error($"{_name} has no '{key}'", $"add '{key}:'");
                }

                return null;
            case ConfigScalar { Text: { Length: > 0 } text }:
                return text;
            case var other:
                Error($"'{key}' of {_name} must be a text", "write a single value", other.Place);
                return null;
        }
    }

    /// <summary>One of some words; null when absent or wrong.</summary>
    public string? Word(string key, params ReadOnlySpan<string> words)
    {
        var text = Text(key);
        if (text is null || words.Contains(text))
        {
            return text;
        }

        Error($"'{key}' of {_name} is '{text}'", $"use one of: {string.Join(", ", words.ToArray())}", Node(key)!.Place);
        return null;
    }

    public bool Flag(string key, bool absent = false)
    {
        var text = Text(key);
        if (text is null)
        {
            return absent;
        }

        if (bool.TryParse(text, out var value))
        {
            return value;
        }

        Error($"'{key}' of {_name} is '{text}'", "use true or false", Node(key)!.Place);
        return absent;
    }

    public double Number(string key, double absent, double min, double max)
    {
        var text = Text(key);
        if (text is null)
        {
            return absent;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Error($"'{key}' of {_name} is '{text}'", string.Create(CultureInfo.InvariantCulture, $"use a number from {min} to {max}"), Node(key)!.Place);
        return absent;
    }

    /// <summary>A time span such as 500ms, 30s, 15m, 2h or 1d.</summary>
    public TimeSpan Duration(string key, TimeSpan absent)
    {
        var text = Text(key);
        if (text is null)
        {
            return absent;
        }

        if (Durations.TryParse(text, out var value))
        {
            return value;
        }

        Error($"'{key}' of {_name} is '{text}'", "write a number with ms, s, m, h or d, such as 15m", Node(key)!.Place);
        return absent;
    }

    /// <summary>A list of texts; a single text counts as a list of one; empty when absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case ConfigScalar { Text: { Length: > 0 } text }:
                return [text];
            case ConfigList list:
                var texts = new List<string>(list.Items.Count);
                foreach (var item in list.Items)
                {
                    if (item is ConfigScalar { Text: { Length: > 0 } one })
                    {
                        texts.Add(one);
                    }
                    else
                    {
                        Error($"'{key}' of {_name} holds something that is no text", "list single values", item.Place);
                    }
                }

                return texts;
            case var other:
                Error($"'{key}' of {_name} must be a list of texts", "write [a, b]", other.Place);
                return [];
        }
    }

    /// <summary>Texts by name; empty when absent.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string key)
    {
        var result = new Dictionary<string, string>();
        if (Map(key) is { } block)
        {
            foreach (var name in block.Names)
            {
                if (block.Text(name) is { } text)
                {
                    result[name] = text;
                }
            }
        }

        return result;
    }

    /// <summary>A map inside; null when absent or wrong.</summary>
    public BlockReader? Map(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case ConfigMap map:
                return new BlockReader(map, $"'{key}' of {_name}", _errors);
            case var other:
                Error($"'{key}' of {_name} must be a map", "write 'name: value' lines below it", other.Place);
                return null;
        }
    }

    /// <summary>A map without entries, at this one's place: for a block that may be left out.</summary>
    public BlockReader Empty(string key) => new(new ConfigMap(_map.Place, []), $"'{key}' of {_name}", _errors);

    /// <summary>Maps of a list; empty when absent.</summary>
    public IEnumerable<BlockReader> Maps(string key)
    {
        switch (Node(key))
        {
            case null:
                yield break;
            case ConfigList list:
                foreach (var item in list.Items)
                {
                    if (item is ConfigMap map)
                    {
                        yield return new BlockReader(map, $"an item of '{key}'", _errors);
                    }
                    else
                    {
                        Error($"an item of '{key}' of {_name} must be a map", "write '- name: value' items", item.Place);
                    }
                }

                yield break;
            case var other:
                Error($"'{key}' of {_name} must be a list", "write '- name: value' items", other.Place);
                yield break;
        }
    }

    /// <summary>Reports keys that nobody asked for.</summary>
    public void Done()
    {
        foreach (var entry in _map.Entries.Where(e => !_asked.Contains(e.Name)))
        {
            Error($"{_name} has no key '{entry.Name}'", $"known keys: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}", entry.Place);
        }
    }
}
