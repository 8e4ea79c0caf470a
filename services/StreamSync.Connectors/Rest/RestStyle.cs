using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Rest;

/// <summary>Style <c>rest</c>: polls a vendor's HTTP API, page by page, for what changed.</summary>
internal sealed class RestStyle(HttpMessageHandler? handler = null) : IStreamStyle
{
    static readonly TimeSpan DefaultPoll = TimeSpan.FromSeconds(60);
    static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(100);
    static readonly TimeSpan DefaultOverlap = TimeSpan.FromMinutes(5);

    public string Name => "rest";

    public bool Rereads => true;

    public object ReadOptions(BlockReader block, StreamManifest stream)
    {
        var derive = new Dictionary<string, DeriveRule>();
        if (block.Map("derive") is { } rules)
        {
            foreach (var field in rules.Names)
            {
                if (rules.Map(field) is { } rule)
                {
                    derive[field] = new DeriveRule(Path(rule, "from", required: true)!, rule.Text("prefix", required: true) ?? string.Empty);
                    rule.Done();
                }
            }
        }

        RestList? deleted = null;
        if (block.Map("deleted") is { } second)
        {
            deleted = ReadList(second);
            second.Done();
        }

        return new RestOptions
        {
            BaseUrl = new SettingTemplate(block.Text("base_url", required: true) ?? string.Empty),
            Headers = Templates(block, "headers"),
            List = ReadList(block),
            Derive = derive,
            Deleted = deleted,
            Poll = new SettingTemplate(block.Text("poll") ?? DefaultPoll.ToString()),
            Timeout = block.Duration("timeout", DefaultTimeout),
        };
    }

    public void Check(StreamContext context, ICollection<ConfigError> errors)
    {
        var options = (RestOptions)context.Stream.Options;
        var templates = options.Headers.Values.Concat(options.List.Query.Values).Append(options.BaseUrl).Append(options.List.Path).Append(options.Poll);
        foreach (var template in templates)
        {
            foreach (var name in template.Settings.Where(n => context.Connector.Settings.All(s => s.Name != n)))
            {
                errors.Add(new ConfigError(context.Stream.Place, $"the stream '{context.Stream.Name}' uses the setting '{name}', which the connector does not declare", $"declare it below 'settings:' of {context.Connector.Vendor}/connector.yaml"));
            }

            foreach (var name in template.Secrets.Where(n => context.Connector.Secrets.All(s => s.Name != n)))
            {
                errors.Add(new ConfigError(context.Stream.Place, $"the stream '{context.Stream.Name}' uses the secret '{name}', which the connector does not declare", $"declare it below 'secrets:' of {context.Connector.Vendor}/connector.yaml"));
            }
        }
    }

    public IStreamReader Open(StreamContext context) => new RestReader(context, (RestOptions)context.Stream.Options, handler);

    static RestList ReadList(BlockReader block)
    {
        NextPage? next = null;
        if (block.Map("next") is { } page)
        {
            next = new NextPage(Path(page, "link"), page.Text("page"));
            if ((next.Link is null) == (next.PageParameter is null))
            {
                page.Error("'next' needs a way to the next page", "write 'link: path.to.url' or 'page: query_parameter'");
            }

            page.Done();
        }

        CursorRule? cursor = null;
        if (block.Map("cursor") is { } rule)
        {
            var template = rule.Text("template") ?? "{value}";
            if (!template.Contains("{value}", StringComparison.Ordinal))
            {
                rule.Error("'template' of the cursor has no {value}", "write {value} where the time belongs", rule.Node("template")?.Place);
            }

            cursor = new CursorRule(
                rule.Text("query", required: true) ?? string.Empty,
                template,
                Path(rule, "field", required: true)!,
                rule.Word("unit", "seconds", "milliseconds", "microseconds"),
                rule.Duration("overlap", DefaultOverlap));
            rule.Done();
        }

        return new RestList
        {
            Path = new SettingTemplate(block.Text("path", required: true) ?? string.Empty),
            Query = Templates(block, "query"),
            Items = Path(block, "items", required: true)!,
            Count = Path(block, "count"),
            Next = next,
            Cursor = cursor,
        };
    }

    static Dictionary<string, SettingTemplate> Templates(BlockReader block, string key) =>
        block.TextMap(key).ToDictionary(p => p.Key, p => new SettingTemplate(p.Value));

    static JsonPath? Path(BlockReader block, string key, bool required = false)
    {
        if (block.Text(key, required) is not { } text)
        {
            return null;
        }

        if (JsonPath.TryParse(text) is { } path)
        {
            return path;
        }

        block.Error($"'{key}' is '{text}', which is no path", "write names with dots between, other names in quotes: _embedded.\"osdi:people\"", block.Node(key)!.Place);
        return null;
    }
}
