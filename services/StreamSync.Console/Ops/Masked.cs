using System.Text;
using System.Text.Unicode;

namespace StreamSync.Console.Ops;

/// <summary>Raw bytes as their shape only: every letter becomes x and every digit 9, so that a wrong column or format can be seen and no person.</summary>
static class Masked
{
    const int Shown = 400;

    /// <summary>The shape of a text; other bytes are only counted.</summary>
    public static string Of(ReadOnlySpan<byte> raw)
    {
        var start = raw[..Math.Min(raw.Length, Shown)];
        while (start.Length > 0 && raw.Length > Shown && !Utf8.IsValid(start))
        {
            start = start[..^1];
        }

        if (start.IsEmpty || !Utf8.IsValid(start) || start.Contains((byte)0))
        {
            return $"{raw.Length} bytes that are no text";
        }

        var shape = new StringBuilder(start.Length);
        foreach (var rune in Encoding.UTF8.GetString(start).EnumerateRunes())
        {
            _ = Rune.IsDigit(rune) ? shape.Append('9')
                : Rune.IsLetter(rune) ? shape.Append(Rune.IsUpper(rune) ? 'X' : 'x')
                : rune.IsAscii || Rune.IsWhiteSpace(rune) ? shape.Append(rune.ToString())
                : shape.Append('?');
        }

        return raw.Length > start.Length ? shape.Append(" …").ToString() : shape.ToString();
    }
}
