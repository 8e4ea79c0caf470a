using System.IO.Hashing;

namespace StreamSync.Processors.Streaming;

/// <summary>Compares keys by their bytes.</summary>
sealed class ByteArrayComparer : IEqualityComparer<byte[]>
{
    public static readonly ByteArrayComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => (int)XxHash3.HashToUInt64(obj);
}
