using System.Globalization;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;

namespace StreamSync.LocalKafka.Admin;

/// <summary>Where a setting's value comes from, as reported to clients.</summary>
enum ConfigSource : sbyte
{
    Topic = 1,
    StaticBroker = 4,
    Default = 5,
}

/// <summary>Describes and changes settings. Those of topics can be changed; those of the broker are fixed when it starts.</summary>
sealed class ConfigAdmin(TopicCatalog catalog, BrokerSettings broker)
{
    const sbyte TopicResource = 2, BrokerResource = 4;
    const sbyte Set = 0, Delete = 1, Append = 2, Subtract = 3;

    public void Register(ApiTable apis)
    {
        apis.Add<DescribeConfigsRequest>(ApiKey.DescribeConfigs, 1, 4, (_, r) => Describe(r));
        apis.Add<AlterConfigsRequest>(ApiKey.AlterConfigs, 0, 2, (_, r) => Replace(r));
        apis.Add<IncrementalAlterConfigsRequest>(ApiKey.IncrementalAlterConfigs, 0, 1, (_, r) => Change(r));
    }

    /// <summary>All settings of a topic with the values that count.</summary>
    public static IEnumerable<(string Name, string Value, ConfigSource Source, ConfigType Type)> Values(Topic topic) =>
        TopicSettings.All.Values.Select(s => topic.Configs.TryGetValue(s.Name, out var set)
            ? (s.Name, set, ConfigSource.Topic, s.Type)
            : (s.Name, s.Default, ConfigSource.Default, s.Type));

    DescribeConfigsResponse Describe(DescribeConfigsRequest request) =>
        new() { Results = request.Resources.ConvertAll(r => Describe(r, request.IncludeSynonyms)) };

    DescribeConfigsResponse.Result Describe(DescribeConfigsRequest.Resource asked, bool synonyms)
    {
        var result = new DescribeConfigsResponse.Result { Type = asked.Type, Name = asked.Name };
        try
        {
            var configs = asked.Type switch
            {
                TopicResource => DescribeTopic(asked.Name, synonyms),
                BrokerResource => DescribeBroker(asked.Name, synonyms),
                _ => throw new RefusedException(ErrorCode.InvalidRequest, $"Unsupported resource type: {asked.Type}"),
            };
            result.Configs = [.. configs.Where(c => asked.Keys is not { Count: > 0 } || asked.Keys.Contains(c.Name))];
        }
        catch (RefusedException e)
        {
            (result.Error, result.ErrorMessage) = (e.Error, e.Message);
        }

        return result;
    }

    IEnumerable<DescribeConfigsResponse.Config> DescribeTopic(string name, bool synonyms)
    {
        TopicCatalog.CheckName(name);
        if (!catalog.TryGet(name, out var topic))
        {
            throw new RefusedException(ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
        }

        return Values(topic).Select(c => new DescribeConfigsResponse.Config
        {
            Name = c.Name,
            Value = c.Value,
            Source = (sbyte)c.Source,
            Type = (sbyte)c.Type,
            Synonyms = synonyms ? [.. Synonyms(c.Name, c.Value, c.Source)] : [],
        });
    }

    IEnumerable<DescribeConfigsResponse.Config> DescribeBroker(string name, bool synonyms)
    {
        CheckBroker(name);

        // The empty name asks for what was set for all brokers of the cluster: nothing, here.
        return name.Length == 0 ? [] : broker.All.Select(s => new DescribeConfigsResponse.Config
        {
            Name = s.Name,
            Value = s.Value,
            ReadOnly = true,
            Source = (sbyte)s.Source,
            Type = (sbyte)s.Type,
            Synonyms = synonyms ? [Synonym(s.Name, s.Value, s.Source)] : [],
        });
    }

    static void CheckBroker(string name)
    {
        var id = ClusterAdmin.NodeId;
        if (name.Length > 0 && !int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out id))
        {
            throw new RefusedException(ErrorCode.InvalidRequest, $"Broker id must be an integer, but it is: {name}");
        }

        if (id != ClusterAdmin.NodeId)
        {
            throw new RefusedException(
                ErrorCode.InvalidRequest, $"Unexpected broker id, expected {ClusterAdmin.NodeId} or empty string, but received {name}");
        }
    }

