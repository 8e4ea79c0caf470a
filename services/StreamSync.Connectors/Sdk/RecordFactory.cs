using System.Globalization;
using Avro;
using Avro.Generic;
using StreamSync.Contracts;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// Gives each draft of a stream what every record must have: its source URN, version, time and fingerprint; refuses those that can't have
/// them. Used by one reader at a time.
/// </summary>
sealed class RecordFactory
{
    readonly SyncSettings _sync;
    readonly ConnectorManifest _connector;
    readonly StreamManifest _stream;
    readonly (FieldPath Path, bool Optional)[] _id;
    readonly TimeReader? _updatedAt;
    readonly TimeReader? _occurredAt;
    readonly (int Position, string Name, string Format)[] _formats;
    readonly ContentHash _hash;

    /// <exception cref="ConfigException">The stream names fields that its schema does not have: then it can't be registered.</exception>
    public RecordFactory(SyncSettings sync, ConnectorManifest connector, StreamManifest stream, RecordSchema schema, SettingsReader settings)
    {
        _sync = sync;
        _connector = connector;
        _stream = stream;
        _id = [.. stream.Id.Select(p => (Compile(schema, p.TrimEnd('?')), p.EndsWith('?')))];
        _updatedAt = stream.UpdatedAt is { } updated ? TimeReader.Create(updated, schema, settings, stream.Place) : null;
        _occurredAt = stream.OccurredAt is { } occurred ? TimeReader.Create(occurred, schema, settings, stream.Place) : null;
        foreach (var name in stream.Volatile.Where(n => !schema.Contains(n)))
        {
            throw Missing(name, name);
        }

        _formats = [.. FieldFormat.Of(schema).Select(f => (f.Field.Pos, f.Field.Name, f.Format))];
        _hash = new ContentHash(stream.Volatile);
    }

    /// <summary>Makes a record of a draft.</summary>
    /// <param name="draft">What the reader knows.</param>
    /// <param name="record">The record.</param>
    /// <param name="refusal">Why it can't be one.</param>
    public bool TryCreate(in RecordDraft draft, out SourceRecord record, out Refusal refusal)
    {
        record = null!;
        refusal = null!;
        var content = draft.After ?? draft.Before ?? throw new ArgumentException("a change needs the record after it or the record before it", nameof(draft));
        if (!TryId(content, out var parts, out refusal))
        {
            return false;
        }

        foreach (var (position, name, format) in _formats)
        {
            if (content.GetValue(position) is string text && !FieldFormat.Fits(format, text))
            {
                refusal = new Refusal("wrong_type", $"the field '{name}' is no {format}", "mend the value in the tool and export again; when the tool changed the field for good, change its format in the schema");
                return false;
            }
        }

        var ambiguous = Ambiguous;
        TimeReading? updated = null, occurred = null;
        if ((_updatedAt is not null && !_updatedAt.TryRead(content, out updated, out var problem)) || (_occurredAt is not null && !_occurredAt.TryRead(content, out occurred, out problem)))
        {
            refusal = new Refusal("unreadable_time", problem, "write times as 2024-09-30 18:05:00, with an offset where the zone is not the account's");
            return false;
        }

        record = new SourceRecord
        {
            Urn = SourceUrn.Create(_sync.Org, _connector.Vendor, _sync.Instance, _stream.Entity, parts).ToString(),
            IdParts = parts,
            After = draft.After,
            Before = draft.Before,
            Op = draft.Op,
            DeleteKind = draft.DeleteKind,
            ChangedFields = draft.ChangedFields,
            Extras = draft.Extras,
            Fingerprint = _hash.Of(content, draft.Extras),
            Version = draft.VersionOrder?.ToString(CultureInfo.InvariantCulture) ?? updated?.Instant.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            VersionOrder = draft.VersionOrder ?? updated?.Instant.Ticks,
            Occurred = occurred,
            Position = draft.Position,
            VendorChangeId = draft.VendorChangeId,
            Scope = draft.Scope,
            Notes = NotesOf(draft, Ambiguous > ambiguous) ?? (IReadOnlyList<FindingNote>)[],
        };
        return true;
    }

    long Ambiguous => (_updatedAt?.Ambiguous ?? 0) + (_occurredAt?.Ambiguous ?? 0);

    List<FindingNote>? NotesOf(in RecordDraft draft, bool ambiguous)
    {
        if (!ambiguous && draft.Unknown is not { Count: > 0 })
        {
            return null;
        }

        var notes = (draft.Unknown ?? []).Select(path => new FindingNote(
            "unknown_field",
            path,
            FindingSeverity.Warning,
            $"the field '{path}' is not in the stream's schema; its values are kept in extras",
            $"add it to schemas/source/{_connector.Vendor}/{_stream.Name}.avsc if it should be a field")).ToList();
        if (ambiguous)
        {
            notes.Add(new FindingNote(
                "ambiguous_time",
                (_occurredAt ?? _updatedAt)!.Field,
                FindingSeverity.Info,
                "local times without offset fall into an hour that daylight saving time repeats or skips; the first of the two was taken",
                "let the tool export times with an offset"));
        }

        return notes;
    }

    bool TryId(GenericRecord content, out string[] parts, out Refusal refusal)
    {
        refusal = null!;
        parts = new string[_id.Length];
        for (var i = 0; i < _id.Length; i++)
        {
            var text = _id[i].Path.TextOf(content)?.Trim();
            if (text is null && !_id[i].Optional)
            {
                refusal = new Refusal("missing_id", $"the field '{_id[i].Path.Text}', part of the record's unique ID, is empty", "give the record an ID in the tool, or declare other fields as the stream's id");
                return false;
            }

            parts[i] = text ?? string.Empty;
        }

        if (Array.TrueForAll(parts, string.IsNullOrEmpty))
        {
            refusal = new Refusal("missing_id", "every field of the record's unique ID is empty", "give the record an ID in the tool, or declare other fields as the stream's id");
            return false;
        }

        return true;
    }

    FieldPath Compile(RecordSchema schema, string text) => FieldPath.TryCompile(schema, text, out var path, out var missing) ? path : throw Missing(text, missing);

    ConfigException Missing(string path, string missing) => new([new ConfigError(
        _stream.Place,
        $"the stream '{_stream.Name}' names '{path}', but its schema has no '{missing}'",
        $"mend connector.yaml, or add the field to schemas/source/{_connector.Vendor}/{_stream.Name}.avsc")]);
}
