using System.Text.Json.Nodes;
using StreamSync.LocalKafka.Registry.Avro;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>What a request wants changed in settings: a member that is absent leaves the old value, null removes it.</summary>
sealed class ConfigChange
{
    /// <summary>Settings of Confluent's registry that would change what it does, and that this one does not have.</summary>
    static readonly string[] Unsupported =
    [
        "alias", "aliasForDeks", "validateFields", "validateRules", "compatibilityPolicy", "compatibilityGroup",
        "defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet",
    ];

    readonly JsonObject _body;
    readonly CompatibilityLevel? _level;

    ConfigChange(JsonObject body, CompatibilityLevel? level)
    {
        _body = body;
        _level = level;
    }

    /// <exception cref="RegistryException">The level is unknown, or a setting is not supported here.</exception>
    public static ConfigChange Read(JsonObject body)
    {
        var level = default(CompatibilityLevel?);
        if (RegistryRequest.Text(body, "compatibility") is { } name)
        {
            level = CompatibilityLevels.TryParse(name, out var parsed) ? parsed : throw RegistryErrors.InvalidLevel();
        }
        foreach (var member in Unsupported)
        {
            // Saying what holds anyway is no change.
            var harmless = body[member] is null || body[member]!.ToJsonString() is "false" or "\"STRICT\"";
            if (!harmless)
            {
                throw RegistryErrors.Unsupported(member);
            }
        }
        return new ConfigChange(body, level);
    }

    public SubjectConfig ApplyTo(SubjectConfig? old) => new(
        _body.ContainsKey("compatibility") ? _level : old?.Level,
        _body.ContainsKey("normalize") ? RegistryRequest.Boolean(_body, "normalize") : old?.Normalize,
        _body.ContainsKey("validateNewSchemas") ? RegistryRequest.Boolean(_body, "validateNewSchemas") : old?.ValidateNewSchemas)
    {
        Extras = old?.Extras,
    };
}
