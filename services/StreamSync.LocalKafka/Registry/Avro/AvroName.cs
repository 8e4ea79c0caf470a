namespace StreamSync.LocalKafka.Registry.Avro;

/// <summary>How strictly names are held to the specification.</summary>
enum NameRule
{
    /// <summary>A new schema: ASCII letters, digits and underscores, in every part of the namespace too.</summary>
    Strict,

    /// <summary>A schema that is looked up or was stored by an older registry: any letter, and no look at the namespace.</summary>
    Lenient,

    /// <summary>A schema that another one refers to: it was judged when it was registered.</summary>
    None,
}

/// <summary>The name of a record, enum or fixed, or an alias of one.</summary>
readonly record struct AvroName
{
    public AvroName(string name, string? space)
    {
        var dot = name.LastIndexOf('.');
        Simple = name[(dot + 1)..];
        var given = dot < 0 ? space : name[..dot];
        Space = string.IsNullOrEmpty(given) ? null : given;
        Full = Space is null ? Simple : $"{Space}.{Simple}";
    }

    /// <summary>The name without its namespace.</summary>
    public string Simple { get; }

    /// <summary>The namespace, or null for none.</summary>
    public string? Space { get; }

    public string Full { get; }

    /// <summary>The name as written inside the namespace <paramref name="current"/>: short there, unless it would read as a primitive.</summary>
    public string Within(string? current) => Space is not null && Space == current && !AvroTypes.IsTypeName(Simple) ? Simple : Full;

    public bool Equals(AvroName other) => Full == other.Full;

    public override int GetHashCode() => Full.GetHashCode(StringComparison.Ordinal);

    /// <summary>Checks one part of a name.</summary>
    /// <exception cref="AvroSchemaException">The part is missing, empty, or holds a character that is not allowed there.</exception>
    public static void Check(string? part, NameRule rule, string what)
    {
        if (rule == NameRule.None)
        {
            return;
        }
        if (string.IsNullOrEmpty(part))
        {
            throw new AvroSchemaException($"{what} is missing or empty");
        }
        for (var i = 0; i < part.Length; i++)
        {
            var c = part[i];
            var letter = rule == NameRule.Strict ? char.IsAsciiLetter(c) : char.IsLetter(c);
            var digit = i > 0 && (rule == NameRule.Strict ? char.IsAsciiDigit(c) : char.IsDigit(c));
            if (!letter && !digit && c != '_')
            {
                throw new AvroSchemaException(i == 0
                    ? $"{what} \"{part}\" must start with a letter or an underscore"
                    : $"{what} \"{part}\" may hold only letters, digits and underscores");
            }
        }
    }

    /// <summary>Checks every part of a full name.</summary>
    /// <exception cref="AvroSchemaException">A part is empty or holds a character that is not allowed there.</exception>
    public static void CheckFull(AvroName name, NameRule rule)
    {
        // Java's split drops empty parts at the end, so a name never ends in one here: the simple name was checked before.
        foreach (var part in name.Space?.Split('.') ?? [])
        {
            Check(part, rule, $"a part of the namespace of \"{name.Full}\"");
        }
    }
}
