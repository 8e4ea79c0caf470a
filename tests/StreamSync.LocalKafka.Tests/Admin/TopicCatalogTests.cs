using Microsoft.Extensions.Logging.Abstractions;
using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Tests.Log;

namespace StreamSync.LocalKafka.Tests.Admin;

public sealed class TopicCatalogTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("topics-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_partition_whose_directory_is_gone_is_told_once_and_begins_anew()
    {
        Assert.Empty(Open(catalog => catalog.Create([new WantedTopic("kept", 2, new Dictionary<string, string?>())], validateOnly: false)));
        Directory.Delete(Path.Combine(_directory, "kept-1"), recursive: true);
        var told = Assert.Single(Open(catalog => Assert.Equal(0, catalog.Partition("kept", 1)!.LogEndOffset)));
        Assert.Contains("kept-1: its directory is missing", told, StringComparison.Ordinal);
        Assert.Empty(Open(_ => { }));
    }

    // What was told when the topics were opened.
    List<string> Open(Action<TopicCatalog> then)
    {
        var said = new Said();
        using var store = LogStore.Open(_directory, TimeProvider.System, NullLogger.Instance);
        then(TopicCatalog.Open(_directory, store, FsyncPolicy.Never, said));
        return said.Lines;
    }
}
