using System.Collections.Concurrent;
using Avro;
using Avro.Generic;
using Avro.IO;
using Avro.Specific;
using StreamSync.Contracts;
using StreamSync.Contracts.Source;

namespace StreamSync.Kafka.Serdes;

/// <summary>
/// Values of a <c>source.*</c> topic: the envelope with the vendor's own record inside, in Confluent's wire format. Safe to share between threads.
/// </summary>
public sealed class SourceChangeCodec
{
    static readonly DateTime Epoch = DateTime.UnixEpoch;

    readonly SchemaIds _ids;
    readonly TopicSpec _topic;
    readonly RecordSchema _schema;
    readonly Action<SourceChange, Encoder>[] _fields;
    readonly ConcurrentDictionary<int, GenericDatumReader<GenericRecord>> _readers = new();
    readonly SpecificDatumWriter<Origin> _originWriter = new(Origin._SCHEMA);
    readonly GenericDatumWriter<GenericRecord> _recordWriter;
    int? _id;

    /// <summary>A codec for a stream's topic.</summary>
    /// <param name="ids">Ids of the registry.</param>
    /// <param name="topic">Topic of the stream, with its composed schema (<see cref="SourceSchemas"/>).</param>
    public SourceChangeCodec(SchemaIds ids, TopicSpec topic)
    {
        _ids = ids;
        _topic = topic;
        _schema = topic.ValueSchema as RecordSchema ?? throw new ArgumentException($"{topic.Name} holds no change envelope", nameof(topic));
        RecordSchema = SourceSchemas.RecordOf(_schema);
        _recordWriter = new GenericDatumWriter<GenericRecord>(RecordSchema);
        _fields = [.. _schema.Fields.Select(f => FieldWriter(f.Name))];
    }

    /// <summary>Schema of the vendor's record: build <see cref="SourceChange.Before"/> and <see cref="SourceChange.After"/> with it.</summary>
    public RecordSchema RecordSchema { get; }

    /// <summary>The bytes of a change.</summary>
    /// <param name="change">Change.</param>
    /// <exception cref="InvalidDataException">A field is null or of another type than the schema says; the message names it.</exception>
    public byte[] Encode(SourceChange change)
    {
        try
        {
            return WireFormat.Encode(_id ??= _ids.IdOf(_topic.ValueSubject, _schema), (_fields, change), static (s, encoder) =>
            {
                foreach (var write in s._fields)
                {
                    write(s.change, encoder);
                }
            });
        }
        catch (Exception e) when (e is AvroException or NullReferenceException or ArgumentNullException or InvalidCastException)
        {
            throw new InvalidDataException($"a change of {_topic.Name} can't be written: {Misfit(change)}", e);
        }
    }

    /// <summary>The change of the bytes, whichever version of the schema wrote them.</summary>
    /// <param name="value">Bytes.</param>
    /// <exception cref="InvalidDataException">The bytes are no change of this stream.</exception>
    public SourceChange Decode(ReadOnlySpan<byte> value)
    {
        var reader = _readers.GetOrAdd(WireFormat.IdOf(value), static (id, self) => new GenericDatumReader<GenericRecord>(self._ids.SchemaOf(id), self._schema), this);
        return WireFormat.Decode(value, reader, static (reader, decoder) => FromRecord(reader.Read(null!, decoder)));
    }

    static SourceChange FromRecord(GenericRecord record)
    {
        var source = (GenericRecord)record["source"];
        return new SourceChange
        {
            Op = ChangeOps.FromLetter((string)record["op"]),
            DeleteKind = (string?)record["delete_kind"],
            Before = (GenericRecord?)record["before"],
            After = (GenericRecord?)record["after"],
            ChangedFields = Texts(record["changed_fields"]),
            Source = new Origin
            {
                Org = (string)source["org"],
                Vendor = (string)source["vendor"],
                Instance = (string)source["instance"],
                Stream = (string)source["stream"],
                Entity = (string)source["entity"],
                IdParts = Texts(source["id_parts"]),
                ConnectorVersion = (string)source["connector_version"],
                SyncId = (string)source["sync_id"],
                SyncRun = (string?)source["sync_run"],
                Position = (string?)source["position"],
            },
            OccurredAt = (DateTime?)record["occurred_at"],
            OccurredAtText = (string?)record["occurred_at_text"],
            TimeZone = (string?)record["time_zone"],
            TimeZoneSource = (string?)record["time_zone_source"],
            ObservedAt = (DateTime)record["observed_at"],
            SourceVersion = (string?)record["source_version"],
            Extras = (string?)record["extras"],
            ChangeId = (string)record["change_id"],
        };
    }

