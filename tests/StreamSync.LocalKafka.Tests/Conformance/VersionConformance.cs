using System.Buffers.Binary;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Tests.Conformance;

[Collection(nameof(OnLocalKafka))]
public sealed class VersionsOnLocalKafka(LocalKafkaUnderTest broker) : VersionConformance(broker);

[Collection(nameof(OnApacheKafka))]
public sealed class VersionsOnApacheKafka(ApacheKafkaUnderTest broker) : VersionConformance(broker);

/// <summary>Versions and APIs that are not served.</summary>
public abstract class VersionConformance(BrokerUnderTest broker) : ConformanceTest(broker)
{
    [SkippableFact]
    public async Task ApiVersions_of_the_future_is_answered_in_version_0_with_what_is_served()
    {
        await using var client = await ConnectAsync();
        await client.SendOnlyAsync(ApiKey.ApiVersions, 99, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
        var frame = (await client.ReadFrameAsync())!.AsMemory(4);
        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)BinaryPrimitives.ReadInt16BigEndian(frame.Span));
        var count = BinaryPrimitives.ReadInt32BigEndian(frame.Span[2..]);
        Assert.Equal(6 + 6 * count, frame.Length);
        var keys = Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadInt16BigEndian(frame.Span[(6 + 6 * i)..]));
        Assert.Contains((short)ApiKey.ApiVersions, keys);

        // The client may ask again on the same connection.
        var known = await client.SendAsync<ApiVersionsResponse>(ApiKey.ApiVersions, 3, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
        Assert.Equal(ErrorCode.None, known.Error);
    }

    [SkippableTheory]
    [InlineData((short)ApiKey.Metadata, 99)]
    [InlineData((short)ApiKey.Produce, 2)]
    [InlineData((short)ApiKey.Fetch, 3)]
    [InlineData((short)ApiKey.Metadata, -1)]
    [InlineData((short)999, 0)]
    [InlineData((short)-1, 0)]
    public async Task Any_other_version_or_api_that_is_not_served_closes_the_connection(short key, short version)
    {
        await using var client = await ConnectAsync();
        await client.SendOnlyAsync((ApiKey)key, version, new ApiVersionsRequest());
        Assert.True(await client.IsClosedByBrokerAsync());
    }
}
