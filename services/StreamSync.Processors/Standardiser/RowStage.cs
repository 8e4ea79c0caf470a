using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Avro.Generic;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;
using StreamSync.Kafka.Serdes;
using StreamSync.Processors.Standardiser.Mapping;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>
/// Turns vendor records into entities: guards their order, completes partial changes from what is known, maps, normalises, and sends what
/// can't be used to quarantine.
/// </summary>
sealed class RowStage(StandardiserSettings settings) : IStage
{
    public const string Name = "standardiser";

    readonly PackWriter _writer = new();
    readonly MappingScope _scope = new();
    readonly List<EmittedEntity> _emitted = [];
    readonly EntityNormaliser _normaliser = new();
    IStageContext _context = null!;
    PackedTable _rows = null!;
    FindingCounter _findings = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _rows = context.State<PackedTable>();
        _findings = new FindingCounter(context, _rows, settings.Run.Clock);
    }

    public void Process(in StageRecord record)
    {
        var stream = settings.Streams[record.Topic];
        var key = Encoding.UTF8.GetString(record.Key);
        if (!SourceUrn.TryParse(key, out var urn))
        {
            Quarantine(record, stream, null, "no_source_urn", "the record's key is no source URN", "write source topics with connectors of the platform only");
            return;
        }

        var known = _rows.TryGet(record.Key, out var packed) ? RowState.FromBytes(packed) : null;
        if (record.Value is null)
        {
            if (known is { Deleted: false })
            {
                Delete(record, urn, stream, known, null);
            }

            return;
        }

        SourceChange change;
        try
        {
            change = stream.Codec.Decode(record.Value);
        }
        catch (Exception e) when (e is InvalidDataException or Avro.AvroException or FormatException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            Quarantine(record, stream, null, "undecodable", "the value is no change of this stream", "see which program wrote it; replay the entry after mending it");
            return;
        }

        if (IsStale(known, change))
        {
            return;
        }

        if (change.Op == ChangeOp.Delete || (change.Op == ChangeOp.Merge && change.After is null))
        {
            Delete(record, urn, stream, known, change);
        }
        else if (change.After is { } after)
        {
            Upsert(record, urn, stream, known, change, after);
        }
        else
        {
            Quarantine(record, stream, null, "no_record", "the change carries no record", "report it to whoever keeps the connector");
        }
    }

    /// <summary>A redelivery, an older version than the known one, or a snapshot's row that is no newer.</summary>
    static bool IsStale(RowState? known, SourceChange change)
    {
        if (known is null)
        {
            return false;
        }

        if (known.Change == HashOf(change.ChangeId))
        {
            return true;
        }

        return known.Version is { } last && RowVersion.Of(change.SourceVersion) is { } version
            && (version < last || (version == last && change.Op == ChangeOp.Read && !known.Deleted));
    }

    void Upsert(in StageRecord record, SourceUrn urn, StreamContext stream, RowState? known, SourceChange change, GenericRecord after)
    {
        var complete = stream.Mapping.Partial ? Completed(stream, known, change, after) : after;
        _scope.Start(change, complete, stream.SettingsOf(change.Source.SyncId));
        _emitted.Clear();
        foreach (var mapping in stream.Mapping.Mappings)
        {
            _scope.Current = complete;
            if (mapping.ForEach is null)
            {
                Map(record, urn, stream, known, mapping);
            }
            else if (mapping.ForEach(_scope) is System.Collections.IList elements)
            {
                foreach (var element in elements)
                {
                    _scope.Current = element;
                    Map(record, urn, stream, known, mapping);
                }
            }
        }

        Withdraw(urn, known);
        _rows.Put(record.Key, new RowState
        {
            Version = Later(known?.Version, RowVersion.Of(change.SourceVersion)),
            Change = HashOf(change.ChangeId),
            Entities = _emitted,
            Record = stream.Mapping.Partial ? stream.Codec.Encode(Whole(change, complete)) : null,
        }.ToBytes(_writer));
    }

    void Map(in StageRecord record, SourceUrn urn, StreamContext stream, RowState? known, EntityMapping mapping)
    {
        _scope.ForgetProblem();
        if (mapping.When is { } when && !Expressions.IsTrue(when(_scope)))
        {
            return;
        }

        var own = mapping.Urn is null;
        var target = mapping.UrnOf(_scope, urn);
        var entity = target is { } name ? mapping.Create(_scope, name) : null;
        if (_scope.Problem is null)
        {
            _normaliser.Normalise(entity!);
        }

        var id = own ? null : target?.ToString();
        var before = Find(known, mapping.Kind.Name, id);
        if (_scope.Problem is { } problem)
        {
            Quarantine(record, stream, mapping.Kind.Name, "not_mapped", problem, $"mend the record in the tool, or the mapping of {mapping.Kind.Name} for this stream");
            if (before is not null)
            {
                // What was said of it before stands.
                _emitted.Add(before);
            }

            return;
        }

        var codec = settings.Kinds[mapping.Kind.Name];
        if (own)
        {
            var refs = (before?.Refs ?? new PersonRefs(codec.PersonRefOf(entity!) ?? string.Empty, [])).MoveTo(codec.PersonRefOf(entity!));
            _context.Send(codec.Topic, record.Key, codec.Encode(entity!), refs.ForRecord());
            _emitted.Add(new EmittedEntity { Kind = mapping.Kind.Name, Refs = refs });
        }
        else
        {
            Share(urn, mapping, codec, entity!, id!);
            _emitted.Add(new EmittedEntity { Kind = mapping.Kind.Name, Urn = id, Refs = new PersonRefs(string.Empty, []) });
        }
    }

    void Share(SourceUrn urn, EntityMapping mapping, EntityCodec codec, IEntity entity, string id)
    {
        var encoded = codec.Encode(entity);
        var order = RowVersion.Of(entity.SourceVersion) ?? entity.ObservedAt.Ticks;
        (entity.ChangeId, entity.SourceVersion, entity.ObservedAt, entity.SourceUpdatedAt) = (string.Empty, null!, DateTime.UnixEpoch, null);
        var word = new SharedEntity
        {
            Kind = mapping.Kind.Name,
            Holder = HashOf(urn.ToString()),
            Order = order,
            Content = XxHash3.HashToUInt64(codec.Encode(entity)),
            PersonRef = codec.PersonRefOf(entity),
            Entity = encoded,
        };
        _context.Send(SharedEntityStage.Name, Encoding.UTF8.GetBytes(id), word.ToBytes(_writer));
    }

    /// <summary>Takes back the entities that the record became before and does not become now.</summary>
    void Withdraw(SourceUrn urn, RowState? known)
    {
        foreach (var before in known?.Entities ?? [])
        {
            if (!_emitted.Exists(e => e.Kind == before.Kind && e.Urn == before.Urn))
            {
                Remove(urn, before);
            }
        }
    }

    void Delete(in StageRecord record, SourceUrn urn, StreamContext stream, RowState? known, SourceChange? change)
    {
        if (known is null)
        {
            // Nothing is known of it here: it may stand in the topics from before this state was begun.
            foreach (var mapping in stream.Mapping.Mappings.Where(m => m.Urn is null && m.ForEach is null))
            {
                Remove(urn, new EmittedEntity { Kind = mapping.Kind.Name, Refs = new PersonRefs(string.Empty, []) });
            }
        }

        foreach (var entity in known?.Entities ?? [])
        {
            Remove(urn, entity);
        }

        // The version stays, so that a late change does not bring the record back; so do the references, for readers of a record that comes back.
        _rows.Put(record.Key, new RowState
        {
            Version = Later(known?.Version, RowVersion.Of(change?.SourceVersion)),
            Change = change is null ? known?.Change ?? 0 : HashOf(change.ChangeId),
            Deleted = true,
            Entities = [.. (known?.Entities ?? []).Where(e => e.Urn is null)],
        }.ToBytes(_writer));
    }

    void Remove(SourceUrn urn, EmittedEntity entity)
    {
        if (entity.Urn is null)
        {
            _context.Send(settings.Kinds[entity.Kind].Topic, Encoding.UTF8.GetBytes(urn.ToString()), null, entity.Refs.ForTombstone());
        }
        else
        {
            var word = new SharedEntity { Kind = entity.Kind, Holder = HashOf(urn.ToString()) };
            _context.Send(SharedEntityStage.Name, Encoding.UTF8.GetBytes(entity.Urn), word.ToBytes(_writer));
        }
    }

    /// <summary>The whole record after a change that may carry a part of it: absent is never null.</summary>
    static GenericRecord Completed(StreamContext stream, RowState? known, SourceChange change, GenericRecord after)
    {
        if (known?.Record is null || known.Deleted || stream.Codec.Decode(known.Record).After is not { } before)
        {
            return after;
        }

        var complete = new GenericRecord(after.Schema);
        foreach (var field in after.Schema.Fields)
        {
            var value = after.GetValue(field.Pos);
            var carried = change.ChangedFields is null || change.ChangedFields.Contains(field.Name);
            complete.Add(field.Pos, carried && value is not Unavailable ? value : before.GetValue(field.Pos));
        }

        return complete;
    }

    /// <summary>What Debezium and its kin write for a large column that an update left alone.</summary>
    const string Unavailable = "__debezium_unavailable_value";

    static SourceChange Whole(SourceChange change, GenericRecord record) => new()
    {
        Op = ChangeOp.Read,
        After = record,
        Source = change.Source,
        ObservedAt = change.ObservedAt,
        ChangeId = string.Empty,
    };

    void Quarantine(in StageRecord record, StreamContext stream, string? kind, string code, string reason, string remedy)
    {
        var entry = settings.Run.Quarantined(Name, record, code, reason, remedy, kind);
        _context.Send(StageOutputs.Quarantine, Encoding.UTF8.GetBytes(entry.QuarantineId), settings.Run.EncodeQuarantine(entry));
        _findings.Add(
            new FindingTopic
            {
                Org = entry.Org,
                SyncId = settings.SyncOf(stream.Mapping.Vendor, entry.SourceUrn),
                Vendor = stream.Mapping.Vendor,
                Stream = stream.Mapping.Name,
                Code = "record_" + code,
                Subject = kind,
                Severity = "warning",
                Message = kind is null ? "records of the stream could not be used; they are in quarantine" : $"records could not become a {kind}; they are in quarantine",
                Remedy = remedy,
            },
            entry.SourceUrn ?? entry.Place);
    }

    static EmittedEntity? Find(RowState? known, string kind, string? urn)
    {
        foreach (var entity in known?.Entities ?? [])
        {
            if (entity.Kind == kind && entity.Urn == urn)
            {
                return entity;
            }
        }

        return null;
    }

    static long? Later(long? one, long? other) => one is null || other > one ? other : one;

    static ulong HashOf(string text) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()));
}
