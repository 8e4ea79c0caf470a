using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace StreamSync.Identity;

/// <summary>A person's id, as 16 bytes; its text has 32 hexadecimal digits and sorts alike. The default is nobody.</summary>
readonly record struct PersonKey(ulong High, ulong Low) : IComparable<PersonKey>
{
    public bool IsNobody => this == default;

    /// <summary>The person of an oldest record: a function of it alone, so that any order of events gives the same ids.</summary>
    public static PersonKey For(string org, string oldestUrn)
    {
        Span<byte> hash = stackalloc byte[32];
        Span<byte> start = stackalloc byte[256];
        var length = Encoding.UTF8.GetMaxByteCount(org.Length + 1 + oldestUrn.Length);
        var text = length <= start.Length ? start : new byte[length];
        var written = Encoding.UTF8.GetBytes(org, text);
        text[written++] = (byte)'\n';
        written += Encoding.UTF8.GetBytes(oldestUrn, text[written..]);
        SHA256.HashData(text[..written], hash);
        return new PersonKey(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    /// <summary>Reads the text; of an empty one, nobody.</summary>
    /// <exception cref="InvalidDataException">It is no id.</exception>
    public static PersonKey Parse(string text) => text.Length == 0 ? default
        : text.Length == 32 && ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low) ? new PersonKey(high, low)
        : throw new InvalidDataException("A person graph was stored with ids of another kind; rebuild the store from entity.person.");

    public int CompareTo(PersonKey other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override string ToString()
    {
        if (IsNobody)
        {
            return "";
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return Convert.ToHexStringLower(bytes);
    }
}
