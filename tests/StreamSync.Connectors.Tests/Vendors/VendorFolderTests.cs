using Avro;
using StreamSync.Connectors.Files;
using StreamSync.Connectors.Rest;
using StreamSync.Connectors.Runtime;
using StreamSync.Connectors.Webhook;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Tests.Vendors;

/// <summary>What every vendor folder must have; the folders are found, not listed.</summary>
public class VendorFolderTests
{
    static readonly ConnectorCatalog Catalog = new([new FileStyle(), new RestStyle(), new StreamSync.Connectors.Postgres.PostgresStyle(), new WebhookStyle(new WebhookListener(StreamSyncConfig.Parse("org: x\nsyncs: []\n", "x.yaml"), TimeProvider.System))]);

    public static TheoryData<string> Vendors => [.. Catalog.Vendors];

    [Fact]
    public void The_vendors_of_this_room_are_there() => Assert.Superset(new HashSet<string> { "ngpvan", "thrutext", "actblue", "csv_people" }, Catalog.Vendors.ToHashSet());

    [Theory]
    [MemberData(nameof(Vendors))]
    public void A_vendor_has_a_manifest_a_schema_for_each_stream_a_readme_and_samples(string vendor)
    {
        var errors = new List<ConfigError>();
        var manifest = Catalog.Find(vendor, errors);
        Assert.Empty(errors);
        Assert.NotNull(manifest);
        foreach (var stream in manifest.Streams)
        {
            var record = SourceSchemas.RecordOf(SourceSchemas.Load(vendor, stream.Name));
            Assert.All(record.Fields, f => Assert.False(string.IsNullOrWhiteSpace(f.Documentation), $"{vendor}.{stream.Name}.{f.Name} has no doc"));
        }

        Assert.True(new FileInfo(Path.Combine(manifest.Folder, "README.md")).Length > 200);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(manifest.Folder, "samples")));
        Assert.True(File.Exists(Path.Combine(manifest.Folder, "mapping.yaml")));
    }
}
