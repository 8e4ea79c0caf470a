using System.Text;

namespace StreamSync.Kafka.Configuration;

/// <summary>
/// Replaces <c>${env:NAME}</c> by an environment variable and <c>${file:PATH}</c> by the text of a file (without the line end at its end; a
/// relative path starts at the configuration file). <c>$${</c> stands for <c>${</c> itself.
/// </summary>
/// <param name="baseDirectory">Where relative paths start.</param>
/// <param name="environment">Looks up an environment variable.</param>
public sealed class ReferenceResolver(string baseDirectory, Func<string, string?> environment)
{
    /// <summary>Largest file that a reference may name, bytes: a secret, not a data file.</summary>
    const int MaxFileBytes = 64 * 1024;

    /// <summary>Stands for a value that could not be found: a plain word, so that the rest can be checked.</summary>
    const string Unresolved = "unresolved";

    /// <summary>Resolves a text.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="text">The text as written.</param>
    /// <param name="errors">Takes what can't be resolved.</param>
    public ConfigScalar Resolve(ConfigPlace place, string text, ICollection<ConfigError> errors)
    {
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return new ConfigScalar(place, text, false);
        }

        var result = new StringBuilder();
        var secret = false;
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            if (open < 0)
            {
                result.Append(text, at, text.Length - at);
                break;
            }

            if (open > at && text[open - 1] == '$')
            {
                result.Append(text, at, open - at - 1).Append("${");
                at = open + 2;
                continue;
            }

            result.Append(text, at, open - at);
            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                errors.Add(new ConfigError(place, "a '${' has no closing '}'", "write ${env:NAME} or ${file:PATH}, or $${ for the characters themselves"));
                break;
            }

            result.Append(Value(place, text[(open + 2)..close], errors));
            secret = true;
            at = close + 1;
        }

        return new ConfigScalar(place, result.ToString(), secret);
    }

    string Value(ConfigPlace place, string reference, ICollection<ConfigError> errors)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        var (kind, name) = colon < 0 ? (reference, "") : (reference[..colon], reference[(colon + 1)..].Trim());
        switch (kind)
        {
            case "env" when name.Length > 0:
                if (environment(name) is { Length: > 0 } value)
                {
                    return value;
                }

                errors.Add(new ConfigError(place, $"the environment variable {name} is not set", $"set it where streamsync starts (export {name}=...), or take the value from a file: ${{file:/path/to/secret}}"));
                return Unresolved;
            case "file" when name.Length > 0:
                return ReadFile(place, name, errors);
            default:
                errors.Add(new ConfigError(place, $"'${{{kind}...}}' is no reference", "write ${env:NAME} or ${file:PATH}, or $${ for the characters themselves"));
                return Unresolved;
        }
    }

    string ReadFile(ConfigPlace place, string name, ICollection<ConfigError> errors)
    {
        var path = Path.GetFullPath(name, Path.GetFullPath(baseDirectory));
        try
        {
            var info = new FileInfo(path);
            if (info.Exists && info.Length > MaxFileBytes)
            {
                errors.Add(new ConfigError(place, $"the file {path} is larger than {MaxFileBytes / 1024} KiB", "name the file that holds the secret alone"));
                return Unresolved;
            }

            var text = File.ReadAllText(path).TrimEnd('\r', '\n');
            if (text.Length > 0)
            {
                return text;
            }

            errors.Add(new ConfigError(place, $"the file {path} is empty", "write the secret into it"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = e is UnauthorizedAccessException ? "may not be read" : File.Exists(path) ? "can't be read" : "does not exist";
            errors.Add(new ConfigError(place, $"the file {path} {why}", "create it, readable for the user that runs streamsync, or mend the path"));
        }

        return Unresolved;
    }
}
