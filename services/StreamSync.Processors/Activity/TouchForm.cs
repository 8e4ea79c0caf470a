using System.Text;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Activity;

/// <summary>Reads the kept form of a touch: the canvasser as reported, then the pieces.</summary>
ref struct TouchForm
{
    PackReader _pieces;

    public TouchForm(ReadOnlySpan<byte> form)
    {
        _pieces = new PackReader(form);
        CanvasserId = _pieces.Optional();
        Scope = _pieces.Optional();
        Name = _pieces.Optional();
        Kind = _pieces.Optional();
        NameSource = _pieces.Optional();
        PersonRef = _pieces.Optional();
    }

    public string? CanvasserId { get; }

    public string? Scope { get; }

    /// <summary>The name that the row itself reports.</summary>
    public string? Name { get; }

    public string? Kind { get; }

    public string? NameSource { get; }

    public string? PersonRef { get; }

    public byte[] Encode(in TouchJoin join, int schemaId, PackWriter writer) => TouchLayout.Encode(ref _pieces, join, schemaId, writer);

    /// <summary>The slot of the touch's canvasser; null without an id.</summary>
    public static string? SlotOf(KeptTouch touch)
    {
        var id = new PackReader(touch.Form).Optional();
        return id is null ? null : string.Concat(AccountOf(touch.Urn), "/", id);
    }

    /// <summary>org/vendor/instance of a touch.</summary>
    public static string AccountOf(byte[] urn)
    {
        var end = -1;
        for (var i = 0; i < 3; i++)
        {
            var next = urn.AsSpan(end + 1).IndexOf((byte)'/');
            end = next < 0 ? urn.Length : end + 1 + next;
        }

        return Encoding.UTF8.GetString(urn.AsSpan(0, Math.Min(end, urn.Length)));
    }
}
