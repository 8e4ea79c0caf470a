using System.Globalization;
using Avro;
using Avro.Generic;
using FsCheck.Xunit;
using StreamSync.Connectors.Sdk;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Tests.Sdk;

public class TimeTests
{
    static readonly RecordSchema Schema = (RecordSchema)Avro.Schema.Parse(
        """
        {"type": "record", "name": "R", "fields": [
          {"name": "at", "type": ["null", "string", "long"], "default": null},
          {"name": "zone", "type": ["null", "string"], "default": null}
        ]}
        """);

    [Theory]
    [InlineData("2024-09-30", "2024-09-30T00:00:00", null)]
    [InlineData("2024-09-30 23:58:41", "2024-09-30T23:58:41", null)]
    [InlineData("2024-09-30T23:58:41", "2024-09-30T23:58:41", null)]
    [InlineData(" 2024-09-30 23:58 ", "2024-09-30T23:58:00", null)]
    [InlineData("2024-09-01T18:05:44.0000000", "2024-09-01T18:05:44", null)]
    [InlineData("2024-09-01T18:05:44.5", "2024-09-01T18:05:44.5", null)]
    [InlineData("2024-09-30T23:58:41Z", "2024-09-30T23:58:41", "00:00:00")]
    [InlineData("2024-09-30T23:58:41-04:00", "2024-09-30T23:58:41", "-04:00:00")]
    [InlineData("2024-09-30 23:58:41 +0530", "2024-09-30T23:58:41", "05:30:00")]
    [InlineData("2024-09-30 23:58:41+00", "2024-09-30T23:58:41", "00:00:00")]
    [InlineData("2024-09-30 23:58:41 UTC", "2024-09-30T23:58:41", "00:00:00")]
    [InlineData("9/30/2024", "2024-09-30T00:00:00", null)]
    [InlineData("9/5/2024 11:58 PM", "2024-09-05T23:58:00", null)]
    [InlineData("09/05/2024 12:05:07 AM", "2024-09-05T00:05:07", null)]
    [InlineData("9/5/2024 14:00", "2024-09-05T14:00:00", null)]
    [InlineData("2024-06-30 23:59:60", "2024-06-30T23:59:59", null)]
    public void Times_are_read_as_tools_write_them(string text, string local, string? offset)
    {
        Assert.True(TimeText.TryParse(text, out var read, out var readOffset));
        Assert.Equal(DateTime.Parse(local, CultureInfo.InvariantCulture), read);
        Assert.Equal(offset is null ? null : TimeSpan.Parse(offset, CultureInfo.InvariantCulture), readOffset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2024-02-30")]
    [InlineData("2024-13-01")]
    [InlineData("2024-09-30 25:00:00")]
    [InlineData("2024-09-30 23:58:41 PST")]
    [InlineData("2024-09-30 23:58:41+")]
    [InlineData("2024-09-30 23:58:41.")]
    [InlineData("30/9/2024")]
    [InlineData("9/30/24")]
    [InlineData("9/5/2024 13:00 PM")]
    [InlineData("45565.5")]
    [InlineData("2024-09-3012:00")]
    public void What_is_no_time_is_none(string text) => Assert.False(TimeText.TryParse(text, out _, out _));

    [Property(MaxTest = 500)]
    public bool Any_text_is_a_time_or_none_and_never_an_error(string? text) => TimeText.TryParse(text, out var local, out _) || local == default;

    [Property(MaxTest = 500)]
    public void Any_instant_survives(DateTime time)
    {
        var utc = new DateTime(time.Ticks, DateTimeKind.Unspecified);
        Assert.True(TimeText.TryParse(utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture) + "Z", out var read, out _));
        Assert.Equal(utc, read);
    }

    [Theory]
    [InlineData("2024-09-01 18:05:44", "America/New_York", "2024-09-01T22:05:44Z", "assumed")]
    [InlineData("2024-12-30 18:05:00", "America/New_York", "2024-12-30T23:05:00Z", "assumed")]
    [InlineData("2024-11-03 01:30:00", "America/New_York", "2024-11-03T05:30:00Z", "assumed")]
    [InlineData("2024-03-10 02:30:00", "America/New_York", "2024-03-10T07:30:00Z", "assumed")]
    [InlineData("2024-09-01T18:05:44-07:00", "America/New_York", "2024-09-02T01:05:44Z", "explicit")]
    public void A_local_time_is_read_in_its_zone_and_an_offset_wins(string text, string zone, string instant, string source)
    {
        var reading = Read(new TimeRule("at", zone, null, null), text);
        Assert.Equal(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).UtcDateTime, reading.Instant);
        Assert.Equal(text, reading.Text);
        Assert.Equal(source, reading.ZoneSource);
        Assert.Equal(source == "explicit" ? null : zone, reading.Zone);
    }

    [Fact]
    public void Exports_in_utc_keep_the_zone_whose_days_count()
    {
        // B061: 03:30 UTC on 1 October is still 30 September on the west coast.
        var reading = Read(new TimeRule("at", "UTC", "America/Los_Angeles", null), "2024-10-01 03:30:00");
        Assert.Equal(new DateTime(2024, 10, 1, 3, 30, 0, DateTimeKind.Utc), reading.Instant);
        Assert.Equal("America/Los_Angeles", reading.Zone);
        Assert.Equal(new DateTime(2024, 9, 30), TimeZoneInfo.ConvertTimeFromUtc(reading.Instant, TimeZoneInfo.FindSystemTimeZoneById(reading.Zone!)).Date);
    }

    [Fact]
    public void The_record_itself_may_name_its_zone()
    {
        var reading = Read(new TimeRule("at", "field:zone", null, null), "2024-09-01 18:05:44", "America/Denver");
        Assert.Equal(new DateTime(2024, 9, 2, 0, 5, 44, DateTimeKind.Utc), reading.Instant);
        Assert.Equal("location", reading.ZoneSource);
        Assert.False(Reader(new TimeRule("at", "field:zone", null, null)).TryRead(Record("2024-09-01", "Nowhere/Land"), out _, out var problem));
        Assert.Contains("zone", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seconds", 1_727_740_800L)]
    [InlineData("milliseconds", 1_727_740_800_000L)]
    [InlineData("microseconds", 1_727_740_800_000_000L)]
    public void Numbers_are_read_in_their_unit(string unit, long value)
    {
        Assert.Equal(new DateTime(2024, 10, 1, 0, 0, 0, DateTimeKind.Utc), Read(new TimeRule("at", null, null, unit), value).Instant);
        Assert.False(Reader(new TimeRule("at", null, null, unit)).TryRead(Record("soon"), out _, out _));
    }

    [Fact]
    public void A_blank_time_is_none_and_no_error()
    {
        Assert.True(Reader(new TimeRule("at", "UTC", null, null)).TryRead(Record(" "), out var reading, out _));
        Assert.Null(reading);
    }

    static TimeReading Read(TimeRule rule, object at, string? zone = null)
    {
        Assert.True(Reader(rule).TryRead(Record(at, zone), out var reading, out var problem), problem);
        return reading!.Value;
    }

    static TimeReader Reader(TimeRule rule) => TimeReader.Create(rule, Schema, SettingsReader.Read(new SyncSettings(), [], [], ".", []), new ConfigPlace("connector.yaml", 1, 1));

    static GenericRecord Record(object at, string? zone = null)
    {
        var record = new GenericRecord(Schema);
        record.Add("at", at);
        record.Add("zone", zone);
        return record;
    }
}
