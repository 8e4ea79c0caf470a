using StreamSync.Contracts;
using StreamSync.Contracts.Activity;
using StreamSync.Contracts.Entity;
using StreamSync.Contracts.Identity;
using StreamSync.Contracts.Ops;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>What the stages of program activity share.</summary>
sealed class ActivitySettings
{
    /// <summary>Decoders by topic.</summary>
    public required IReadOnlyDictionary<string, Func<byte[], IEntity>> Decoders { get; init; }

    public required AvroCodec<PersonMap> PersonMap { get; init; }

    public required AvroCodec<PersonReference> PersonReference { get; init; }

    /// <summary>Gives the id under which touches are written.</summary>
    public required Func<int> TouchSchema { get; init; }

    public required PartitionRoutes Routes { get; init; }

    public required SyncNames Syncs { get; init; }

    public required StageRun Run { get; init; }

    public string AccountTopic { get; } = TopicCatalog.Entity("user_account").Name;

    public string PersonMapTopic { get; } = TopicCatalog.PersonMap.Name;

    /// <summary>Id of the touch's schema; asked once.</summary>
    public int TouchSchemaId => field == 0 ? field = TouchSchema() : field;
}

/// <summary>The topology that brings every kind of contact into <c>activity.touch</c>, with its person and its canvasser.</summary>
static class ActivityTopology
{
    public const string Name = "activity";

    /// <summary>The topic between the stages, to which the second one also writes; with one partition there is none.</summary>
    public const string InputTopic = "streamsync-activity-" + ProgramStage.Input + "-repartition";

    /// <summary>Describes the topology.</summary>
    /// <param name="config">Configuration.</param>
    /// <param name="codecs">Codecs.</param>
    /// <param name="partitions">Partitions of the platform's topics.</param>
    /// <param name="run">What the stages share with the runner.</param>
    public static TopologyDefinition Define(StreamSyncConfig config, AvroCodecs codecs, int partitions, StageRun run)
    {
        var settings = new ActivitySettings
        {
            Decoders = new[]
            {
                Decoder<ContactAttempt>(codecs, "contact_attempt"),
                Decoder<Signup>(codecs, "signup"),
                Decoder<Donation>(codecs, "donation"),
                Decoder<Consent>(codecs, "consent"),
                Decoder<Registration>(codecs, "registration"),
                Decoder<SurveyResponse>(codecs, "survey_response"),
                Decoder<EarlyVote>(codecs, "early_vote"),
                Decoder<Relationship>(codecs, "relationship"),
                Decoder<UserAccount>(codecs, "user_account"),
            }.ToDictionary(d => d.Topic, d => d.Decode),
            PersonMap = codecs.For<PersonMap>(TopicCatalog.PersonMap),
            PersonReference = codecs.For<PersonReference>(TopicCatalog.PersonReference),
            TouchSchema = () => codecs.Ids.IdOf(TopicCatalog.Touch.ValueSubject, Touch._SCHEMA),
            Routes = new PartitionRoutes(partitions),
            Syncs = new SyncNames(config),
            Run = run,
        };
        return new TopologyDefinition(
            Name,
            [.. TouchMapper.Kinds.Append("user_account").Select(TopicCatalog.Entity), TopicCatalog.PersonMap, TopicCatalog.PersonReference, TopicCatalog.Touch, TopicCatalog.Quarantine, TopicCatalog.Finding],
            builder => Build(builder, settings, codecs.For<Finding>(TopicCatalog.Finding)));
    }

    static StageTopology Build(StageTopologyBuilder builder, ActivitySettings settings, AvroCodec<Finding> findings)
    {
        var touches = builder.Add(TouchStage.Name, builder.Read([.. settings.Decoders.Keys.Order(StringComparer.Ordinal)]), () => new TouchStage(settings));
        var input = StageTopologyBuilder.Merge(touches.Through(ProgramStage.Input), builder.Read(settings.PersonMapTopic));
        var program = builder.Add(ProgramStage.Name, input, () => new ProgramStage(settings), () => new ProgramState())
            .To(TopicCatalog.Touch.Name)
            .To(TopicCatalog.PersonReference.Name);
        if (settings.Routes.Partitions > 1)
        {
            program.To(InputTopic);
        }

        builder.Add(FindingStage.Name, program.Through(FindingCounter.Output), () => new FindingStage(findings), () => new PackedTable()).To(TopicCatalog.Finding.Name);
        return builder.Build();
    }

    static (string Topic, Func<byte[], IEntity> Decode) Decoder<T>(AvroCodecs codecs, string kind)
        where T : class, IEntity
    {
        var topic = TopicCatalog.Entity(kind);
        var codec = codecs.For<T>(topic);
        return (topic.Name, bytes => codec.Decode(bytes));
    }
}
