using System.Text;
using Confluent.Kafka;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>
/// The person record that an entity points to, and those that it pointed to before. Readers that keep entities by person record must forget
/// it in the former places; a later record of the topic may be all that they see of the earlier ones, so that it names all of them, in a header.
/// </summary>
/// <param name="Present">Where it points now; empty for nowhere.</param>
/// <param name="Former">Where it pointed before, "" for nowhere.</param>
readonly record struct PersonRefs(string Present, IReadOnlyList<string> Former)
{
    /// <summary>Header with the former person references of an <c>entity.*</c> record, separated by line feeds; on a tombstone all of them.</summary>
    public const string Header = "former-person-refs";

    /// <summary>The references after the entity points to another person record.</summary>
    public PersonRefs MoveTo(string? present)
    {
        var (was, now) = (Present, present ?? string.Empty);
        return was == now ? this : new PersonRefs(now, [.. Former.Where(f => f != now && f != was), was]);
    }

    /// <summary>The header for an entity that is there; null when it always pointed to one place.</summary>
    public Headers? ForRecord() => Former.Count == 0 ? null : HeaderOf(Former);

    /// <summary>The header for an entity that is deleted.</summary>
    public Headers? ForTombstone() => Former.Count == 0 && Present.Length == 0 ? null : HeaderOf([.. Former, Present]);

    /// <summary>The references in a record's headers.</summary>
    public static IReadOnlyList<string> In(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(Header, out var bytes) ? Encoding.UTF8.GetString(bytes).Split('\n') : [];

    public void Write(PackWriter writer)
    {
        writer.Text(Present);
        writer.Count(Former.Count);
        foreach (var former in Former)
        {
            writer.Text(former);
        }
    }

    public static PersonRefs Read(ref PackReader reader)
    {
        var present = reader.Text();
        var count = reader.Count();
        var former = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++)
        {
            former[i] = reader.Text();
        }

        return new PersonRefs(present, former);
    }

    static Headers HeaderOf(IReadOnlyList<string> refs) => new() { { Header, Encoding.UTF8.GetBytes(string.Join('\n', refs)) } };
}
