using Avro;
using Avro.Specific;

namespace StreamSync.Processors.Standardiser.Mapping;

/// <summary>Fills <c>occurred_at</c> and what belongs to it: the tool's text, zone, where the zone came from and the calendar day.</summary>
sealed class OccurredSetter(RecordSchema schema)
{
    readonly int _at = schema["occurred_at"].Pos;
    readonly int _text = schema["occurred_at_text"].Pos;
    readonly int _zone = schema["time_zone"].Pos;
    readonly int _source = schema["time_zone_source"].Pos;
    readonly int _date = schema["local_date"].Pos;

    public static bool Fits(RecordSchema schema) => schema.TryGetField("occurred_at_text", out _) && schema.TryGetField("local_date", out _);

    /// <summary>Takes the change's own time.</summary>
    public void FromChange(ISpecificRecord target, MappingScope scope)
    {
        var change = scope.Change;
        Put(target, new TimeReading(change.OccurredAt, change.OccurredAtText, change.TimeZone, change.TimeZoneSource, DayOf(change)));
    }

    public void Put(ISpecificRecord target, in TimeReading reading)
    {
        target.Put(_at, reading.Instant);
        target.Put(_text, reading.Text);
        target.Put(_zone, reading.Zone);
        target.Put(_source, reading.ZoneSource);
        target.Put(_date, reading.LocalDate);
    }

    static string? DayOf(Contracts.Source.SourceChange change)
    {
        if (change.OccurredAt is not { } instant)
        {
            return null;
        }

        if (TimeZones.Find(change.TimeZone) is { } zone)
        {
            return LocalDates.Of(instant, zone, 0);
        }

        // A text with its own offset: the day that it names.
        return TimeTexts.TryParse(change.OccurredAtText, out var wall, out _) ? LocalDates.Of(wall, null, 0) : LocalDates.Of(instant, null, 0);
    }
}
