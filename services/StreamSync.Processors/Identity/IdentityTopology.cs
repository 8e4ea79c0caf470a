using StreamSync.Contracts;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Identity;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Identity.Evidence;
using StreamSync.Processors.Streaming;
using Decision = StreamSync.Contracts.Identity.IdentityDecision;

namespace StreamSync.Processors.Identity;

/// <summary>What the stages of identity resolution share.</summary>
sealed class IdentitySettings
{
    public required IdentityModel Model { get; init; }

    /// <summary>ISO region of telephone numbers without country code.</summary>
    public required string Region { get; init; }

    public required AvroCodec<Person> Person { get; init; }

    public required AvroCodec<Decision> Decision { get; init; }

    public required AvroCodec<PersonMap> PersonMap { get; init; }

    public required AvroCodec<ResolvedPerson> Resolved { get; init; }

    public required AvroCodec<IdentityChange> Change { get; init; }

    public required PartitionRoutes Routes { get; init; }

    public required StageRun Run { get; init; }

    /// <summary>Where others ask the stages; null when nobody does.</summary>
    public EvidenceDesk? Desk { get; init; }

    /// <summary>Settings of stages that go by a model.</summary>
    public static IdentitySettings Of(AvroCodecs codecs, int partitions, StageRun run, IdentityModel? model, string region, EvidenceDesk? desk) => new()
    {
        Model = model ?? IdentityModel.Default,
        Region = region,
        Person = codecs.For<Person>(TopicCatalog.Entity("person")),
        Decision = codecs.For<Decision>(TopicCatalog.IdentityDecision),
        PersonMap = codecs.For<PersonMap>(TopicCatalog.PersonMap),
        Resolved = codecs.For<ResolvedPerson>(TopicCatalog.ResolvedPerson),
        Change = codecs.For<IdentityChange>(TopicCatalog.IdentityChange),
        Routes = new PartitionRoutes(partitions),
        Run = run,
        Desk = desk,
    };

    public string ReferenceTopic { get; } = TopicCatalog.PersonReference.Name;

    public string DecisionTopic { get; } = TopicCatalog.IdentityDecision.Name;
}

/// <summary>The topology that says which records are one person: the two stages of the identity engine, and one before that finds match keys.</summary>
static class IdentityTopology
{
    public const string Name = "identity";

    /// <summary>Describes the topology.</summary>
    /// <param name="codecs">Codecs.</param>
    /// <param name="partitions">Partitions of the platform's topics.</param>
    /// <param name="run">What the stages share with the runner.</param>
    /// <param name="model">Weights and threshold; null for the shipped ones.</param>
    /// <param name="region">ISO region of telephone numbers without country code.</param>
    /// <param name="desk">Where others ask the stages; null when nobody does.</param>
    public static TopologyDefinition Define(AvroCodecs codecs, int partitions, StageRun run, IdentityModel? model = null, string region = "US", EvidenceDesk? desk = null)
    {
        var settings = IdentitySettings.Of(codecs, partitions, run, model, region, desk);
        return new TopologyDefinition(
            Name,
            [TopicCatalog.Entity("person"), TopicCatalog.IdentityDecision, TopicCatalog.PersonReference, TopicCatalog.PersonMap, TopicCatalog.ResolvedPerson, TopicCatalog.IdentityChange, TopicCatalog.Quarantine, TopicCatalog.Finding],
            builder => Build(builder, settings, codecs.For<Finding>(TopicCatalog.Finding)));
    }

    static StageTopology Build(StageTopologyBuilder builder, IdentitySettings settings, AvroCodec<Finding> findings)
    {
        var keys = builder.Add(KeyStage.Name, builder.Read(TopicCatalog.Entity("person").Name, settings.DecisionTopic, settings.ReferenceTopic), () => new KeyStage(settings), () => new PackedTable());
        keys.To(TopicCatalog.IdentityChange.Name);
        var byOrg = keys.Through(GraphMessage.Output);
        var matches = builder.Add(MatchStage.Name, keys.Through(MatchStage.Input), () => new MatchStage(settings.Desk), () => new MatchState(settings.Model), mayWorkBeside: true);
        var links = matches.Through(GraphMessage.LinkOutput);
        var graph = builder.Add(GraphStage.Name, StageTopologyBuilder.Merge(byOrg, links), () => new GraphStage(settings, context => new PeoplePublisher(context, settings)), () => new GraphState(settings.Model, settings.Region), mayWorkBeside: true)
            .To(TopicCatalog.PersonMap.Name)
            .To(TopicCatalog.ResolvedPerson.Name)
            .To(TopicCatalog.IdentityChange.Name);
        builder.Add(FindingStage.Name, graph.Through(FindingCounter.Output), () => new FindingStage(findings), () => new PackedTable()).To(TopicCatalog.Finding.Name);
        return builder.Build();
    }
}
