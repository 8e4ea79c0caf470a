using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using StreamSync.Sinks.AvroBinary;
using static DuckDB.NET.Native.NativeMethods;

namespace StreamSync.Sinks.DuckDb.Filling;

/// <summary>A vector of numbers, texts, bytes or times. Each writer converts only where nothing is lost, as <see cref="TypeMerge"/> allows.</summary>
sealed unsafe class ScalarVector(ScalarKind kind) : VectorNode
{
    const long MicrosADay = 86_400_000_000;

    /// <summary>0001-01-01 in days since 1970.</summary>
    const long FirstDay = -719_162;

    /// <summary>The day after 9999-12-31 in days since 1970.</summary>
    const long EndDay = 2_932_897;

    public void WriteBoolean(int row, bool value)
    {
        if (kind == ScalarKind.Boolean)
        {
            SetValid(row);
            ((byte*)Data)[row] = value ? (byte)1 : (byte)0;
        }
        else
        {
            WriteText(row, value ? "true"u8 : "false"u8);
        }
    }

    /// <summary>Writes an integer, or a date or time in the column's own unit.</summary>
    /// <exception cref="MalformedRecordException">A date before the year 1 or after 9999, or a time beyond the day: no reader could show it.</exception>
    public void WriteLong(int row, long value)
    {
        switch (kind)
        {
            case ScalarKind.BigInt:
                SetValid(row);
                ((long*)Data)[row] = value;
                break;
            case ScalarKind.Timestamp or ScalarKind.Time:
                Require(kind == ScalarKind.Time ? value is >= 0 and < MicrosADay : value is >= FirstDay * MicrosADay and < EndDay * MicrosADay);
                SetValid(row);
                ((long*)Data)[row] = value;
                break;
            case ScalarKind.Date:
                Require(value is >= FirstDay and < EndDay);
                SetValid(row);
                ((int*)Data)[row] = (int)value;
                break;
            case ScalarKind.Integer:
                SetValid(row);
                ((int*)Data)[row] = checked((int)value);
                break;
            case ScalarKind.Double:
                SetValid(row);
                ((double*)Data)[row] = value;
                break;
            default:
                WriteFormatted(row, value, "D");
                break;
        }
    }

    public void WriteFloat(int row, float value)
    {
        if (kind == ScalarKind.Float)
        {
            SetValid(row);
            ((float*)Data)[row] = value;
        }
        else if (kind == ScalarKind.Double)
        {
            SetValid(row);
            ((double*)Data)[row] = value;
        }
        else
        {
            WriteFormatted(row, value, "R");
        }
    }

    public void WriteDouble(int row, double value)
    {
        if (kind == ScalarKind.Double)
        {
            SetValid(row);
            ((double*)Data)[row] = value;
        }
        else
        {
            WriteFormatted(row, value, "R");
        }
    }

    /// <summary>Writes UTF-8 text that the caller has checked, or the bytes of a blob.</summary>
    public void WriteText(int row, ReadOnlySpan<byte> utf8)
    {
        SetValid(row);
        if (utf8.Length <= InlineString.Capacity)
        {
            // duckdb_string_t (duckdb.h): up to twelve bytes lie in the vector itself, so that no call is needed.
            ref var text = ref ((InlineString*)Data)[row];
            text = default;
            text.Length = (uint)utf8.Length;
            utf8.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<InlineString.Bytes, byte>(ref text.Value), InlineString.Capacity));
            return;
        }

        fixed (byte* bytes = utf8)
        {
            Vectors.DuckDBUnsafeVectorAssignStringElementLength(Vector, (ulong)row, bytes, utf8.Length);
        }
    }

    static void Require(bool inRange)
    {
        if (!inRange)
        {
            throw new MalformedRecordException("a date or time is out of range");
        }
    }

    void WriteFormatted<T>(int row, T value, string format)
        where T : IUtf8SpanFormattable
    {
        Span<byte> buffer = stackalloc byte[40];
        WriteText(row, value.TryFormat(buffer, out var written, format, CultureInfo.InvariantCulture)
            ? buffer[..written]
            : Encoding.UTF8.GetBytes(value.ToString()!));
    }

    [StructLayout(LayoutKind.Sequential)]
    struct InlineString
    {
        public const int Capacity = 12;

        public uint Length;

        public Bytes Value;

        [InlineArray(Capacity)]
        public struct Bytes
        {
            byte _first;
        }
    }
}
