namespace StreamSync.Kafka.Configuration;

/// <summary>Declares a key of the configuration file: the reader, the errors and the reference documentation all follow it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigKeyAttribute : Attribute
{
    /// <summary>Declares a key.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="doc">What it means, one sentence, with its unit.</param>
    public ConfigKeyAttribute(string name, string doc)
    {
        Name = name;
        Doc = doc;
    }

    /// <summary>Name in the file.</summary>
    public string Name { get; }

    /// <summary>What it means.</summary>
    public string Doc { get; }

    /// <summary>An example value, as written in the file.</summary>
    public string? Example { get; init; }

    /// <summary>What holds when the key is absent, as written in the file.</summary>
    public string? Default { get; init; }

    /// <summary>True when the key must be there.</summary>
    public bool Required { get; init; }

    /// <summary>True when the value is a secret: it must come from <c>${env:NAME}</c> or <c>${file:PATH}</c> and is never quoted.</summary>
    public bool Secret { get; init; }

    /// <summary>The words allowed, separated by '|'; null allows all.</summary>
    public string? OneOf { get; init; }

    /// <summary>Lowest number allowed.</summary>
    public long Min { get; init; } = long.MinValue;

    /// <summary>Highest number allowed.</summary>
    public long Max { get; init; } = long.MaxValue;
}
