using System.Globalization;
using Avro;
using Avro.Generic;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>Reads a stream's time field as its <see cref="TimeRule"/> says.</summary>
sealed class TimeReader
{
    readonly FieldPath _field;
    readonly Zone _zone;
    readonly Zone? _local;
    readonly string? _unit;
    readonly Dictionary<string, TimeZoneInfo?> _zones = [];

    TimeReader(FieldPath field, Zone zone, Zone? local, string? unit)
    {
        _field = field;
        _zone = zone;
        _local = local;
        _unit = unit;
    }

    public string Field => _field.Text;

    /// <summary>Times so far that stand twice or not at all on a wall clock, because of daylight saving time.</summary>
    public long Ambiguous { get; private set; }

    /// <exception cref="ConfigException">The rule names a field that the schema does not have.</exception>
    public static TimeReader Create(TimeRule rule, RecordSchema schema, SettingsReader settings, ConfigPlace place) =>
        new(Compile(schema, rule.Field, place), ZoneOf(rule.Zone, schema, settings, place) ?? new Zone(TimeZoneInfo.Utc, null, "assumed"), ZoneOf(rule.Local, schema, settings, place), rule.Unit);

    /// <summary>Reads the time of a record.</summary>
    /// <param name="record">Record.</param>
    /// <param name="reading">The time; null when the record has none.</param>
    /// <param name="problem">What is wrong, when the result is false; names fields, not values.</param>
    public bool TryRead(GenericRecord record, out TimeReading? reading, out string problem)
    {
        reading = null;
        problem = string.Empty;
        var value = _field.Value(record);
        if (value is null or "" || (value is string blank && string.IsNullOrWhiteSpace(blank)))
        {
            return true;
        }

        if (!TryZone(_zone, record, out var zone, out problem))
        {
            return false;
        }

        TimeZoneInfo? local = null;
        if (_local is not null && !TryZone(_local, record, out local, out problem))
        {
            return false;
        }

        if (value is DateTime time)
        {
            // A typed timestamp of a database: an instant already.
            reading = Reading(DateTime.SpecifyKind(time, DateTimeKind.Utc), Iso(time), local, explicitOffset: true);
            return true;
        }

        var text = value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture)!;
        if (_unit is not null)
        {
            if (!TryUnit(text, out var instant))
            {
                problem = $"the field '{_field.Text}' is no number of {_unit}";
                return false;
            }

            reading = Reading(instant, text, local ?? (_zone.Source is "assumed" ? null : zone), explicitOffset: true);
            return true;
        }

        if (!TimeText.TryParse(text, out var wall, out var offset))
        {
            problem = $"the field '{_field.Text}' is no time";
            return false;
        }

        if (offset is { } known)
        {
            if (wall.Ticks - known.Ticks is < 0 or > 3155378975999999999)
            {
                problem = $"the field '{_field.Text}' is no time of this calendar";
                return false;
            }

            reading = Reading(new DateTime(wall.Ticks - known.Ticks, DateTimeKind.Utc), text, local, explicitOffset: true);
            return true;
        }

        reading = Reading(ToUtc(wall, zone), text, local, explicitOffset: false, zone, _zone.Source);
        return true;
    }

    TimeReading Reading(DateTime instant, string text, TimeZoneInfo? local, bool explicitOffset, TimeZoneInfo? zone = null, string source = "explicit") =>
        local is not null
            ? new TimeReading(instant, text, local.Id, _local?.Source ?? _zone.Source)
            : new TimeReading(instant, text, explicitOffset ? null : zone!.Id, source);

    /// <summary>
    /// A wall clock's time as an instant. An hour that happens twice is taken as the first time, an hour that is skipped as if the clock had
    /// not been put forward: either way order within the hour stays.
    /// </summary>
    DateTime ToUtc(DateTime wall, TimeZoneInfo zone)
    {
        TimeSpan offset;
        if (zone.IsInvalidTime(wall))
        {
            Ambiguous++;
            offset = zone.GetUtcOffset(wall.AddHours(-2));
        }
        else if (zone.IsAmbiguousTime(wall))
        {
            Ambiguous++;
            offset = zone.GetAmbiguousTimeOffsets(wall).Max();
        }
        else
        {
            offset = zone.GetUtcOffset(wall);
        }

        return new DateTime(Math.Clamp(wall.Ticks - offset.Ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc);
    }

    bool TryUnit(string text, out DateTime instant)
    {
        instant = default;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var perUnit = _unit switch
        {
            "seconds" => TimeSpan.TicksPerSecond,
            "milliseconds" => TimeSpan.TicksPerMillisecond,
            _ => TimeSpan.TicksPerMicrosecond,
        };
        try
        {
            instant = DateTime.UnixEpoch.AddTicks((long)(number * perUnit));
            return true;
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }

    bool TryZone(Zone zone, GenericRecord record, out TimeZoneInfo info, out string problem)
    {
        problem = string.Empty;
        info = zone.Fixed ?? TimeZoneInfo.Utc;
        if (zone.Field is null)
        {
            return true;
        }

        var id = zone.Field.TextOf(record);
        if (id is null)
        {
            problem = $"the field '{zone.Field.Text}' names no time zone";
            return false;
        }

        if (!_zones.TryGetValue(id, out var found))
        {
            found = _zones[id] = TimeZoneInfo.TryFindSystemTimeZoneById(id, out var known) ? known : null;
        }

        problem = $"the field '{zone.Field.Text}' is no IANA time zone";
        info = found ?? TimeZoneInfo.Utc;
        return found is not null;
    }

    static Zone? ZoneOf(string? text, RecordSchema schema, SettingsReader settings, ConfigPlace place)
    {
        if (text is null)
        {
            return null;
        }

        if (text.StartsWith(TimeRule.FieldPrefix, StringComparison.Ordinal))
        {
            return new Zone(null, Compile(schema, text[TimeRule.FieldPrefix.Length..], place), "location");
        }

        if (text.StartsWith(TimeRule.SettingPrefix, StringComparison.Ordinal))
        {
            var info = settings.Get<TimeZoneInfo>(text[TimeRule.SettingPrefix.Length..]);
            return info is null ? null : new Zone(info, null, "org_default");
        }

        return new Zone(TimeZoneInfo.FindSystemTimeZoneById(text), null, "assumed");
    }

    static FieldPath Compile(RecordSchema schema, string text, ConfigPlace place) =>
        FieldPath.TryCompile(schema, text, out var path, out var missing)
            ? path
            : throw new ConfigException([new ConfigError(place, $"the path '{text}' names '{missing}', which the stream's schema does not have", "mend the path, or add the field to the .avsc file")]);

    static string Iso(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    sealed record Zone(TimeZoneInfo? Fixed, FieldPath? Field, string Source);
}
