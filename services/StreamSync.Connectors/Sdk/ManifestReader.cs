using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>Turns a <c>connector.yaml</c> into a <see cref="ConnectorManifest"/>, or into errors at file:line:column, all at once.</summary>
static class ManifestReader
{
    static readonly Dictionary<string, SettingType> SettingTypes = new()
    {
        ["text"] = SettingType.Text,
        ["integer"] = SettingType.Integer,
        ["share"] = SettingType.Share,
        ["boolean"] = SettingType.Boolean,
        ["duration"] = SettingType.Duration,
        ["url"] = SettingType.Url,
        ["path"] = SettingType.Path,
        ["time_zone"] = SettingType.TimeZone,
        ["list"] = SettingType.TextList,
        ["map"] = SettingType.TextMap,
    };

    /// <param name="root">The file's tree.</param>
    /// <param name="folder">The vendor's folder; its name is the vendor.</param>
    /// <param name="styles">Styles by name.</param>
    /// <param name="errors">Takes every error.</param>
    /// <returns>The manifest; only to be used when no error was added.</returns>
    public static ConnectorManifest Read(ConfigMap root, string folder, IReadOnlyDictionary<string, IStreamStyle> styles, ICollection<ConfigError> errors)
    {
        var block = new BlockReader(root, "the connector", errors);
        var vendor = block.Text("vendor", required: true) ?? string.Empty;
        var expected = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (vendor.Length > 0 && vendor != expected)
        {
            block.Error($"vendor is '{vendor}' but the folder is '{expected}'", "give both one name: it is part of every source URN", block.Node("vendor")!.Place);
        }

        var settings = block.Maps("settings").Select(ReadSetting).ToList();
        var manifest = new ConnectorManifest
        {
            Vendor = vendor,
            Title = block.Text("title", required: true) ?? vendor,
            Version = block.Text("version", required: true) ?? string.Empty,
            Settings = settings,
            Secrets = [.. block.Maps("secrets").Select(ReadSecret)],
            RateLimit = ReadRateLimit(block.Map("rate_limit")),
            Folder = folder,
            Streams = ReadStreams(block, settings, styles),
        };
        block.Done();
        return manifest;
    }

    static SettingDeclaration ReadSetting(BlockReader block)
    {
        var type = block.Word("type", [.. SettingTypes.Keys]) ?? "text";
        var oneOf = block.Texts("one_of");
        var setting = new SettingDeclaration(
            block.Text("name", required: true) ?? string.Empty,
            SettingTypes[type],
            block.Text("doc", required: true) ?? string.Empty,
            block.Flag("required"),
            block.Text("default"),
            oneOf.Count == 0 ? null : oneOf);
        block.Done();
        return setting;
    }

    static SecretDeclaration ReadSecret(BlockReader block)
    {
        var secret = new SecretDeclaration(block.Text("name", required: true) ?? string.Empty, block.Flag("required", absent: true), block.Text("doc", required: true) ?? string.Empty);
        block.Done();
        return secret;
    }

    static RateLimitOptions? ReadRateLimit(BlockReader? block)
    {
        if (block is null)
        {
            return null;
        }

        var requests = (int)block.Number("requests", 1, 1, 1_000_000);
        var limit = new RateLimitOptions(requests, block.Duration("per", TimeSpan.FromSeconds(1)), (int)block.Number("burst", requests, 1, 1_000_000));
        block.Done();
        return limit;
    }

    static List<StreamManifest> ReadStreams(BlockReader block, List<SettingDeclaration> settings, IReadOnlyDictionary<string, IStreamStyle> styles)
    {
        var streams = new List<StreamManifest>();
        foreach (var item in block.Maps("streams"))
        {
            var stream = ReadStream(item, settings, styles);
            if (streams.Any(s => s.Name == stream.Name))
            {
                item.Error($"there are two streams '{stream.Name}'", "give each its own name", item.Node("name")?.Place);
            }

            streams.Add(stream);
        }

        if (streams.Count == 0)
        {
            block.Error("the connector has no streams", "add 'streams:' with at least one item");
        }

        return streams;
    }

    static StreamManifest ReadStream(BlockReader item, List<SettingDeclaration> settings, IReadOnlyDictionary<string, IStreamStyle> styles)
    {
        var name = item.Text("name", required: true) ?? string.Empty;
        var id = item.Texts("id");
        if (id.Count == 0)
        {
            item.Error(
                $"the stream '{name}' has no unique ID",
                "add 'id: [field, ...]' with the fields that together are unique in the tool; when it really has none, declare a composite such as [event_id, email, created_at]",
                item.Node("id")?.Place);
        }

        var stream = new StreamManifest
        {
            Name = name,
            Style = item.Word("style", [.. styles.Keys]) ?? string.Empty,
            Entity = item.Text("entity", required: true) ?? string.Empty,
            Id = id,
            UpdatedAt = ReadTime(item, "updated_at", settings),
            OccurredAt = ReadTime(item, "occurred_at", settings),
            Volatile = item.Texts("volatile"),
            Partial = item.Flag("partial"),
            RowState = item.Flag("row_state", absent: true),
            Place = item.Place,
        };
        if (styles.TryGetValue(stream.Style, out var style))
        {
            var options = item.Map(style.Name) ?? item.Empty(style.Name);
            stream = stream with { Options = style.ReadOptions(options, stream) };
            options.Done();
        }
        else if (item.Node("style") is null)
        {
            item.Error($"the stream '{name}' has no 'style'", $"use one of: {string.Join(", ", styles.Keys)}");
        }

        item.Done();
        return stream;
    }

    static TimeRule? ReadTime(BlockReader item, string key, List<SettingDeclaration> settings)
    {
        switch (item.Node(key))
        {
            case null:
                return null;
            case ConfigScalar:
                return item.Text(key) is { } path ? new TimeRule(path, null, null, null) : null;
        }

        if (item.Map(key) is not { } block)
        {
            return null;
        }

        var rule = new TimeRule(
            block.Text("field", required: true) ?? string.Empty,
            ReadZone(block, "zone", settings),
            ReadZone(block, "local", settings),
            block.Word("unit", "seconds", "milliseconds", "microseconds"));
        block.Done();
        return rule;
    }

    static string? ReadZone(BlockReader block, string key, List<SettingDeclaration> settings)
    {
        var zone = block.Text(key);
        if (zone is null || zone.StartsWith(TimeRule.FieldPrefix, StringComparison.Ordinal))
        {
            return zone;
        }

        if (zone.StartsWith(TimeRule.SettingPrefix, StringComparison.Ordinal))
        {
            var name = zone[TimeRule.SettingPrefix.Length..];
            if (!settings.Any(s => s.Name == name && s.Type == SettingType.TimeZone))
            {
                block.Error($"'{key}' names the setting '{name}', which is none of type time_zone", $"declare it: settings: [{{name: {name}, type: time_zone, ...}}]", block.Node(key)!.Place);
            }
        }
        else if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            block.Error($"'{zone}' is no time zone of this machine", "write an IANA name such as America/Detroit, setting:NAME or field:PATH; a machine without zones needs the package tzdata", block.Node(key)!.Place);
        }

        return zone;
    }
}
