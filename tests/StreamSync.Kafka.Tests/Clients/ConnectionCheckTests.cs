using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.TestBroker;

namespace StreamSync.Kafka.Tests.Clients;

[Collection(ClusterCollection.Name)]
public class ConnectionCheckTests(ClusterFixture fixture)
{
    static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    [SkippableFact]
    public async Task A_cluster_that_answers_passes()
    {
        await using var room = new KafkaRoom(fixture.Cluster);
        await ConnectionCheck.RequireAsync(room.Connection, KafkaRoom.Patience, room.Timeout);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_with_host_file_line_and_remedy()
    {
        var config = StreamSyncConfig.Parse("kafka:\n  bootstrap: 127.0.0.1:1\n  registry: http://127.0.0.1:1", "streamsync.yaml");
        var error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => ConnectionCheck.RequireAsync(KafkaConnection.From(config), Short, CancellationToken.None));
        Assert.StartsWith("streamsync.yaml:2:3: no Kafka broker answers at 127.0.0.1:1 (", error.Message, StringComparison.Ordinal);
        Assert.Contains("Connection refused", error.Message, StringComparison.Ordinal);
        Assert.Contains("mend 'kafka: bootstrap'", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_registry_that_is_away_is_named_with_host_file_line_and_remedy()
    {
        var config = StreamSyncConfig.Parse($"kafka:\n  bootstrap: {fixture.Cluster.BootstrapServers}\n  registry: http://127.0.0.1:1", "streamsync.yaml");
        var error = await Assert.ThrowsAsync<ClusterUnreachableException>(() => ConnectionCheck.RequireAsync(KafkaConnection.From(config), KafkaRoom.Patience, CancellationToken.None));
        Assert.StartsWith("streamsync.yaml:3:3: no schema registry answers at http://127.0.0.1:1 (", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_property_that_librdkafka_does_not_know_is_an_error_of_the_configuration()
    {
        var config = StreamSyncConfig.Parse("kafka:\n  bootstrap: 127.0.0.1:1\n  registry: http://127.0.0.1:1\n  client: { no.such.property: 1 }", "streamsync.yaml");
        var error = await Assert.ThrowsAsync<ConfigException>(() => ConnectionCheck.RequireAsync(KafkaConnection.From(config), Short, CancellationToken.None));
        Assert.Contains("no.such.property", Assert.Single(error.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Embedded_addresses_are_those_of_the_process_or_an_error_that_says_where_they_work()
    {
        var config = StreamSyncConfig.Parse("kafka: { partitions: 5, client: { client.rack: x } }", "streamsync.yaml");
        var connection = KafkaConnection.From(config, "127.0.0.1:9", "http://127.0.0.1:8");
        Assert.Equal(("127.0.0.1:9", "http://127.0.0.1:8", 5), (connection.BootstrapServers, connection.SchemaRegistryUrl, connection.Partitions));
        Assert.Equal("x", connection.Producer("c").ClientRack());
        Assert.Equal("127.0.0.1:9, registry http://127.0.0.1:8", connection.ToString());
        Assert.Equal(2, Assert.Throws<ConfigException>(() => KafkaConnection.From(config)).Errors.Count);
    }
}

static class ProducerConfigExtensions
{
    public static string ClientRack(this Confluent.Kafka.ClientConfig config) => config.Get("client.rack");
}
