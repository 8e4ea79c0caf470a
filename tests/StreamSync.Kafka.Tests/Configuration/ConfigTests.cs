using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Tests.Configuration;

public class ConfigTests
{
    const string Whole = """
        org: mi-wtp
        kafka:
          bootstrap: b1.example.org:9092, [::1]:9093
          registry: http://registry.example.org:8081
          registry_auth: ${env:REGISTRY}
          partitions: 6
          client: { security.protocol: sasl_ssl, sasl.username: streamsync, sasl.password: "${env:KAFKA_PASSWORD}" }
        broker: { port: 19092, registry_port: 18081 }
        console: { port: 0 }
        webhooks: { port: 9000 }
        warehouse: { kind: duckdb, path: /srv/w.duckdb, flush_ms: 500 }
        processors: { commit_ms: 250 }
        syncs:
          - id: van-files
            connector: van_files
            instance: c77
            owner: { name: Data desk, kind: hub, contact: data@example.org }
            promise: { freshness: 90s }
            streams: [contactscontacts, publicusers]
            settings: { folder: ./drops/van, time_zone: America/New_York, limit: 12, header: true, wait: 2h, tables: [a, b] }
            secrets: { token: "${env:VAN_TOKEN}" }
          - id: other
            connector: van_files
            org: ga-group
            instance: c78
        """;

    static readonly Dictionary<string, string> Env = new() { ["KAFKA_PASSWORD"] = "pw-1", ["VAN_TOKEN"] = "tk-2", ["REGISTRY"] = "u:p-3" };

    [Fact]
    public void A_whole_file_is_read_into_its_types()
    {
        var config = Parse(Whole);
        Assert.Equal("b1.example.org:9092, [::1]:9093", config.Kafka.Bootstrap);
        Assert.Equal(6, config.Kafka.Partitions);
        Assert.Equal("u:p-3", config.Kafka.RegistryAuth!.Reveal());
        Assert.Equal("pw-1", config.Kafka.Client["sasl.password"].Reveal());
        Assert.Equal((19092, 18081, 0, 9000), (config.Broker.Port, config.Broker.RegistryPort, config.Console.Port, config.Webhooks.Port));
        Assert.Equal(new WarehouseSettings { Path = "/srv/w.duckdb", FlushMs = 500 }, config.Warehouse);
        Assert.Equal(new ProcessorSettings { CommitMs = 250 }, config.Processors);
        var sync = config.Syncs[0];
        Assert.Equal(("van-files", "van_files", "mi-wtp", "c77"), (sync.Id, sync.Connector, sync.Org, sync.Instance));
        Assert.Equal(new OwnerSettings { Name = "Data desk", Kind = "hub", Contact = "data@example.org" }, sync.Owner);
        Assert.Equal(TimeSpan.FromSeconds(90), sync.Promise.Freshness);
        Assert.Equal(["contactscontacts", "publicusers"], sync.Streams!);
        Assert.Equal("tk-2", sync.Secrets["token"].Reveal());
        Assert.Equal("ga-group", config.Syncs[1].Org);
        Assert.Null(config.Syncs[1].Streams);
        Assert.Equal(new ConfigPlace("conf/streamsync.yaml", 3, 3), config.PlaceOf("kafka", "bootstrap"));
        Assert.Equal(new ConfigPlace("conf/streamsync.yaml", 2, 1), config.PlaceOf("kafka", "no_such_key"));
    }

    [Fact]
    public void An_empty_file_means_all_defaults()
    {
        var config = Parse("");
        Assert.Equal("embedded", config.Kafka.Bootstrap);
        Assert.Null(config.Kafka.Partitions);
        Assert.Equal(1, config.Kafka.DefaultPartitions);
        Assert.Equal(2, Parse("kafka: { bootstrap: 'b1:9092', registry: 'http://r:8081' }").Kafka.DefaultPartitions);
        Assert.Equal(8080, config.Console.Port);
        Assert.Equal(TimeSpan.FromMinutes(15), new PromiseSettings().Freshness);
        Assert.Empty(config.Syncs);
    }

