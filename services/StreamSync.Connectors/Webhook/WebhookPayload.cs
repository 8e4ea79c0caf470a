using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamSync.Connectors.Webhook;

/// <summary>Takes a body apart: into its events, its items, and the fields that are made of others.</summary>
sealed class WebhookPayload(WebhookOptions options)
{
    /// <summary>The records of a body.</summary>
    public IEnumerable<JsonObject> Split(JsonNode? body)
    {
        // Some tools send a list of events.
        foreach (var one in body is JsonArray list ? list.ToList() : [body])
        {
            if (one is JsonObject payload)
            {
                foreach (var record in Items(payload))
                {
                    foreach (var (field, rules) in options.Set)
                    {
                        record[field] = Value(rules, record);
                    }

                    yield return record;
                }
            }
            else
            {
                yield return [];
            }
        }
    }

    /// <summary>The vendor's own id of the event.</summary>
    public string? ChangeIdOf(JsonObject record) => options.ChangeId is { } path ? At(record, path)?.ToString() : null;

    IEnumerable<JsonObject> Items(JsonObject payload)
    {
        if (options.Each is not { } each || At(payload, each.Path) is not JsonArray { Count: > 0 } items)
        {
            yield return payload.DeepClone().AsObject();
            yield break;
        }

        foreach (var item in items)
        {
            var record = payload.DeepClone().AsObject();
            record.Remove(each.Path);
            record[each.As] = item?.DeepClone();
            yield return record;
        }
    }

    static JsonNode? Value(IReadOnlyList<SetRule> rules, JsonObject record)
    {
        foreach (var rule in rules)
        {
            if (rule.When is { } when && !HasValue(At(record, when)))
            {
                continue;
            }

            if (rule.Path is not { } path)
            {
                return JsonValue.Create(rule.Value);
            }

            if (At(record, path) is { } value && HasValue(value))
            {
                return value.DeepClone();
            }
        }

        return null;
    }

    static bool HasValue(JsonNode? node) => node is not null && node.GetValueKind() is not (JsonValueKind.Null or JsonValueKind.False) && !(node.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(node.GetValue<string>()));

    static JsonNode? At(JsonNode? node, string path)
    {
        foreach (var step in path.Split('.'))
        {
            node = (node as JsonObject)?[step];
        }

        return node;
    }
}
