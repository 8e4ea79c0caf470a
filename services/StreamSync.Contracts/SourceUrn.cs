using System.Text;

namespace StreamSync.Contracts;

/// <summary>
/// Where a record came from and its unique ID there: <c>org/vendor/instance/entity/id</c>, for example
/// <c>mi-wtp/everyaction/c10482/person/100133</c>. The key of every <c>source.*</c> and <c>entity.*</c> record.
/// </summary>
/// <remarks>
/// The parts of a composite id are joined by ':'. '%', '/', ':' and control characters inside a part are percent-encoded
/// (RFC 3986 style, upper-case hex of the UTF-8 bytes), so that two different ids never give one URN.
/// </remarks>
public readonly record struct SourceUrn
{
    readonly string? _text;

    SourceUrn(string org, string vendor, string instance, string entity, string id, string? text = null)
    {
        Org = org;
        Vendor = vendor;
        Instance = instance;
        Entity = entity;
        Id = id;
        _text = text ?? string.Concat(string.Concat(org, "/", vendor, "/"), instance, "/", string.Concat(entity, "/", id));
    }

    /// <summary>The group that owns the data.</summary>
    public string Org { get; }

    /// <summary>The tool.</summary>
    public string Vendor { get; }

    /// <summary>The account, committee or database inside the tool.</summary>
    public string Instance { get; }

    /// <summary>The kind of record, such as <c>person</c>.</summary>
    public string Entity { get; }

    /// <summary>The encoded id: parts joined by ':'.</summary>
    public string Id { get; }

    /// <summary>Builds a URN from raw (not encoded) parts.</summary>
    /// <param name="org">The group that owns the data.</param>
    /// <param name="vendor">The tool.</param>
    /// <param name="instance">The account inside the tool.</param>
    /// <param name="entity">The kind of record.</param>
    /// <param name="idParts">The parts of the unique ID, at least one not empty.</param>
    /// <exception cref="ArgumentException">A component is empty, or every id part is: the record has no unique ID.</exception>
    public static SourceUrn Create(string org, string vendor, string instance, string entity, params ReadOnlySpan<string?> idParts)
    {
        var id = JoinId(idParts);
        if (id is null)
        {
            throw new ArgumentException($"a record of {vendor}/{entity} has no unique ID: every id part is empty", nameof(idParts));
        }

        return new SourceUrn(Component(org, nameof(org)), Component(vendor, nameof(vendor)), Component(instance, nameof(instance)), Component(entity, nameof(entity)), id);
    }

    /// <summary>Encodes and joins id parts.</summary>
    /// <param name="idParts">Raw parts; null counts as empty.</param>
    /// <returns>The id, or null when every part is empty.</returns>
    public static string? JoinId(params ReadOnlySpan<string?> idParts)
    {
        var any = false;
        foreach (var part in idParts)
        {
            any |= !string.IsNullOrEmpty(part);
        }

        if (!any)
        {
            return null;
        }

        if (idParts.Length == 1)
        {
            return Encode(idParts[0]!);
        }

        var builder = new StringBuilder();
        for (var i = 0; i < idParts.Length; i++)
        {
            if (i > 0)
            {
                builder.Append(':');
            }

            builder.Append(Encode(idParts[i] ?? string.Empty));
        }

        return builder.ToString();
    }

    /// <summary>Reads a URN from its text.</summary>
    /// <param name="text">The text, as <see cref="ToString"/> writes it.</param>
    /// <exception cref="FormatException">The text is no source URN; the message says what is missing.</exception>
    public static SourceUrn Parse(string text) =>
        TryParse(text, out var urn) ? urn : throw new FormatException($"'{text}' is no source URN: it must read org/vendor/instance/entity/id, none of them empty");

    /// <summary>Reads a URN from its text, or says that it is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="urn">The URN.</param>
    public static bool TryParse(string? text, out SourceUrn urn)
    {
        urn = default;
        var parts = text?.Split('/');
        if (parts is not { Length: 5 } || Array.Exists(parts, string.IsNullOrEmpty))
        {
            return false;
        }

        urn = new SourceUrn(parts[0], parts[1], parts[2], parts[3], parts[4], text);
        return true;
    }

    /// <summary>The tool that a URN's text names, without reading the rest of it; empty when the text is no source URN.</summary>
    /// <param name="text">The text.</param>
    public static ReadOnlySpan<char> VendorOf(ReadOnlySpan<char> text)
    {
        Span<Range> parts = stackalloc Range[6];
        if (text.Split(parts, '/') != 5)
        {
            return default;
        }

        foreach (var part in parts[..5])
        {
            if (text[part].IsEmpty)
            {
                return default;
            }
        }

        return text[parts[1]];
    }

    /// <summary>The parts of the id, decoded.</summary>
    public IReadOnlyList<string> IdParts() => [.. Id.Split(':').Select(Uri.UnescapeDataString)];

    /// <summary>The URN of another record of the same org, tool and instance.</summary>
    /// <param name="entity">Kind of the other record.</param>
    /// <param name="idParts">Parts of its id.</param>
    public SourceUrn Sibling(string entity, params ReadOnlySpan<string?> idParts) => Create(Org, Vendor, Instance, entity, idParts);

    /// <inheritdoc/>
    public override string ToString() => _text ?? string.Empty;

    static string Component(string value, string name) =>
        string.IsNullOrEmpty(value) ? throw new ArgumentException($"a source URN needs its {name}", name) : Encode(value);

    static string Encode(string part)
    {
        foreach (var c in part)
        {
            if (c is '%' or '/' or ':' || char.IsControl(c))
            {
                return EncodeSlow(part);
            }
        }

        return part;
    }

    static string EncodeSlow(string part)
    {
        var builder = new StringBuilder(part.Length + 8);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in part.EnumerateRunes())
        {
            if (rune.Value is '%' or '/' or ':' || Rune.IsControl(rune))
            {
                foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    builder.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
                }
            }
            else
            {
                builder.Append(rune.ToString());
            }
        }

        return builder.ToString();
    }
}
