using System.Collections;
using System.Text.Json;
using DevLab.JmesPath;
using DevLab.JmesPath.Expressions;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>
/// Turns the text of a mapping into a value: plain paths and the logic between them (<c>||</c>, <c>&amp;&amp;</c>, <c>!</c>, <c>==</c>,
/// <c>!=</c>, raw strings) are worked out on the vendor record itself; whatever else JMESPath knows goes through JSON, ten times slower.
/// Meaning and precedence are JMESPath's (jmespath.org/specification.html), but a blank text is null. Beyond it, <c>entry(path).name</c> is a
/// value by name of a map or of the JSON object that a text holds, whatever the case, blanks and signs of the name there (<c>entry(fields).van_id</c>
/// is also VanID and "VAN ID"); null where there is none.
/// </summary>
static class Expressions
{
    static readonly JmesPath Jmes = new();

    /// <exception cref="FormatException">The text is no expression; the message says why.</exception>
    /// <param name="text">The text.</param>
    /// <param name="paths">Takes the plain paths in it, to be checked against the schema.</param>
    public static Value Compile(string text, ICollection<FieldPath> paths)
    {
        var found = new List<FieldPath>();
        if (FieldPath.TryParse(text, out var path))
        {
            paths.Add(path);
            return path.Of;
        }

        var parser = new Parser(text, found);
        if (parser.TryParse() is { } value)
        {
            foreach (var one in found)
            {
                paths.Add(one);
            }

            return value;
        }

        JmesPathExpression expression;
        try
        {
            expression = Jmes.Parse(text);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new FormatException(e.Message, e);
        }

        return scope => AvroJson.Value(expression.Transform(scope.Json()).AsJToken());
    }

    /// <summary>JMESPath's truth: null, false and everything empty are false.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or false => false,
        string text => !string.IsNullOrWhiteSpace(text),
        ICollection { Count: 0 } => false,
        _ => true,
    };

    /// <summary>A value by name of a map, or a plain value by name inside a text that is a JSON object.</summary>
    static object? Entry(object? entries, string name)
    {
        switch (entries)
        {
            case IDictionary<string, object> map:
                return Named(map.Select(entry => (entry.Key, (object?)entry.Value)), name);
            case string json:
                try
                {
                    using var document = JsonDocument.Parse(json);
                    return document.RootElement.ValueKind == JsonValueKind.Object ? Named(document.RootElement.EnumerateObject().Select(p => (p.Name, Plain(p.Value))), name) : null;
                }
                catch (JsonException)
                {
                    return null;
                }

            default:
                return null;
        }
    }

    /// <summary>The value of that very name, else of the first that is spelt like it and holds something.</summary>
    static object? Named(IEnumerable<(string Name, object? Value)> entries, string name)
    {
        (string Name, object Value)? found = null;
        foreach (var (other, value) in entries)
        {
            if (!IsTrue(value) || !IsSpeltLike(other, name))
            {
                continue;
            }

            if (other == name)
            {
                return value;
            }

            if (found is null || string.CompareOrdinal(other, found.Value.Name) < 0)
            {
                found = (other, value!);
            }
        }

        return found?.Value;
    }

    /// <summary>True when the letters and digits of two names are the same, whatever their case.</summary>
    static bool IsSpeltLike(string one, string other)
    {
        var at = 0;
        foreach (var c in one.Where(char.IsLetterOrDigit))
        {
            while (at < other.Length && !char.IsLetterOrDigit(other[at]))
            {
                at++;
            }

            if (at == other.Length || char.ToLowerInvariant(c) != char.ToLowerInvariant(other[at++]))
            {
                return false;
            }
        }

        return other.Skip(at).All(c => !char.IsLetterOrDigit(c));
    }

    static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    static new bool Equals(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (string a, string b) => a == b,
        (bool a, bool b) => a == b,
        (IConvertible a, IConvertible b) when a is not (string or bool) && b is not (string or bool) => Convert.ToDouble(a, null) == Convert.ToDouble(b, null),
        _ => false,
    };

    /// <summary>Recursive descent over the subset; gives up (null) on anything else.</summary>
    ref struct Parser(string text, List<FieldPath> paths)
    {
        ReadOnlySpan<char> _rest = text;
        bool _unknown;

        public Value? TryParse()
        {
            var value = Or();
            Skip();
            return _unknown || !_rest.IsEmpty ? null : value;
        }

        Value Or()
        {
            var left = And();
            while (Take("||"))
            {
                var (a, b) = (left, And());
                left = scope => a(scope) is var value && IsTrue(value) ? value : b(scope);
            }

            return left;
        }

        Value And()
        {
            var left = Comparison();
            while (Take("&&"))
            {
                var (a, b) = (left, Comparison());
                left = scope => a(scope) is var value && IsTrue(value) ? b(scope) : value;
            }

            return left;
        }

        Value Comparison()
        {
            var left = Unary();
            if (Take("=="))
            {
                var right = Unary();
                return scope => Equals(left(scope), right(scope));
            }

            if (Take("!="))
            {
                var right = Unary();
                return scope => !Equals(left(scope), right(scope));
            }

            return left;
        }

        Value Unary()
        {
            if (_rest.Length > 1 && !_rest.TrimStart().StartsWith("!=", StringComparison.Ordinal) && Take("!"))
            {
                var inner = Unary();
                return scope => !IsTrue(inner(scope));
            }

            return Primary();
        }

        Value Primary()
        {
            if (Take("("))
            {
                var inner = Or();
                _unknown |= !Take(")");
                return inner;
            }

            Skip();
            if (Take("entry("))
            {
                return Entry();
            }

            if (!_rest.IsEmpty && _rest[0] == '\'' && _rest[1..].IndexOf('\'') is >= 0 and var end)
            {
                var literal = _rest.Slice(1, end).ToString();
                _rest = _rest[(end + 2)..];
                _unknown |= literal.Contains('\\', StringComparison.Ordinal);
                return _ => literal;
            }

            var length = 0;
            while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || _rest[length] is '_' or '.' or '[' or ']' or '-' or '$'))
            {
                length++;
            }

            if (length > 0 && FieldPath.TryParse(_rest[..length].ToString(), out var path))
            {
                _rest = _rest[length..];
                paths.Add(path);
                return path.Of;
            }

            _unknown = true;
            return static _ => null;
        }

        Value Entry()
        {
            var end = _rest.IndexOf(')');
            var after = end < 0 ? default : _rest[(end + 1)..];
            var length = after.StartsWith(".", StringComparison.Ordinal) ? FieldPath.NameLength(after[1..]) : 0;
            if (length == 0 || !FieldPath.TryParse(_rest[..end].Trim().ToString(), out var path))
            {
                _unknown = true;
                return static _ => null;
            }

            var name = after.Slice(1, length).ToString();
            _rest = after[(1 + length)..];
            paths.Add(path);
            return scope => Expressions.Entry(path.Of(scope), name);
        }

        bool Take(string token)
        {
            Skip();
            if (_unknown || !_rest.StartsWith(token, StringComparison.Ordinal))
            {
                return false;
            }

            _rest = _rest[token.Length..];
            return true;
        }

        void Skip() => _rest = _rest.TrimStart();
    }
}
