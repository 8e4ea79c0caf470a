namespace StreamSync.Clients.Tests.Broker;

/// <summary>One broker for all clients; each takes topics and groups of its own.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
    readonly string _folder = Directory.CreateTempSubdirectory("streamsync-clients-").FullName;
    BrokerProcess? _broker;

    /// <summary>Address for clients.</summary>
    public string BootstrapServers => _broker!.BootstrapServers;

    /// <summary>Address of the schema registry beside it.</summary>
    public Uri Registry => _broker!.Registry;

    /// <inheritdoc/>
    public async Task InitializeAsync() => _broker = await BrokerProcess.StartAsync(Path.Combine(_folder, "data"));

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        // No client may have driven it to a warning, let alone out of life.
        var code = await _broker!.StopAsync();
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        Assert.Equal((0, ""), (code, _broker.Errors.Trim()));
    }
}

[CollectionDefinition(Name)]
public sealed class SharedBrokerCollection : ICollectionFixture<SharedBroker>
{
    public const string Name = "clients nobody here wrote";
}
