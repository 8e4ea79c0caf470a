using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Webhook;

/// <summary>Style <c>webhook</c>: the tool posts its events.</summary>
sealed class WebhookStyle(WebhookListener listener) : IStreamStyle
{
    public string Name => "webhook";

    public bool ComesByItself => true;

    public bool Redelivers => true;

    public object ReadOptions(BlockReader block, StreamManifest stream)
    {
        (string Path, string As)? each = null;
        if (block.Map("each") is { } items)
        {
            each = (items.Text("path", required: true) ?? string.Empty, items.Text("as", required: true) ?? string.Empty);
            items.Done();
        }

        var set = new Dictionary<string, IReadOnlyList<SetRule>>();
        if (block.Map("set") is { } fields)
        {
            foreach (var field in fields.Names)
            {
                set[field] = [.. fields.Maps(field).Select(ReadRule)];
            }
        }

        return new WebhookOptions
        {
            Verify = WebhookVerification.Read(block.Map("verify")),
            Each = each,
            Set = set,
            ChangeId = block.Text("change_id"),
            MaxBody = (int)block.Number("max_body_kb", 1024, 1, 65536) * 1024,
        };
    }

    public void Check(StreamContext context, ICollection<ConfigError> errors)
    {
        listener.Expect(context);
        if (((WebhookOptions)context.Stream.Options).Verify is not { } verify)
        {
            return;
        }

        foreach (var name in verify.Secrets.Where(n => context.Connector.Secrets.All(s => s.Name != n)))
        {
            errors.Add(new ConfigError(context.Stream.Place, $"the stream '{context.Stream.Name}' verifies with the secret '{name}', which the connector does not declare", "declare it below 'secrets:'"));
        }

        var given = verify.Secrets.Count(context.Sync.Secrets.ContainsKey);
        if (given > 0 && given < verify.Secrets.Count())
        {
            errors.Add(new ConfigError(context.Sync.Place, $"the sync '{context.Sync.Id}' gives some of the secrets that verify webhooks, but not all", $"give {string.Join(" and ", verify.Secrets)}, or none"));
        }
    }

    public IStreamReader Open(StreamContext context) => new WebhookReader(context, (WebhookOptions)context.Stream.Options, listener);

    static SetRule ReadRule(BlockReader block)
    {
        var rule = new SetRule(block.Text("when"), block.Text("value"), block.Text("path"));
        if (rule.Value is null == rule.Path is null)
        {
            block.Error("a rule gives a constant or takes another field", "name one of 'value' and 'path'");
        }

        block.Done();
        return rule;
    }
}
