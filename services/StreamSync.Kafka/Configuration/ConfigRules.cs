using System.Text.RegularExpressions;

namespace StreamSync.Kafka.Configuration;

/// <summary>What must hold beyond the type of each key.</summary>
static partial class ConfigRules
{
    /// <summary>Properties on which the guarantees rest, or that have a key of their own.</summary>
    static readonly HashSet<string> OwnProperties =
    [
        "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "group.instance.id", "transactional.id", "enable.idempotence", "acks", "request.required.acks",
        "isolation.level", "partitioner", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "max.in.flight",
        "max.in.flight.requests.per.connection", "enable.partition.eof", "allow.auto.create.topics",
    ];

    public static void Check(StreamSyncConfig config, List<ConfigError> errors)
    {
        CheckCluster(config, errors);
        CheckClient(config, errors);
        CheckAddress(config, config.Console.Address, "console", errors);
        CheckAddress(config, config.Webhooks.Address, "webhooks", errors);
        CheckAddress(config, config.Warehouse.Address, "warehouse", errors);
        if (config.Org is not null)
        {
            CheckWord(config.Org, "org", config.Root.Find("org")!.Value.Place, errors);
        }

        SharingRules.Check(config, errors);
        var seen = new Dictionary<string, ConfigPlace>();
        foreach (var sync in config.Syncs)
        {
            CheckSync(sync, config, seen, errors);
        }
    }

    static void CheckCluster(StreamSyncConfig config, List<ConfigError> errors)
    {
        if (config.Kafka.Bootstrap != KafkaSettings.Embedded)
        {
            foreach (var server in config.Kafka.Bootstrap.Split(','))
            {
                if (!HostAndPort().IsMatch(server.Trim()) || !int.TryParse(server[(server.LastIndexOf(':') + 1)..].Trim(), out var port) || port is < 1 or > 65535)
                {
                    errors.Add(new ConfigError(config.Root.ValuePlace("kafka", "bootstrap"), "'bootstrap' holds an address that is no host:port", "write host:port, several separated by commas, or 'embedded'"));
                    break;
                }
            }
        }

        if (config.Kafka.Registry != KafkaSettings.Embedded)
        {
            var place = config.Root.ValuePlace("kafka", "registry");
            if (!Uri.TryCreate(config.Kafka.Registry, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                errors.Add(new ConfigError(place, "'registry' is no URL", "write http://host:port or https://host:port, or 'embedded'"));
            }
            else if (url.UserInfo.Length > 0)
            {
                errors.Add(new ConfigError(place, "'registry' holds credentials", "move them to registry_auth: ${env:REGISTRY_AUTH}, as user:password"));
            }
        }
    }

    static void CheckAddress(StreamSyncConfig config, string address, string section, List<ConfigError> errors)
    {
        if (!System.Net.IPAddress.TryParse(address, out _))
        {
            errors.Add(new ConfigError(config.Root.ValuePlace(section, "address"), $"'address' of '{section}' is no IP address", "write 127.0.0.1 for this machine only, or 0.0.0.0 for all"));
        }
    }

    static void CheckClient(StreamSyncConfig config, List<ConfigError> errors)
    {
        if ((config.Root.Find("kafka")?.Value as ConfigMap)?.Find("client")?.Value is not ConfigMap client)
        {
            return;
        }

        foreach (var entry in client.Entries)
        {
            if (OwnProperties.Contains(entry.Name))
            {
                errors.Add(new ConfigError(entry.Place, $"'{entry.Name}' is set by StreamSync itself", "remove it: what StreamSync promises rests on its own value"));
            }
            else if (IsSecretProperty(entry.Name) && entry.Value is ConfigScalar scalar)
            {
                ConfigBinder.RequireReference(scalar, entry.Name, errors);
            }
        }
    }

    /// <summary>librdkafka's properties that hold a secret: passwords, client secrets and private keys.</summary>
    static bool IsSecretProperty(string name) =>
        name.EndsWith("password", StringComparison.Ordinal) || name.EndsWith("secret", StringComparison.Ordinal) || name is "ssl.key.pem" or "sasl.oauthbearer.config";

    static void CheckSync(SyncSettings sync, StreamSyncConfig config, Dictionary<string, ConfigPlace> seen, List<ConfigError> errors)
    {
        if (sync.Id.Length > 0)
        {
            CheckWord(sync.Id, "id", sync.Place, errors);
            if (!seen.TryAdd(sync.Id, sync.Place))
            {
                errors.Add(new ConfigError(sync.Place, $"a sync named '{sync.Id}' stands already in line {seen[sync.Id].Line}", "give each sync an id of its own"));
            }
        }

        if (sync.Connector.Length > 0)
        {
            CheckWord(sync.Connector, "connector", sync.Place, errors);
        }

        if (sync.Org.Length == 0)
        {
            errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' names no org, and the file has none", "add 'org: ...' to the sync, or at the top of the file for all"));
        }
        else if (sync.Org != config.Org)
        {
            CheckWord(sync.Org, "org", sync.Place, errors);
        }

        if (sync.Streams is { Count: 0 })
        {
            errors.Add(new ConfigError(sync.Place, $"the sync '{sync.Id}' reads no stream", "name at least one in 'streams', or leave the key out to read all"));
        }
    }

    /// <summary>Ids are parts of keys, topics and transactional ids.</summary>
    public static void CheckWord(string value, string name, ConfigPlace place, List<ConfigError> errors)
    {
        if (!Word().IsMatch(value))
        {
            errors.Add(new ConfigError(place, $"'{name}' may hold letters, digits, '-', '_' and '.' only", "choose a plain word: it becomes part of keys and topic names"));
        }
    }

    /// <summary>Where a value stands, or the nearest parent's.</summary>
    static ConfigPlace ValuePlace(this ConfigMap root, string section, string key)
    {
        var entry = root.Find(section);
        return (entry?.Value as ConfigMap)?.Find(key)?.Value.Place ?? entry?.Place ?? root.Place;
    }

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.]+\]|[^\s:/,]+):\d{1,5}$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
