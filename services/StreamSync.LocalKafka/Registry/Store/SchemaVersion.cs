using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Registry.Store;

/// <param name="Name">The full name by which the referring schema knows the type.</param>
/// <param name="Subject">The subject that holds it.</param>
/// <param name="Version">The version there; -1 in a request means the latest one.</param>
readonly record struct SchemaReference(string Name, string Subject, int Version);

/// <summary>One version of a subject, as it stands in the store.</summary>
sealed record SchemaVersion(string Subject, int Version, int Id, string SchemaType, string Text, IReadOnlyList<SchemaReference> References, bool Deleted)
{
    /// <summary>The only type that can be registered here; others are served if another registry stored them.</summary>
    public const string Avro = "AVRO";

    /// <summary>Metadata, rule sets and whatever else another registry wrote: kept, answered and written back, not acted upon.</summary>
    public JsonObject? Extras { get; init; }

    /// <summary>When it was written, in milliseconds since 1970; 0 before it has been read back.</summary>
    public long TimestampMs { get; init; }

    public ContentHash Hash => field ??= ContentHash.Of(Text, References, Extras);
}

/// <summary>What makes two schemas one id: text, references and extras, hashed as Confluent's registry does (so are its guids).</summary>
sealed record ContentHash(string Guid)
{
    public static ContentHash Of(string text, IReadOnlyList<SchemaReference> references, JsonObject? extras)
    {
        // MD5 is an identity here, not a protection: guids are the same in every Confluent-compatible registry.
#pragma warning disable CA5351
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        md5.AppendData(Encoding.UTF8.GetBytes(text));
        Span<byte> version = stackalloc byte[sizeof(int)];
        foreach (var reference in references)
        {
            md5.AppendData(Encoding.UTF8.GetBytes(reference.Name));
            md5.AppendData(Encoding.UTF8.GetBytes(reference.Subject));
            BinaryPrimitives.WriteInt32BigEndian(version, reference.Version);
            md5.AppendData(version);
        }
        foreach (var (name, value) in extras ?? [])
        {
            // Tells an empty one from none.
            md5.AppendData([1]);
            foreach (var part in name == SchemaExtras.Metadata ? SchemaExtras.MetadataTexts(value) : [value?.ToJsonString() ?? ""])
            {
                md5.AppendData(Encoding.UTF8.GetBytes(part));
            }
        }
        return new ContentHash(new Guid(md5.GetHashAndReset(), bigEndian: true).ToString());
    }
}