    [Fact]
    public void The_defaults_that_the_reference_names_are_those_that_hold()
    {
        var types = new[] { typeof(KafkaSettings), typeof(BrokerSettings), typeof(ConsoleSettings), typeof(WebhookSettings), typeof(WarehouseSettings), typeof(ProcessorSettings), typeof(OwnerSettings) };
        foreach (var type in types)
        {
            var defaults = Activator.CreateInstance(type);
            foreach (var (key, property) in ConfigBinder.Keys(type).Where(k => k.Key.Default is not null))
            {
                Assert.Equal(key.Default, property.GetValue(defaults)?.ToString());
            }
        }
    }

    [Theory]
    [InlineData("kafka:\n  bootstrapp: embedded", 2, 3, "'kafka' has no key 'bootstrapp'", "did you mean 'bootstrap'?")]
    [InlineData("kafak: {}", 1, 1, "the file has no key 'kafak'", "did you mean 'kafka'?")]
    [InlineData("kafka: { zebra: 1 }", 1, 10, "'kafka' has no key 'zebra'", "remove it, or write one of: bootstrap, registry")]
    [InlineData("console:\n  port: eighty", 2, 9, "'port' is 'eighty', which is no whole number", "write digits only")]
    [InlineData("console:\n  port: 70000", 2, 9, "'port' is '70000', which is out of range", "write a number from 0 to 65535")]
    [InlineData("kafka: embedded", 1, 8, "'kafka' needs names with values", "name: value")]
    [InlineData("warehouse: { kind: duckbd }", 1, 20, "'kind' is 'duckbd', which is not among its words", "write one of: duckdb|did you mean 'duckdb'?")]
    [InlineData("kafka: { bootstrap: \"localhost\" }", 1, 21, "'bootstrap' holds an address that is no host:port", "write host:port")]
    [InlineData("kafka: { bootstrap: \"h:1,x:99999\" }", 1, 21, "'bootstrap' holds an address that is no host:port", "write host:port")]
    [InlineData("kafka: { registry: \"localhost:8081\" }", 1, 20, "'registry' is no URL", "write http://host:port")]
    [InlineData("kafka: { registry: \"http://u:hunter2@h:1\" }", 1, 20, "'registry' holds credentials", "registry_auth")]
    [InlineData("webhooks: { address: localhost }", 1, 22, "'address' of 'webhooks' is no IP address", "0.0.0.0")]
    [InlineData("kafka: { client: { acks: 0 } }", 1, 20, "'acks' is set by StreamSync itself", "remove it")]
    [InlineData("kafka: { client: { sasl.password: hunter2 } }", 1, 35, "'sasl.password' is a secret and must not stand in the file itself", "${env:NAME}")]
    [InlineData("org: a\norg: b", 2, 1, "'org' stands here for the second time", "the first is in line 1")]
    [InlineData("org: a/b", 1, 6, "'org' may hold letters, digits", "choose a plain word")]
    [InlineData("- a\n- b", 1, 1, "the file must hold names with values", "streamsync init")]
    [InlineData("org: a\n---\norg: b", 2, 1, "the file holds a second document", "merge")]
    [InlineData("org: ${env:NO_SUCH}", 1, 6, "the environment variable NO_SUCH is not set", "export NO_SUCH=")]
    [InlineData("org: ${file:/no/such/file}", 1, 6, "the file /no/such/file does not exist", "create it")]
    [InlineData("console: { port: \"${env:NO_SUCH}\" }", 1, 18, "the environment variable NO_SUCH is not set", "export NO_SUCH=")]
    [InlineData("org: ${vault:x}", 1, 6, "'${vault...}' is no reference", "${env:NAME}")]
    [InlineData("org: ${env:X", 1, 6, "a '${' has no closing '}'", "${env:NAME}")]
    public void What_is_wrong_is_told_with_place_and_remedy(string yaml, int line, int column, string message, string remedy)
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse(yaml)).Errors);
        Assert.Equal(("conf/streamsync.yaml", line, column), (error.File, error.Line, error.Column));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy.Split('|'), r => error.Remedy.Contains(r, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sharing_agreement_holds_on_its_days_for_what_it_names()
    {
        var config = Parse("sharing: [{ id: t, parties: [a, b], purpose: turnout, entities: [person, mobilize/user], from: 2026-01-02, until: 2026-11-03 }]\nidentity: { model: m.json, region: CA }");
        var agreement = Assert.Single(config.Sharing);
        Assert.Equal(("t", "turnout", new DateOnly(2026, 1, 2), new DateOnly(2026, 11, 3)), (agreement.Id, agreement.Purpose, agreement.From, agreement.Until));
        Assert.False(agreement.Holds(new DateTimeOffset(2026, 1, 1, 23, 59, 59, TimeSpan.Zero)));
        Assert.True(agreement.Holds(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)));
        Assert.True(agreement.Holds(new DateTimeOffset(2026, 11, 3, 23, 59, 59, TimeSpan.Zero)));
        Assert.False(agreement.Holds(new DateTimeOffset(2026, 11, 4, 0, 0, 0, TimeSpan.Zero)));
        Assert.True(agreement.Covers("a", "ngpvan", "person"));
        Assert.True(agreement.Covers("b", "mobilize", "user"));
        Assert.False(agreement.Covers("b", "action_network", "user"));
        Assert.False(agreement.Covers("c", "ngpvan", "person"));
        Assert.Equal(("m.json", "CA"), (config.Identity.Model, config.Identity.Region));
    }

    [Theory]
    [InlineData("{ id: t, parties: [a], purpose: p, entities: [person], from: 2026-01-01 }", 12, "an agreement needs two groups or more")]
    [InlineData("{ id: t, parties: [a, a], purpose: p, entities: [person], from: 2026-01-01 }", 12, "an agreement needs two groups or more")]
    [InlineData("{ id: t, parties: [a, bb], purpose: p, entities: [person], from: 2026-01-01 }", 25, "'bb' owns no sync of this file")]
    [InlineData("{ id: t, parties: [a, b], purpose: ' ', entities: [person], from: 2026-01-01 }", 29, "'purpose' is empty")]
    [InlineData("{ id: t, parties: [a, b], entities: [person], from: 2026-01-01 }", 3, "'purpose' is missing")]
    [InlineData("{ id: t, parties: [a, b], purpose: p, entities: [], from: 2026-01-01 }", 41, "'entities' names nothing")]
    [InlineData("{ id: t, parties: [a, b], purpose: p, entities: [x/y/z], from: 2026-01-01 }", 52, "'x/y/z' is no entity")]
    [InlineData("{ id: t, parties: [a, b], purpose: p, entities: [zoom/person], from: 2026-01-01 }", 52, "no party has a sync of 'zoom'")]
    [InlineData("{ id: t, parties: [a, b], purpose: p, entities: [person], from: 1.1.2026 }", 67, "'from' is '1.1.2026', which is no date")]
    [InlineData("{ id: t, parties: [a, b], purpose: p, entities: [person], from: 2026-02-01, until: 2026-01-01 }", 86, "'until' lies before 'from'")]
    [InlineData("{ id: t/1, parties: [a, b], purpose: p, entities: [person], from: 2026-02-01 }", 3, "'id' may hold letters, digits")]
    public void What_is_wrong_with_an_agreement_is_told(string agreement, int column, string message)
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse("syncs: [{ id: s, org: a, connector: mobilize, instance: x }, { id: r, org: b, connector: mobilize, instance: x }]\nsharing:\n- " + agreement)).Errors);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((3, column), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("{ connector: a, instance: x }", "'id' is missing in this item of 'syncs'")]
    [InlineData("{ id: s, instance: x }", "'connector' is missing in this item of 'syncs'")]
    [InlineData("{ id: s, connector: a }", "'instance' is missing in this item of 'syncs'")]
    [InlineData("{ id: a/b, connector: a, instance: x }", "'id' may hold letters, digits, '-', '_' and '.' only")]
    [InlineData("{ id: s, connector: a, instance: x, streams: [] }", "the sync 's' reads no stream")]
    [InlineData("{ id: s, connector: a, instance: x, streams: people }", "'streams' needs a list")]
    [InlineData("{ id: s, connector: a, instance: x, promise: { freshness: fast } }", "'freshness' is 'fast', which is no duration")]
    [InlineData("{ id: s, connector: a, instance: x, promise: { freshness: 15 } }", "'freshness' is '15', which is no duration")]
    [InlineData("{ id: s, connector: a, instance: x, owner: { kind: group } }", "'name' is missing in 'owner'")]
    [InlineData("{ id: s, connector: a, instance: x, secrets: { token: hunter2 } }", "'token' is a secret and must not stand in the file itself")]
    public void What_is_wrong_with_a_sync_is_told(string sync, string message)
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse("org: o\nsyncs:\n  - " + sync)).Errors);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Line);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sync_without_an_org_anywhere_is_refused()
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse("syncs: [{ id: s, connector: a, instance: x }]")).Errors);
        Assert.StartsWith("the sync 's' names no org", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_come_at_once_in_the_order_of_the_file()
    {
        var exception = Assert.Throws<ConfigException>(() => Parse("""
            orgg: x
            console: { port: -1 }
            syncs:
              - { id: s, connector: a, instance: x, secrets: { t: "${env:MISSING}" } }
              - { id: s, connector: b, instance: y }
            """));
        Assert.Equal([1, 2, 4, 4, 5, 5], exception.Errors.Select(e => e.Line));
        Assert.StartsWith("conf/streamsync.yaml:1:1: the file has no key 'orgg' - did you mean 'org'?", exception.Message, StringComparison.Ordinal);
        Assert.Contains(exception.Errors, e => e.Message == "a sync named 's' stands already in line 4");
    }

    [Theory]
    [InlineData("org: [a, b")]
    [InlineData("org: \"hunter2")]
    [InlineData("a: b: hunter2")]
    [InlineData("org: a\n  b: c\n")]
    [InlineData("? [a, b]\n: c")]
    [InlineData("a: *hunter2")]
    [InlineData("a: { name: D, contact: hunter2\nb: { c: 15m }\n")]
    public void Broken_yaml_is_told_with_its_place_and_without_its_text(string yaml)
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse(yaml)).Errors);
        Assert.InRange(error.Line, 1, 3);
        Assert.StartsWith("this is no valid YAML", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bottomless_nesting_is_an_error_not_a_crash()
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse("org: " + new string('[', 100_000))).Errors);
        Assert.Contains("nested too deeply", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_resolved_inside_texts_and_can_be_written_literally()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "secret"), "from-file\n");
            var yaml = "kafka: { client: { a: \"x-${env:A}-${file:./secret}-y\", b: \"$${env:A}\" } }";
            var client = StreamSyncConfig.Parse(yaml, Path.Combine(folder.FullName, "streamsync.yaml"), n => n == "A" ? "1" : null).Kafka.Client;
            Assert.Equal("x-1-from-file-y", client["a"].Reveal());
            Assert.Equal("${env:A}", client["b"].Reveal());
            Assert.Equal("***", client["a"].ToString());
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Fact]
    public void A_value_that_came_from_a_reference_is_never_quoted()
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => Parse("console: { port: \"${env:VAN_TOKEN}\" }")).Errors);
        Assert.Equal("'port' is ***, which is no whole number", error.Message);
    }

    [Fact]
    public void A_missing_file_is_told_with_its_remedy()
    {
        var error = Assert.Single(Assert.Throws<ConfigException>(() => StreamSyncConfig.Load("no-such.yaml")).Errors);
        Assert.Equal("no-such.yaml:1:1: there is no such file - name the file with --config FILE, or write one with 'streamsync init'", error.ToString());
    }

    [Fact]
    public void The_template_loads_as_it_is_and_with_its_examples_uncommented()
    {
        Assert.Empty(Parse(ConfigTemplate.Text).Syncs);
        var lines = ConfigTemplate.Text.Split('\n').Select(l => l.StartsWith("#  ", StringComparison.Ordinal) ? l[1..] : l == "syncs: []" ? "syncs:" : l).Select(l => l.TrimEnd());
        var text = string.Join('\n', lines).Replace("  # client:", "  client:", StringComparison.Ordinal).Replace("  #   s", "    s", StringComparison.Ordinal);
        var config = StreamSyncConfig.Parse(text, "streamsync.yaml", name => name.ToLowerInvariant());
        Assert.Equal(["van-files", "action-network"], config.Syncs.Select(s => s.Id));
        Assert.Equal("kafka_password", config.Kafka.Client["sasl.password"].Reveal());
        Assert.Equal("action_network_token", config.Syncs[1].Secrets["token"].Reveal());
    }

    static StreamSyncConfig Parse(string yaml) => StreamSyncConfig.Parse(yaml, "conf/streamsync.yaml", Env.GetValueOrDefault);
}
