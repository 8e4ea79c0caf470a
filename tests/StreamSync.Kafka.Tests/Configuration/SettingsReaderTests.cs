using StreamSync.Kafka.Configuration;

namespace StreamSync.Kafka.Tests.Configuration;

public class SettingsReaderTests
{
    static readonly SettingDeclaration[] Declared =
    [
        new("folder", SettingType.Path, "Folder to watch.", Required: true),
        new("time_zone", SettingType.TimeZone, "Zone of the tool's local times.", Default: "UTC"),
        new("limit", SettingType.Integer, "Rows a second."),
        new("share", SettingType.Share, "Share of the rows.", Default: "0.2"),
        new("header", SettingType.Boolean, "First line holds names.", Default: "true"),
        new("wait", SettingType.Duration, "Time to wait."),
        new("url", SettingType.Url, "Address."),
        new("tables", SettingType.TextList, "Tables."),
        new("scopes", SettingType.TextMap, "Scopes."),
        new("mode", SettingType.Text, "Mode.", OneOf: ["full", "changes"]),
    ];

    [Fact]
    public void Values_come_typed_and_with_their_defaults()
    {
        var (reader, errors) = Read("{ folder: ./drops, limit: 12, wait: 2h, url: \"https://example.org/x\", tables: [a, b], scopes: { 77: \"0:MI\", \"80\": \"1:CO\" }, mode: full, share: 1 }");
        Assert.Empty(errors);
        Assert.Equal("/etc/streamsync/drops", reader.Get<string>("folder"));
        Assert.Equal(TimeZoneInfo.Utc, reader.Get<TimeZoneInfo>("time_zone"));
        Assert.Equal(12, reader.Get<long>("limit"));
        Assert.Equal(1, reader.Get<double>("share"));
        Assert.Equal(0.2, Read("{ folder: x }").Reader.Get<double>("share"));
        Assert.True(reader.Get<bool>("header"));
        Assert.Equal(TimeSpan.FromHours(2), reader.Get<TimeSpan?>("wait"));
        Assert.Equal(new Uri("https://example.org/x"), reader.Get<Uri>("url"));
        Assert.Equal(["a", "b"], reader.Get<IReadOnlyList<string>>("tables")!);
        Assert.Equal(new Dictionary<string, string> { ["77"] = "0:MI", ["80"] = "1:CO" }, reader.Get<Dictionary<string, string>>("scopes"));
        Assert.Equal("full", reader.Get<string>("mode"));
    }

    [Fact]
    public void An_absent_value_is_null() => Assert.Null(Read("{ folder: x }").Reader.Get<TimeSpan?>("wait"));

    [Theory]
    [InlineData("{}", "the sync 's' lacks the setting 'folder'")]
    [InlineData("{ folder: x, foldr: y }", "'settings' of the connector 'c' has no key 'foldr'")]
    [InlineData("{ folder: x, time_zone: Mars/Olympus }", "'time_zone' is 'Mars/Olympus', which is no time zone")]
    [InlineData("{ folder: x, url: \"ftp://h\" }", "'url' is 'ftp://h', which is no URL")]
    [InlineData("{ folder: x, limit: many }", "'limit' is 'many', which is no whole number")]
    [InlineData("{ folder: x, share: 1.5 }", "'share' is '1.5', which is no share")]
    [InlineData("{ folder: x, share: 90% }", "'share' is '90%', which is no share")]
    [InlineData("{ folder: x, share: -1 }", "'share' is '-1', which is no share")]
    [InlineData("{ folder: x, header: maybe }", "'header' is 'maybe', which is neither true nor false")]
    [InlineData("{ folder: [x] }", "'folder' needs a single value")]
    [InlineData("{ folder: x, mode: fulll }", "'mode' is 'fulll', which is not among its words")]
    [InlineData("{ folder: x, tables: { a: b } }", "'tables' needs a list")]
    [InlineData("{ folder: x, scopes: [a] }", "'scopes' needs texts by name")]
    [InlineData("{ folder: x, scopes: { a: [b] } }", "'scopes' needs texts by name")]
    public void What_the_connector_did_not_declare_or_can_not_read_is_told(string settings, string message)
    {
        var error = Assert.Single(Read(settings).Errors);
        Assert.Equal(message, error.Message);
        Assert.InRange(error.Line, 1, 1);
    }

    [Fact]
    public void Secrets_that_lack_or_that_nobody_asked_for_are_told()
    {
        var errors = Read("{ folder: x }", "{ tokn: \"${env:T}\" }", "token").Errors;
        Assert.Equal(["the sync 's' lacks the secret 'token'", "the connector 'c' takes no secret 'tokn'"], errors.Select(e => e.Message));
        Assert.Equal("did you mean 'token'?", errors[1].Remedy);
    }

    static (SettingsReader Reader, List<ConfigError> Errors) Read(string settings, string secrets = "{}", params string[] wanted)
    {
        var yaml = $"syncs: [{{ id: s, org: o, connector: c, instance: x, settings: {settings}, secrets: {secrets} }}]";
        var config = StreamSyncConfig.Parse(yaml, "/etc/streamsync/streamsync.yaml", _ => "value");
        var errors = new List<ConfigError>();
        return (SettingsReader.Read(config.Syncs[0], Declared, wanted, config.BaseDirectory, errors), errors);
    }
}
