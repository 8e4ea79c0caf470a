using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Identity;

namespace StreamSync.Cli.Output;

/// <summary>Writes which record is whose: file, line, person and the record's own id.</summary>
static class PeopleWriter
{
    /// <summary>Writes CSV, the own ids only where there are any.</summary>
    public static void WriteCsv(PeopleFiles people, FileResolution resolution, TextWriter writer)
    {
        var withIds = people.Ids.Any(id => id.Length > 0);
        writer.Write(withIds ? "file,line,person,id\n" : "file,line,person\n");
        for (var i = 0; i < people.Records.Count; i++)
        {
            var (file, line) = people.Place(i);
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"{ResultWriter.CsvField(file)},{line},{Person(resolution, i)}{(withIds ? "," + ResultWriter.CsvField(people.Ids[i]) : "")}\n"));
        }
    }

    /// <summary>Writes a JSON object: some figures, then a row for each record under <c>assignments</c>, without ever holding them all.</summary>
    /// <param name="figures">What goes before.</param>
    /// <param name="people">The records.</param>
    /// <param name="resolution">Whose they are.</param>
    /// <param name="rows">False to leave out the rows.</param>
    /// <param name="output">Where to write.</param>
    public static void WriteJson(JsonObject figures, PeopleFiles people, FileResolution resolution, bool rows, Stream output)
    {
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in figures)
            {
                writer.WritePropertyName(name);
                (value ?? throw new ArgumentException($"'{name}' has no value", nameof(figures))).WriteTo(writer);
            }

            if (rows)
            {
                writer.WriteStartArray("assignments");
                for (var i = 0; i < people.Records.Count; i++)
                {
                    WriteRow(writer, people, resolution, i);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    /// <summary>What each column was taken for, and how many of its values could be read so.</summary>
    public static JsonArray Columns(PeopleFiles people) => new([.. people.Readings.Select(reading => (JsonNode)new JsonObject
    {
        ["file"] = reading.File,
        ["column"] = reading.Column,
        ["field"] = reading.Field,
        ["values"] = reading.Values,
        ["unread"] = reading.Unread,
        ["first_unread_line"] = reading.Unread == 0 ? null : reading.FirstUnread,
    })]);

    /// <summary>What the columns were taken for, as the user would say it in a map.</summary>
    public static string Used(PeopleFiles people) => string.Join(", ", people.Readings.Select(reading => $"{reading.Field}={reading.Column}").Distinct());

    /// <summary>Names as an array.</summary>
    public static JsonArray Names(IReadOnlyList<string> names) => new([.. names.Select(name => (JsonNode)name)]);

    // From 1, as lines are.
    static int Person(FileResolution resolution, int record) => resolution.PersonOf[record] + 1;

    static void WriteRow(Utf8JsonWriter writer, PeopleFiles people, FileResolution resolution, int record)
    {
        var (file, line) = people.Place(record);
        writer.WriteStartObject();
        writer.WriteString("file", file);
        writer.WriteNumber("line", line);
        writer.WriteNumber("person", Person(resolution, record));
        if (people.Ids[record].Length > 0)
        {
            writer.WriteString("id", people.Ids[record]);
        }

        writer.WriteEndObject();
    }
}
