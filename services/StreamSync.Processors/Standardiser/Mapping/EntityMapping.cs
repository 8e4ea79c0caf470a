using Avro.Specific;
using StreamSync.Contracts;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Puts one field, or a few that belong together, into a record of the data standard.</summary>
delegate void Setter(ISpecificRecord target, MappingScope scope);

/// <summary>How the URN of an entity inside a record is made.</summary>
/// <param name="Entity">Entity word.</param>
/// <param name="Id">Parts of the id.</param>
sealed record UrnRule(string Entity, IReadOnlyList<Value> Id);

/// <summary>How records of a stream become entities of one kind.</summary>
sealed class EntityMapping
{
    readonly List<(int Position, string Name)> _required = [];
    readonly List<(int Position, Func<object> Empty)> _collections = [];

    /// <summary>Prepares a mapping.</summary>
    /// <param name="kind">Kind of entity.</param>
    public EntityMapping(EntityKind kind)
    {
        Kind = kind;
        foreach (var field in ((Avro.RecordSchema)kind.Schema).Fields)
        {
            if (field.Schema is Avro.ArraySchema or Avro.MapSchema)
            {
                _collections.Add((field.Pos, AvroTypes.EmptyOf(field.Schema)));
            }
            else if (field.Schema is Avro.PrimitiveSchema { Tag: Avro.Schema.Type.String })
            {
                _required.Add((field.Pos, field.Name));
            }
        }
    }

    public EntityKind Kind { get; }

    /// <summary>How the entity's URN is made; null when it is the change's own: then the entity belongs to that one record.</summary>
    public UrnRule? Urn { get; init; }

    /// <summary>The list inside the record that has one entity for each element; null for one entity a record.</summary>
    public Value? ForEach { get; init; }

    /// <summary>What must be true; null for always.</summary>
    public Value? When { get; init; }

    public required IReadOnlyList<Setter> Setters { get; init; }

    /// <summary>Makes the entity of the scope's current element; problems are noted in the scope.</summary>
    /// <param name="scope">The change.</param>
    /// <param name="urn">The entity's URN.</param>
    public IEntity Create(MappingScope scope, SourceUrn urn)
    {
        var entity = (IEntity)Activator.CreateInstance(Kind.ClrType)!;
        var change = scope.Change;
        entity.SourceUrn = urn.ToString();
        entity.Org = urn.Org;
        entity.Vendor = urn.Vendor;
        entity.Instance = urn.Instance;
        entity.SourceId = urn.Id;
        entity.SourceVersion = change.SourceVersion!;
        entity.ObservedAt = change.ObservedAt;
        entity.ChangeId = change.ChangeId;
        entity.Extras = Urn is null ? change.Extras! : null!;
        foreach (var set in Setters)
        {
            set(entity, scope);
        }

        foreach (var (position, empty) in _collections)
        {
            if (entity.Get(position) is null)
            {
                entity.Put(position, empty());
            }
        }

        if (entity.SourceUpdatedAt is null && RowVersion.TimeOf(change.SourceVersion) is { } updated)
        {
            entity.SourceUpdatedAt = updated;
        }

        foreach (var (position, name) in _required)
        {
            if (entity.Get(position) is null)
            {
                scope.Fail($"'{name}' is empty, and every {Kind.Name} must have it");
            }
        }

        return entity;
    }

    /// <summary>The entity's URN in the scope's current element; null, with a problem noted, when it has none.</summary>
    public SourceUrn? UrnOf(MappingScope scope, SourceUrn change)
    {
        if (Urn is null)
        {
            return change;
        }

        var parts = new string?[Urn.Id.Count];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Texts.Of(Urn.Id[i](scope));
        }

        if (SourceUrn.JoinId(parts) is null)
        {
            scope.Fail($"the {Kind.Name} inside the record has no id");
            return null;
        }

        return change.Sibling(Urn.Entity, parts);
    }
}
