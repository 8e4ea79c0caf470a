using System.Collections.Concurrent;
using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Kafka.Serdes;

/// <summary>The codecs of the process, one a topic.</summary>
public sealed class AvroCodecs
{
    readonly ConcurrentDictionary<string, object> _codecs = new();

    /// <summary>Codecs over a registry.</summary>
    /// <param name="ids">Its ids.</param>
    public AvroCodecs(SchemaIds ids) => Ids = ids;

    /// <summary>Ids of the registry.</summary>
    public SchemaIds Ids { get; }

    /// <summary>The codec of a topic of the catalogue.</summary>
    /// <typeparam name="T">Its generated class.</typeparam>
    /// <param name="topic">Topic.</param>
    public AvroCodec<T> For<T>(TopicSpec topic)
        where T : class, ISpecificRecord =>
        (AvroCodec<T>)_codecs.GetOrAdd(topic.Name, static (_, a) => new AvroCodec<T>(a.Ids, a.topic), (Ids, topic));

    /// <summary>The codec of a stream's topic.</summary>
    /// <param name="topic">Topic of the stream.</param>
    public SourceChangeCodec ForSource(TopicSpec topic) =>
        (SourceChangeCodec)_codecs.GetOrAdd(topic.Name, static (_, a) => new SourceChangeCodec(a.Ids, a.topic), (Ids, topic));
}
