using StreamSync.TestBroker;

namespace StreamSync.Acceptance.Tests;

/// <summary>
/// A folder of its own with a configuration, on the embedded broker of the process under test or, when the environment chooses another
/// Kafka, on that one.
/// </summary>
sealed class Workplace : IAsyncDisposable
{
    readonly TestCluster? _cluster;

    Workplace(TestCluster? cluster)
    {
        _cluster = cluster;
        Root = Directory.CreateTempSubdirectory("streamsync-acceptance-").FullName;
    }

    public string Root { get; }

    public string Data => Path.Combine(Root, "data");

    public string Drops => Path.Combine(Root, "drops");

    public string Config => Path.Combine(Root, "streamsync.yaml");

    /// <summary>Makes the folder; <paramref name="syncs"/> is the YAML of the syncs, indented by two.</summary>
    public static async Task<Workplace> CreateAsync(string syncs)
    {
        var chosen = Environment.GetEnvironmentVariable(TestCluster.Variable);
        var place = new Workplace(chosen is null or "" or "local" ? null : await TestCluster.StartAsync());
        Directory.CreateDirectory(place.Drops);
        var kafka = place._cluster is { } cluster ? $"kafka: {{ bootstrap: \"{cluster.BootstrapServers}\", registry: \"{cluster.RegistryUrl}\" }}\n" : string.Empty;
        await File.WriteAllTextAsync(place.Config, $"org: test\n{kafka}console: {{ port: 0 }}\nsyncs:\n{syncs}\n");
        return place;
    }

    /// <summary>A sync of VAN's tables from the drop folder.</summary>
    public const string Canvass = """
          - id: canvass
            connector: ngpvan
            instance: tsm
            owner: { name: Field team, contact: field@example.org }
            settings: { folder: ./drops, time_zone: America/Detroit }
        """;

    /// <summary>Brings a file into the drop folder at once, as careful exporters do.</summary>
    public void Drop(string name, IEnumerable<string> lines)
    {
        var part = Path.Combine(Root, name + ".part");
        File.WriteAllLines(part, lines);
        File.Move(part, Path.Combine(Drops, name), overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        Directory.Delete(Root, recursive: true);
    }
}
