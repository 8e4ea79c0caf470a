namespace StreamSync.Kafka.Configuration;

/// <summary>What must hold of sharing agreements beyond the type of each key.</summary>
static class SharingRules
{
    public static void Check(StreamSyncConfig config, List<ConfigError> errors)
    {
        var seen = new Dictionary<string, ConfigPlace>();
        foreach (var agreement in config.Sharing)
        {
            // What is missing was reported already.
            if (agreement.Id.Length > 0)
            {
                ConfigRules.CheckWord(agreement.Id, "id", agreement.Place, errors);
                if (!seen.TryAdd(agreement.Id, agreement.Place))
                {
                    errors.Add(new ConfigError(agreement.Place, $"an agreement named '{agreement.Id}' stands already in line {seen[agreement.Id].Line}", "give each agreement an id of its own"));
                }
            }

            var item = ItemAt(config, agreement.Place);
            CheckParties(agreement, config, item, errors);
            CheckEntities(agreement, config, item, errors);
            if (item?.Find("purpose") is { } purpose && string.IsNullOrWhiteSpace(agreement.Purpose))
            {
                errors.Add(new ConfigError(purpose.Place, "'purpose' is empty", "say what the groups agreed to use it for"));
            }

            if (agreement.Until < agreement.From)
            {
                errors.Add(new ConfigError(item?.Find("until")?.Value.Place ?? agreement.Place, "'until' lies before 'from': the agreement never holds", "write the last day of the agreement, or take the item out"));
            }
        }
    }

    static void CheckParties(AgreementSettings agreement, StreamSyncConfig config, ConfigMap? item, List<ConfigError> errors)
    {
        var orgs = config.Syncs.Select(sync => sync.Org).Distinct().ToList();
        foreach (var (party, place) in Values(item, "parties"))
        {
            if (orgs.Count > 0 && !orgs.Contains(party))
            {
                var near = NearestName.Find(party, orgs);
                errors.Add(new ConfigError(place, $"'{party}' owns no sync of this file", near is not null ? $"did you mean '{near}'?" : $"write one of: {string.Join(", ", orgs)}"));
            }
        }

        if (item?.Find("parties") is { } entry && entry.Value is ConfigList && agreement.Parties.Distinct().Count() < 2)
        {
            errors.Add(new ConfigError(entry.Place, "an agreement needs two groups or more", "name every group that agreed: parties: [one, another]"));
        }
    }

    static void CheckEntities(AgreementSettings agreement, StreamSyncConfig config, ConfigMap? item, List<ConfigError> errors)
    {
        foreach (var (entity, place) in Values(item, "entities"))
        {
            var parts = entity.Split('/');
            if (parts.Length > 2)
            {
                errors.Add(new ConfigError(place, $"'{entity}' is no entity", "write the entity of the source URN, such as person, or tool and entity, such as mobilize/user"));
                continue;
            }

            foreach (var part in parts)
            {
                ConfigRules.CheckWord(part, "entities", place, errors);
            }

            if (parts.Length == 2 && config.Syncs.Count > 0 && !config.Syncs.Any(sync => sync.Connector == parts[0] && agreement.Parties.Contains(sync.Org)))
            {
                errors.Add(new ConfigError(place, $"no party has a sync of '{parts[0]}'", "write a connector that a party uses, or the entity alone for all of them"));
            }
        }

        if (item?.Find("entities") is { } entry && entry.Value is ConfigList { Items.Count: 0 })
        {
            errors.Add(new ConfigError(entry.Place, "'entities' names nothing, so nothing is shared", "name what takes part: entities: [person]"));
        }
    }

    static IEnumerable<(string Text, ConfigPlace Place)> Values(ConfigMap? item, string key) =>
        (item?.Find(key)?.Value as ConfigList)?.Items.OfType<ConfigScalar>().Where(value => value.Text is not null).Select(value => (value.Text!, value.Place)) ?? [];

    static ConfigMap? ItemAt(StreamSyncConfig config, ConfigPlace place) =>
        (config.Root.Find("sharing")?.Value as ConfigList)?.Items.OfType<ConfigMap>().FirstOrDefault(item => item.Place == place);
}
