using Streamiz.Kafka.Net;
using Streamiz.Kafka.Net.Processors.Public;
using Streamiz.Kafka.Net.SerDes;
using Streamiz.Kafka.Net.Stream;

namespace StreamSync.Processors.Streaming;

/// <summary>An internal topic of a topology, which is made before Streamiz looks for it.</summary>
/// <param name="Name">Name, with the application's id.</param>
/// <param name="Compacted">True for a changelog; false for a topic between stages, whose consumed records Streamiz deletes.</param>
sealed record InternalTopic(string Name, bool Compacted);

/// <summary>A topology that can be run.</summary>
/// <param name="ApplicationId">Consumer group, and start of the internal topics' names.</param>
/// <param name="Sources">Topics that it reads.</param>
/// <param name="Targets">Topics that it writes.</param>
/// <param name="Internals">Its internal topics.</param>
/// <param name="Topology">What Streamiz runs; it can be run once.</param>
sealed record StageTopology(string ApplicationId, IReadOnlyList<string> Sources, IReadOnlyList<string> Targets, IReadOnlyList<InternalTopic> Internals, Topology Topology);

/// <summary>Builds a topology out of stages. Records are bytes all the way: stages decode, once.</summary>
/// <param name="applicationId">Consumer group, and start of the internal topics' names.</param>
/// <param name="run">What the stages share.</param>
/// <param name="partitions">Partitions of the platform's topics.</param>
sealed class StageTopologyBuilder(string applicationId, StageRun run, int partitions)
{
    readonly StreamBuilder _builder = new();
    readonly List<string> _sources = [];
    readonly HashSet<string> _targets = [];
    readonly List<InternalTopic> _internals = [];
    int _stages;

    /// <summary>The topic that keeps a stage's state.</summary>
    public static string ChangelogOf(string applicationId, string stage) => $"{applicationId}-{stage}-changelog";

    /// <summary>Reads topics, all with one number of partitions; their equal partitions meet in one task.</summary>
    public IKStream<byte[], byte[]> Read(params IReadOnlyList<string> topics)
    {
        _sources.AddRange(topics);
        return Merge([.. topics.Select(topic => _builder.Stream(topic, new ByteArraySerDes(), new ByteArraySerDes(), topic)
            // Streamiz drops records without key before a stage that has state; a stage must see them.
            .Map(static (key, value, _) => KeyValuePair.Create(key ?? [], value), topic + "-keyed"))]);
    }

    /// <summary>Joins streams as a balanced tree, so that no record passes many nodes.</summary>
    public static IKStream<byte[], byte[]> Merge(params IReadOnlyList<IKStream<byte[], byte[]>> streams) => streams.Count switch
    {
        0 => throw new ArgumentException("a stage needs an input", nameof(streams)),
        1 => streams[0],
        var count => Merge([.. streams.Take(count / 2)]).Merge(Merge([.. streams.Skip(count / 2)])),
    };

    /// <summary>Adds a stage.</summary>
    /// <param name="name">Name, unique in the topology.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="create">Makes it, for each task.</param>
    /// <param name="state">Makes its state; null when it keeps nothing.</param>
    /// <param name="mayWorkBeside">True for a stage with state whose work is worth a thread of its own.</param>
    public Stage Add(string name, IKStream<byte[], byte[]> input, Func<IStage> create, Func<IStageState>? state = null, bool mayWorkBeside = false)
    {
        var transformer = TransformerBuilder.New<byte[], byte[], byte[], byte[]>()
            .Transformer<StageTransformer>(new StageFactory(name, create, state is null ? null : name, run, _stages++, mayWorkBeside && run.WorksBeside));
        if (state is not null)
        {
            transformer.StateStore(new StageStore.Builder(name, state, run));
            _internals.Add(new InternalTopic(ChangelogOf(applicationId, name), true));
        }

        var stage = new Stage(this, name, input.Transform(transformer.Build(), name));
        return stage.To(StageOutputs.Quarantine);
    }

    /// <summary>The finished topology.</summary>
    public StageTopology Build() => new(applicationId, _sources, [.. _targets], _internals, _builder.Build());

    /// <summary>A stage whose outputs can be connected.</summary>
    public sealed class Stage(StageTopologyBuilder owner, string name, IKStream<byte[], byte[]> stream)
    {
        /// <summary>Connects the output of a topic's name to that topic.</summary>
        public Stage To(string topic)
        {
            stream.To(topic, new ByteArraySerDes(), new ByteArraySerDes(), StageOutputs.Node(name, topic));
            owner._targets.Add(topic);
            return this;
        }

        /// <summary>
        /// Leads an output to the next stage: through a topic that brings equal keys together, or, where there is one partition and they are
        /// together, at once.
        /// </summary>
        /// <param name="output">Name of the output.</param>
        public IKStream<byte[], byte[]> Through(string output)
        {
            var records = stream.Filter(static (_, _, _) => true, StageOutputs.Node(name, output));
            if (owner.Partitions == 1)
            {
                return records;
            }

            owner._internals.Add(new InternalTopic($"{owner.ApplicationId}-{output}-repartition", false));
            return records.Repartition(Repartitioned<byte[], byte[]>.With(new ByteArraySerDes(), new ByteArraySerDes()).WithName(output));
        }
    }

    string ApplicationId => applicationId;

    int Partitions => partitions;
}
