using StreamSync.Contracts;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Processors.Standardiser;

/// <summary>Encodes entities of any kind, and finds the person reference in them.</summary>
sealed class EntityCodec
{
    readonly Func<IEntity, byte[]> _encode;
    readonly int _personRef;

    EntityCodec(EntityKind kind, Func<IEntity, byte[]> encode)
    {
        Topic = TopicCatalog.Entity(kind.Name).Name;
        _encode = encode;
        _personRef = kind.Name != "user_account" && ((Avro.RecordSchema)kind.Schema).TryGetField(kind.Name == "relationship" ? "to_person_ref" : "person_ref", out var field) ? field.Pos : -1;
    }

    /// <summary>Topic of the kind.</summary>
    public string Topic { get; }

    /// <summary>Codecs by kind word.</summary>
    public static IReadOnlyDictionary<string, EntityCodec> All(AvroCodecs codecs)
    {
        var make = typeof(EntityCodec).GetMethod(nameof(EncoderOf), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!;
        return TopicCatalog.EntityKinds.Values.ToDictionary(
            kind => kind.Name,
            kind => new EntityCodec(kind, (Func<IEntity, byte[]>)make.MakeGenericMethod(kind.ClrType).Invoke(null, [codecs, TopicCatalog.Entity(kind.Name)])!));
    }

    public byte[] Encode(IEntity entity) => _encode(entity);

    /// <summary>The person record that the entity is about; null for none.</summary>
    public string? PersonRefOf(IEntity entity) => _personRef < 0 ? null : (string?)entity.Get(_personRef);

    static Func<IEntity, byte[]> EncoderOf<T>(AvroCodecs codecs, TopicSpec topic)
        where T : class, IEntity
    {
        var codec = codecs.For<T>(topic);
        return entity => codec.Encode((T)entity);
    }
}
