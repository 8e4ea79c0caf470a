using Avro;
using Microsoft.Extensions.Logging;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Files;

/// <summary>Style <c>file</c>: delimited text and JSON lines dropped into a folder, also gzipped.</summary>
sealed class FileStyle : IStreamStyle, IDisposable
{
    /// <summary>The setting that names the folder.</summary>
    const string Folder = "folder";

    readonly Lock _gate = new();
    readonly Dictionary<string, (FolderWatch Watch, int Readers)> _watches = [];

    public string Name => "file";

    public bool ComesByItself => true;

    public object ReadOptions(BlockReader block, StreamManifest stream)
    {
        var patterns = block.Maps("patterns").Select(ReadPattern).ToList();
        if (patterns.Count == 0)
        {
            block.Error($"the stream '{stream.Name}' names no files", "add 'patterns: [{glob: \"*name*\"}]'");
        }

        return new DropOptions
        {
            Patterns = patterns,
            Columns = ReadColumns(block.Map("columns")),
            Prefixes = [.. block.Maps("prefixes").Select(ReadPrefix)],
            ExtraColumns = block.Text("extra_columns"),
            Complete = block.Text("complete") ?? "false",
            Settle = block.Duration("settle", TimeSpan.FromSeconds(1)),
            Rescan = block.Duration("rescan", TimeSpan.FromSeconds(1)),
            MaxRow = (int)block.Number("max_row_kb", 1024, 64, 65536) * 1024,
        };
    }

    public bool IsWanted(StreamContext context) => context.Settings.Get<string>(Folder) is not null;

    public void Check(StreamContext context, ICollection<ConfigError> errors)
    {
        var options = (DropOptions)context.Stream.Options;
        if (options.Complete != "false")
        {
            AbsenceLimit.Check(context, errors);
        }

        var place = context.Sync.Settings.Find(Folder)?.Place ?? context.Sync.Place;
        if (context.Settings.Get<string>(Folder) is { } folder && !Directory.Exists(folder))
        {
            errors.Add(new ConfigError(place, $"the folder '{folder}' of the sync '{context.Sync.Id}' is not there", "create it, or mend the path (a relative one starts at the configuration file)"));
        }

        foreach (var field in options.Columns.Keys.Concat(options.Prefixes.SelectMany(p => p.Fields)).Concat(options.Patterns.SelectMany(p => p.Set.Keys)).Concat(options.Patterns.SelectMany(p => p.Set.Values).SelectMany(FixedFields.FieldsOf)))
        {
            if (!context.RecordSchema.Contains(field))
            {
                errors.Add(new ConfigError(context.Stream.Place, $"the stream '{context.Stream.Name}' fills the field '{field}', which its schema does not have", $"add it to schemas/source/{context.Connector.Vendor}/{context.Stream.Name}.avsc"));
            }
        }

        if (options.ExtraColumns is { } extra && !(context.RecordSchema.TryGetField(extra, out var map) && map.Schema is MapSchema))
        {
            errors.Add(new ConfigError(context.Stream.Place, $"the field '{extra}' for further columns is no map of text in the schema", "give it the type {\"type\": \"map\", \"values\": \"string\"}"));
        }
    }

    public IStreamReader Open(StreamContext context)
    {
        var options = (DropOptions)context.Stream.Options;
        var folder = context.Settings.Get<string>(Folder)!;
        var complete = options.Complete.StartsWith(TimeRule.SettingPrefix, StringComparison.Ordinal)
            ? context.Settings.Get<bool?>(options.Complete[TimeRule.SettingPrefix.Length..]) ?? false
            : options.Complete == "true";
        var selected = context.Sync.Streams;
        var first = context.Connector.Streams.FirstOrDefault(s => s.Style == Name && (selected is null || selected.Contains(s.Name)));
        return new FileReader(context, options, folder, complete, ReferenceEquals(first, context.Stream) || first?.Name == context.Stream.Name, Rent(folder, context.Logger), () => Return(folder));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (watch, _) in _watches.Values)
            {
                watch.Dispose();
            }

            _watches.Clear();
        }
    }

    FolderWatch Rent(string folder, ILogger logger)
    {
        lock (_gate)
        {
            var (watch, readers) = _watches.TryGetValue(folder, out var entry) ? entry : (new FolderWatch(folder, logger), 0);
            _watches[folder] = (watch, readers + 1);
            return watch;
        }
    }

    void Return(string folder)
    {
        lock (_gate)
        {
            if (_watches.TryGetValue(folder, out var entry))
            {
                if (entry.Readers == 1)
                {
                    entry.Watch.Dispose();
                    _watches.Remove(folder);
                }
                else
                {
                    _watches[folder] = (entry.Watch, entry.Readers - 1);
                }
            }
        }
    }

    static FilePattern ReadPattern(BlockReader block)
    {
        var globs = block.Texts("glob");
        if (globs.Count == 0)
        {
            block.Error("the pattern has no 'glob'", "add 'glob: \"*name*\"'");
        }

        var pattern = new FilePattern(globs, block.TextMap("set"));
        block.Done();
        return pattern;
    }

    static PrefixRule ReadPrefix(BlockReader block)
    {
        var rule = new PrefixRule(block.Texts("names"), block.Texts("fields"));
        if (rule.Names.Count == 0 || rule.Fields.Count == 0)
        {
            block.Error("the prefix rule lacks 'names' or 'fields'", "add 'names: [mailing]' and 'fields: [city]'");
        }

        block.Done();
        return rule;
    }

    static Dictionary<string, IReadOnlyList<string>> ReadColumns(BlockReader? block) =>
        block is null ? [] : block.Names.ToDictionary(n => n, n => block.Texts(n));
}
