using StreamSync.Clients.Tests.Broker;

namespace StreamSync.Clients.Tests.Clients;

/// <summary>kcat: librdkafka from C, as most of the world's non-Java clients use it.</summary>
[Collection(SharedBrokerCollection.Name)]
public sealed class KcatTests(SharedBroker broker)
{
    readonly string _topic = Tool.UniqueName("kcat");

    [SkippableTheory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task What_kcat_writes_with_any_codec_it_reads_back(string codec)
    {
        await CreateTopicAsync();
        var lines = Enumerable.Range(0, 500).Select(i => $"key-{i}:a value that repeats itself, a value that repeats itself, {i}").ToArray();
        await KcatAsync(string.Join('\n', lines) + "\n", "-P", "-t", _topic, "-p", "0", "-K", ":", "-z", codec, "-H", "codec=" + codec, "-X", "acks=all");

        var read = await KcatAsync(null, "-C", "-t", _topic, "-p", "0", "-o", "beginning", "-e", "-q", "-f", "%o %h %k:%s\n");
        Assert.Equal(lines.Select((line, i) => $"{i} codec={codec} {line}"), read.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [SkippableFact]
    public async Task A_group_of_kcat_reads_each_record_once_and_goes_on_where_it_stopped()
    {
        await CreateTopicAsync();
        await KcatAsync("1\n2\n3\n", "-P", "-t", _topic, "-p", "1", "-X", "enable.idempotence=true");
        Assert.Equal("1,2,3,", await GroupAsync());
        await KcatAsync("4\n5\n", "-P", "-t", _topic, "-p", "1", "-X", "enable.idempotence=true");
        Assert.Equal("4,5,", await GroupAsync());

        Task<string> GroupAsync() => KcatAsync(null, "-G", _topic, "-e", "-q", "-f", "%s,", "-X", "auto.offset.reset=earliest", _topic);
    }

    [SkippableFact]
    public async Task Kcat_lists_topics_and_asks_for_offsets_by_time()
    {
        await CreateTopicAsync();
        await KcatAsync("1\n2\n", "-P", "-t", _topic, "-p", "0");
        Assert.Contains($"topic \"{_topic}\" with 2 partitions", await KcatAsync(null, "-L", "-t", _topic), StringComparison.Ordinal);
        Assert.Equal($"{_topic} [0] offset 2\n", await KcatAsync(null, "-Q", "-t", $"{_topic}:0:-1"));
        Assert.Equal($"{_topic} [0] offset 0\n", await KcatAsync(null, "-Q", "-t", $"{_topic}:0:1"));
    }

    async Task CreateTopicAsync()
    {
        Skip.If(Tool.Find("kcat") is null, "kcat is not installed (Debian: apt-get install kcat)");
        await Topics.CreateAsync(broker.BootstrapServers, _topic, partitions: 2);
    }

    Task<string> KcatAsync(string? input, params string[] arguments) => Tool.RunAsync("kcat", ["-b", broker.BootstrapServers, .. arguments], input);
}
