using System.Text.Json;

namespace StreamSync.Connectors.Rest;

/// <summary>A path of names such as <c>_embedded."osdi:people"</c>: names with other than letters, digits and '_' stand in quotes.</summary>
internal sealed class JsonPath
{
    readonly string[] _names;

    JsonPath(string text, string[] names)
    {
        Text = text;
        _names = names;
    }

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>Reads a path; null when it is none.</summary>
    public static JsonPath? TryParse(string text)
    {
        var names = new List<string>();
        var at = 0;
        while (true)
        {
            int end;
            if (at < text.Length && text[at] == '"')
            {
                end = text.IndexOf('"', at + 1);
                if (end < 0)
                {
                    return null;
                }

                names.Add(text[(at + 1)..end]);
                end++;
            }
            else
            {
                end = at;
                while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
                {
                    end++;
                }

                names.Add(text[at..end]);
            }

            if (names[^1].Length == 0)
            {
                return null;
            }

            if (end == text.Length)
            {
                return new JsonPath(text, [.. names]);
            }

            if (text[end] != '.')
            {
                return null;
            }

            at = end + 1;
        }
    }

    /// <summary>The element at the path; null when a name is absent or the value is null.</summary>
    public JsonElement? Find(JsonElement root)
    {
        foreach (var name in _names)
        {
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out root))
            {
                return null;
            }
        }

        return root.ValueKind == JsonValueKind.Null ? null : root;
    }

    /// <summary>The text of an element; null when it is no text, or none of Unicode.</summary>
    public static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