    static List<string>? Texts(object? array) => array is null ? null : [.. ((Array)array).Cast<string>()];

    Action<SourceChange, Encoder> FieldWriter(string name) => name switch
    {
        "op" => static (c, e) => e.WriteString(c.Op.ToLetter()),
        "delete_kind" => static (c, e) => Text(e, c.DeleteKind),
        "before" => (c, e) => Record(e, c.Before),
        "after" => (c, e) => Record(e, c.After),
        "changed_fields" => static (c, e) => TextList(e, c.ChangedFields),
        "source" => (c, e) => _originWriter.Write(c.Source, e),
        "occurred_at" => static (c, e) => Instant(e, c.OccurredAt),
        "occurred_at_text" => static (c, e) => Text(e, c.OccurredAtText),
        "time_zone" => static (c, e) => Text(e, c.TimeZone),
        "time_zone_source" => static (c, e) => Text(e, c.TimeZoneSource),
        "observed_at" => static (c, e) => e.WriteLong(Micros(c.ObservedAt)),
        "source_version" => static (c, e) => Text(e, c.SourceVersion),
        "extras" => static (c, e) => Text(e, c.Extras),
        "change_id" => static (c, e) => e.WriteString(c.ChangeId),
        _ => throw new ArgumentException($"the envelope of {_topic.Name} has a field '{name}' that this version does not write"),
    };

    void Record(Encoder encoder, GenericRecord? record)
    {
        encoder.WriteUnionIndex(record is null ? 0 : 1);
        if (record is not null)
        {
            _recordWriter.Write(record, encoder);
        }
    }

    static void Text(Encoder encoder, string? text)
    {
        encoder.WriteUnionIndex(text is null ? 0 : 1);
        if (text is not null)
        {
            encoder.WriteString(text);
        }
    }

    static void TextList(Encoder encoder, IReadOnlyList<string>? texts)
    {
        encoder.WriteUnionIndex(texts is null ? 0 : 1);
        if (texts is null)
        {
            return;
        }

        encoder.WriteArrayStart();
        encoder.SetItemCount(texts.Count);
        foreach (var text in texts)
        {
            encoder.WriteString(text);
        }

        encoder.WriteArrayEnd();
    }

    static void Instant(Encoder encoder, DateTime? instant)
    {
        encoder.WriteUnionIndex(instant is null ? 0 : 1);
        if (instant is { } time)
        {
            encoder.WriteLong(Micros(time));
        }
    }

    static long Micros(DateTime time) => (time.ToUniversalTime() - Epoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Names the first field that does not fit; never its value.</summary>
    string Misfit(SourceChange change)
    {
        foreach (var (place, record) in new[] { ("before", change.Before), ("after", change.After) })
        {
            if (record is null)
            {
                continue;
            }

            if (!record.Schema.Equals(RecordSchema))
            {
                return $"'{place}' was built with another schema than the stream's";
            }

            var field = RecordSchema.Fields.FirstOrDefault(f => !Fits(f.Schema, record.GetValue(f.Pos)));
            if (field is not null)
            {
                return $"'{place}.{field.Name}' does not hold {field.Schema}";
            }
        }

        return change.ChangeId is null ? "'change_id' is null" : "a field has a wrong value";
    }

    static bool Fits(Schema schema, object? value)
    {
        try
        {
            new DefaultWriter(schema).Write(value!, new AvroWriteBuffer());
            return true;
        }
        catch (Exception e) when (e is AvroException or NullReferenceException or ArgumentNullException or InvalidCastException)
        {
            return false;
        }
    }
}
