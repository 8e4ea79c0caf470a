using StreamSync.Connectors.Files;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Tests.Sdk;

public class ManifestTests
{
    [Fact]
    public void Everything_that_is_wrong_is_told_at_its_place_at_once()
    {
        var errors = Errors(
            """
            vendor: other
            title: A tool
            colour: blue
            settings:
              - {name: folder, type: paht, doc: Folder.}
            streams:
              - name: people
                style: file
                entity: person
                file: {patterns: [{glob: "*.csv"}], settle: soon}
              - name: people
                style: file
                entity: person
                id: [id]
                occurred_at: {field: at, zone: Mars/Olympus}
                file: {}
              - name: things
                style: carrier_pigeon
                id: [id]
            """);
        var told = errors.OrderBy(e => (e.Line, e.Column)).Select(e => $"{e.File}:{e.Line}:{e.Column}: {e.Message}");
        Assert.Equal(
            """
            tool/connector.yaml:1:1: the connector has no 'version'
            tool/connector.yaml:1:9: vendor is 'other' but the folder is 'tool'
            tool/connector.yaml:3:1: the connector has no key 'colour'
            tool/connector.yaml:5:26: 'type' of an item of 'settings' is 'paht'
            tool/connector.yaml:7:5: the stream 'people' has no unique ID
            tool/connector.yaml:10:49: 'settle' of 'file' of an item of 'streams' is 'soon'
            tool/connector.yaml:11:11: there are two streams 'people'
            tool/connector.yaml:15:36: 'Mars/Olympus' is no time zone of this machine
            tool/connector.yaml:16:11: the stream 'people' names no files
            tool/connector.yaml:17:5: an item of 'streams' has no 'entity'
            tool/connector.yaml:18:12: 'style' of an item of 'streams' is 'carrier_pigeon'
            """,
            string.Join('\n', told));
        Assert.All(errors, e => Assert.False(string.IsNullOrWhiteSpace(e.Remedy)));
    }

    [Fact]
    public void A_stream_without_a_unique_id_is_refused_with_what_to_do()
    {
        var error = Assert.Single(Errors(
            """
            vendor: tool
            title: A tool
            version: "1"
            streams:
              - name: people
                style: file
                entity: person
                file: {patterns: [{glob: "*.csv"}]}
            """));
        Assert.Equal("the stream 'people' has no unique ID", error.Message);
        Assert.Contains("[event_id, email, created_at]", error.Remedy, StringComparison.Ordinal);
    }

    static List<ConfigError> Errors(string yaml)
    {
        var errors = new List<ConfigError>();
        var root = ConfigDocument.Parse(yaml, "tool/connector.yaml", references: null, errors);
        using var style = new FileStyle();
        ManifestReader.Read(root, "/vendors/tool", new Dictionary<string, IStreamStyle> { ["file"] = style }, errors);
        return errors;
    }
}
