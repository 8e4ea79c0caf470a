using System.Buffers.Binary;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Keys and values of internal topics: two bytes of version, then fields as in a request of a non-flexible version.</summary>
static class RecordBytes
{
    public static byte[] Write<T>(short version, T fields)
        where T : class, IFields
    {
        using var writer = new WireWriter();
        writer.Layout(version, flexible: false);
        writer.Int16(ref version);
        writer.Struct(fields);
        return writer.ToArray();
    }

    public static short Version(ReadOnlySpan<byte> bytes) => bytes.Length < 2 ? (short)-1 : BinaryPrimitives.ReadInt16BigEndian(bytes);

    /// <exception cref="ProtocolException">The bytes are not of this layout.</exception>
    public static T Read<T>(byte[] bytes)
        where T : class, IFields, new()
    {
        var reader = new WireReader(bytes.AsMemory(2));
        reader.Layout(Version(bytes), flexible: false);
        return reader.Body<T>();
    }
}
