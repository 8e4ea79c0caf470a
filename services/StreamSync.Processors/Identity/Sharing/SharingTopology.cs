using StreamSync.Contracts;
using StreamSync.Contracts.Identity;
using StreamSync.Identity;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Sharing;

/// <summary>
/// The topology that finds people whom groups with a sharing agreement both know. Each agreement has a space of its own, in which the same stages
/// work as in identity resolution, on the records that the agreement covers and on nothing else: people of an org never depend on what others
/// hold, and what is known under one agreement reaches no party of another.
/// </summary>
static class SharingTopology
{
    public const string Name = "sharing";

    /// <summary>The topic that tells whether there ever was an agreement: what crossed must be taken back when the last is gone.</summary>
    public static string Memory { get; } = StageTopologyBuilder.ChangelogOf(TopologyDefinition.ApplicationIdOf(Name), ShareStage.Name);

    /// <summary>Describes the topology.</summary>
    /// <param name="agreements">Declared agreements, those included that do not hold yet or any more.</param>
    /// <param name="codecs">Codecs.</param>
    /// <param name="partitions">Partitions of the platform's topics.</param>
    /// <param name="run">What the stages share with the runner.</param>
    /// <param name="model">Weights and threshold; null for the shipped ones.</param>
    /// <param name="region">ISO region of telephone numbers without country code.</param>
    public static TopologyDefinition Define(IReadOnlyList<AgreementSettings> agreements, AvroCodecs codecs, int partitions, StageRun run, IdentityModel? model = null, string region = "US")
    {
        var settings = IdentitySettings.Of(codecs, partitions, run, model, region, desk: null);
        var rows = codecs.For<SharedPerson>(TopicCatalog.SharedPerson);
        return new TopologyDefinition(Name, [TopicCatalog.Entity("person"), TopicCatalog.IdentityDecision, TopicCatalog.SharedPerson, TopicCatalog.Quarantine], builder => Build(builder, settings, agreements, rows));
    }

    static StageTopology Build(StageTopologyBuilder builder, IdentitySettings settings, IReadOnlyList<AgreementSettings> agreements, AvroCodec<SharedPerson> rows)
    {
        var shares = builder.Add(ShareStage.Name, builder.Read(TopicCatalog.Entity("person").Name, settings.DecisionTopic), () => new ShareStage(settings, agreements), () => new PackedTable());
        var records = shares.Through(GraphMessage.Output);
        var matches = builder.Add(MatchStage.Name, shares.Through(MatchStage.Input), () => new MatchStage(desk: null), () => new MatchState(settings.Model));
        var links = matches.Through(GraphMessage.LinkOutput);
        builder.Add(
                GraphStage.Name, StageTopologyBuilder.Merge(records, links),
                () => new GraphStage(settings, context => new SharedPublisher(context, rows, settings.Run.Clock)), () => new GraphState(settings.Model, settings.Region))
            .To(TopicCatalog.SharedPerson.Name);
        return builder.Build();
    }
}
