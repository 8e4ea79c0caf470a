using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace StreamSync.TestBroker;

/// <summary>
/// One cluster for the tests of a class or collection (<c>IClassFixture</c> or <c>ICollectionFixture</c>). Tests that use it are
/// <c>SkippableFact</c>s: where the chosen Kafka can't run, they are skipped with the reason.
/// </summary>
/// <param name="messages">Where xunit takes what it prints.</param>
public sealed class ClusterFixture(IMessageSink messages) : IAsyncLifetime
{
    TestCluster? _cluster;
    SkipException? _skip;

    /// <summary>The cluster.</summary>
    /// <exception cref="SkipException">It can't run here.</exception>
    public TestCluster Cluster => _cluster ?? throw new SkipException(_skip?.Message ?? "the cluster was not started");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        try
        {
            _cluster = await TestCluster.StartAsync();
        }
        catch (SkipException e)
        {
            _skip = e;
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        messages.OnMessage(new DiagnosticMessage(_cluster is null ? $"skipped: {_skip?.Message}" : $"ran against {_cluster.Description}"));
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
