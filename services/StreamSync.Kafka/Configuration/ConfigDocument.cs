using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace StreamSync.Kafka.Configuration;

/// <summary>Reads YAML into a tree that knows where each node stands. Only plain YAML: no tags, no merge keys, one document.</summary>
public static class ConfigDocument
{
    /// <summary>Reads a text; what is wrong is added to the errors, and the rest is still read.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="fileName">Name for messages.</param>
    /// <param name="references">Resolves <c>${env:NAME}</c> and <c>${file:PATH}</c>; null leaves them as they are.</param>
    /// <param name="errors">Takes every error.</param>
    /// <returns>The root; an empty map for an empty file.</returns>
    public static ConfigMap Parse(string text, string fileName, ReferenceResolver? references, ICollection<ConfigError> errors)
    {
        var empty = new ConfigMap(new ConfigPlace(fileName, 1, 1), []);
        var parser = new Parser(new StringReader(text));
        try
        {
            var reader = new TreeReader(parser, fileName, references, errors);
            return reader.Read() switch
            {
                null or ConfigScalar { Text: null } => empty,
                ConfigMap map => map,
                var other => Fail(other.Place),
            };
        }
        catch (YamlException e)
        {
            // The parser's words may quote the text, which may hold a secret: only those that describe the syntax are kept.
            errors.Add(new ConfigError(fileName, (int)e.Start.Line, (int)e.Start.Column, "this is no valid YAML: " + Syntax(e), "mend the line, or the one before it; indent with spaces, and quote a value that holds ': ' or ' #'"));
            return empty;
        }

        catch (InvalidOperationException)
        {
            // The scanner loses its way, for example where a '{' is never closed, and has no words for it: the place is the last it understood.
            var end = parser.Current?.End ?? Mark.Empty;
            errors.Add(new ConfigError(fileName, Math.Max(1, (int)end.Line), Math.Max(1, (int)end.Column), "this is no valid YAML from here on", "close every '{', '[' and quote that the line, or the one after it, opens"));
            return empty;
        }

        ConfigMap Fail(ConfigPlace place)
        {
            errors.Add(new ConfigError(place, "the file must hold names with values", "write it as 'name: value' lines; 'streamsync init' writes a commented one"));
            return empty;
        }
    }

    static string Syntax(YamlException error)
    {
        var words = error.Message.Split('\n')[0];
        var cut = words.IndexOfAny(['\'', '"']);
        return (cut < 0 ? words : words[..cut]).TrimEnd('.', ' ');
    }

    sealed class TreeReader(Parser parser, string fileName, ReferenceResolver? references, ICollection<ConfigError> errors)
    {
        /// <summary>Deeper than any configuration, and far from the end of the stack.</summary>
        const int MaxDepth = 64;

        readonly Dictionary<AnchorName, ConfigNode> _anchors = [];
        int _depth;

        public ConfigNode? Read()
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return null;
            }

            parser.Consume<DocumentStart>();
            var root = ReadNode();
            parser.Consume<DocumentEnd>();
            if (parser.Accept<DocumentStart>(out var second) && second is not null)
            {
                errors.Add(new ConfigError(Place(second), "the file holds a second document", "remove the '---' line and merge the two"));
            }

            return root;
        }

        ConfigNode ReadNode()
        {
            if (_depth > MaxDepth)
            {
                throw new YamlException(parser.Current!.Start, parser.Current.End, "lists and names are nested too deeply");
            }

            _depth++;
            var node = ReadNodeAtDepth();
            _depth--;
            return node;
        }

        ConfigNode ReadNodeAtDepth()
        {
            if (parser.TryConsume<AnchorAlias>(out var alias) && alias is not null)
            {
                return _anchors.TryGetValue(alias.Value, out var node) ? node : throw new YamlException(alias.Start, alias.End, "an alias names no anchor");
            }

            if (parser.TryConsume<Scalar>(out var scalar) && scalar is not null)
            {
                return Remember(scalar.Anchor, ReadScalar(scalar));
            }

            if (parser.TryConsume<SequenceStart>(out var sequence) && sequence is not null)
            {
                var items = new List<ConfigNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadNode());
                }

                return Remember(sequence.Anchor, new ConfigList(Place(sequence), items));
            }

            var start = parser.Consume<MappingStart>();
            var entries = new Dictionary<string, ConfigEntry>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>();
                var entry = new ConfigEntry(key.Value, Place(key), ReadNode());
                if (!entries.TryAdd(entry.Name, entry))
                {
                    errors.Add(new ConfigError(entry.Place, $"'{entry.Name}' stands here for the second time", $"keep one; the first is in line {entries[entry.Name].Place.Line}"));
                }
            }

            return Remember(start.Anchor, new ConfigMap(Place(start), [.. entries.Values]));
        }

        ConfigScalar ReadScalar(Scalar scalar)
        {
            var place = Place(scalar);
            var text = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL" ? null : scalar.Value;
            return text is null || references is null ? new ConfigScalar(place, text, false) : references.Resolve(place, text, errors);
        }

        ConfigNode Remember(AnchorName anchor, ConfigNode node)
        {
            if (!anchor.IsEmpty)
            {
                _anchors[anchor] = node;
            }

            return node;
        }

        ConfigPlace Place(ParsingEvent e) => new(fileName, (int)e.Start.Line, (int)e.Start.Column);
    }
}