    /// <summary>Where a topic's setting could come from, the first that counts first: the topic itself, then the broker's setting of its name there.</summary>
    static IEnumerable<DescribeConfigsResponse.Synonym> Synonyms(string name, string value, ConfigSource source)
    {
        if (source == ConfigSource.Topic)
        {
            yield return Synonym(name, value, ConfigSource.Topic);
        }

        if (TopicSettings.All[name] is { BrokerName: { } brokerName, Default: var preset })
        {
            yield return Synonym(brokerName, preset, ConfigSource.Default);
        }
    }

    static DescribeConfigsResponse.Synonym Synonym(string name, string value, ConfigSource source) =>
        new() { Name = name, Value = value, Source = (sbyte)source };

    AlterConfigsResponse Replace(AlterConfigsRequest request) => new()
    {
        Resources = request.Resources.ConvertAll(r => Alter(r.Type, r.Name, request.ValidateOnly, _ =>
        {
            CheckOnce(request.Resources.FindAll(o => (o.Type, o.Name) == (r.Type, r.Name)).SelectMany(o => o.Configs, (_, c) => c.Name));
            if (r.Configs.Find(c => c.Value is null) is { } empty)
            {
                throw new RefusedException(ErrorCode.InvalidRequest, $"Null value not supported for : {empty.Name}");
            }

            return r.Configs.ToDictionary(c => c.Name, c => c.Value);
        })),
    };

    AlterConfigsResponse Change(IncrementalAlterConfigsRequest request) => new()
    {
        Resources = request.Resources.ConvertAll(r => Alter(r.Type, r.Name, request.ValidateOnly, now =>
        {
            CheckOnce(request.Resources.FindAll(o => (o.Type, o.Name) == (r.Type, r.Name)).SelectMany(o => o.Configs, (_, c) => c.Name));
            var next = now.ToDictionary(c => c.Key, c => (string?)c.Value);
            foreach (var change in r.Configs)
            {
                Apply(next, change);
            }

            return next;
        })),
    };

    static void CheckOnce(IEnumerable<string> names)
    {
        var twice = names.GroupBy(n => n).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new RefusedException(ErrorCode.InvalidRequest, $"Error due to duplicate config keys: {twice}");
        }
    }

    static void Apply(Dictionary<string, string?> configs, IncrementalAlterConfigsRequest.Change change)
    {
        if (change.Operation != Delete && change.Value is null)
        {
            throw new RefusedException(ErrorCode.InvalidRequest, $"Null value not supported for : {change.Name}");
        }

        switch (change.Operation)
        {
            case Set:
                configs[change.Name] = change.Value;
                break;
            case Delete:
                configs.Remove(change.Name);
                break;
            case Append or Subtract:
                if (!TopicSettings.All.TryGetValue(change.Name, out var setting) || setting.Type != ConfigType.List)
                {
                    throw new RefusedException(
                        ErrorCode.InvalidConfig,
                        $"Can't {(change.Operation == Append ? "APPEND" : "SUBTRACT")} to key {change.Name} because its type is not LIST.");
                }

                var words = TopicSettings.Words(configs.GetValueOrDefault(change.Name) ?? setting.Default);
                var given = TopicSettings.Words(change.Value!);
                configs[change.Name] = string.Join(',', change.Operation == Append ? words.Union(given) : words.Except(given));
                break;
            default:
                throw new RefusedException(ErrorCode.UnknownServerError, $"Unknown config operation {change.Operation}");
        }
    }

    AlterConfigsResponse.Resource Alter(
        sbyte type,
        string name,
        bool validateOnly,
        Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string?>> change)
    {
        var result = new AlterConfigsResponse.Resource { Type = type, Name = name };
        try
        {
            switch (type)
            {
                case TopicResource when InternalTopics.All.Contains(name):
                    throw new RefusedException(ErrorCode.PolicyViolation, $"{name} holds the broker's own state.");
                case TopicResource:
                    catalog.Configure(name, change, validateOnly);
                    break;
                case BrokerResource:
                    CheckBroker(name);

                    // Nothing is ever set while it runs, so there is nothing to take back either.
                    if (change(new Dictionary<string, string>()).Count > 0)
                    {
                        throw new RefusedException(
                            ErrorCode.InvalidRequest, "This broker's own settings are given when it starts and cannot be changed while it runs.");
                    }

                    break;
                default:
                    throw new RefusedException(ErrorCode.InvalidRequest, $"Unsupported resource type: {type}");
            }
        }
        catch (RefusedException e)
        {
            (result.Error, result.ErrorMessage) = (e.Error, e.Message);
        }
        catch (IOException e)
        {
            (result.Error, result.ErrorMessage) = (ErrorCode.KafkaStorageError, e.Message);
        }

        return result;
    }
}
