using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Tests.Conformance;

[Collection(nameof(OnLocalKafka))]
public sealed class TranscriptsOnLocalKafka(LocalKafkaUnderTest broker) : TranscriptConformance(broker, isLocal: true)
{
    [Fact]
    public async Task Every_advertised_version_of_every_api_is_held_to_the_answers_of_Apache_Kafka()
    {
        await using var client = await ConnectAsync();
        var advertised = await client.SendAsync<ApiVersionsResponse>(ApiKey.ApiVersions, 4, new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" });
        var asked = Transcript.All.SelectMany(t => t.Steps).Select(s => Transcript.Request(s.Text)).OfType<TranscriptRequest>()
            .SelectMany(r => Enumerable.Range(r.From, r.To - r.From + 1).Select(v => (Wire.ApiDefinition.All[r.Api].Key, Version: v)))
            .ToHashSet();

        // Advertised from 0 so that librdkafka compresses, served from 3, as in Apache Kafka (KAFKA-18659).
        var served = advertised.Apis.SelectMany(a => Enumerable.Range(a.MinVersion, a.MaxVersion - a.MinVersion + 1).Select(v => (a.Key, Version: v)))
            .Where(a => a is not (Key: (short)ApiKey.Produce, Version: < 3));
        Assert.Empty(served.Except(asked));
    }
}

[Collection(nameof(OnApacheKafka))]
public sealed class TranscriptsOnApacheKafka(ApacheKafkaUnderTest broker) : TranscriptConformance(broker, isLocal: false);

/// <summary>Raw requests, answered field by field as Apache Kafka answers them: each API in each version, and what comes of misuse.</summary>
public abstract class TranscriptConformance(BrokerUnderTest broker, bool isLocal) : ConformanceTest(broker)
{
    public static TheoryData<string, string> Scenarios
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var transcript in Transcript.All)
            {
                data.Add(transcript.File, transcript.Name);
            }

            return data;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Scenarios))]
    public async Task Answers(string file, string scenario)
    {
        await using var run = new TranscriptRun(Broker, isLocal);
        await run.PlayAsync(Transcript.All.Single(t => t.File == file && t.Name == scenario));
    }
}
