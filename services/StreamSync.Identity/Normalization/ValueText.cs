namespace StreamSync.Identity;

/// <summary>A growing character buffer that starts on the stack; it keeps normalisation free of throw-away strings.</summary>
ref struct ValueText(Span<char> start)
{
    Span<char> _chars = start;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<char> Written => _chars[..Length];

    public void Append(char c)
    {
        if (Length == _chars.Length)
        {
            var grown = new char[Math.Max(16, _chars.Length * 2)];
            _chars.CopyTo(grown);
            _chars = grown;
        }

        _chars[Length++] = c;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            Append(c);
        }
    }

    public override readonly string ToString() => new(Written);
}
