namespace StreamSync.Kafka.Configuration;

/// <summary>A node of a configuration file, with its place.</summary>
/// <param name="Place">Where it stands.</param>
public abstract record ConfigNode(ConfigPlace Place);

/// <summary>A single value.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Text">The text, with references resolved; null for an empty value.</param>
/// <param name="IsSecret">True when a part of the text came from a reference: then no message may quote it.</param>
public sealed record ConfigScalar(ConfigPlace Place, string? Text, bool IsSecret) : ConfigNode(Place)
{
    /// <summary>The text in quotes, or three stars.</summary>
    public override string ToString() => IsSecret ? "***" : $"'{Text}'";
}

/// <summary>A list.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Items">Its items.</param>
public sealed record ConfigList(ConfigPlace Place, IReadOnlyList<ConfigNode> Items) : ConfigNode(Place);

/// <summary>Named values.</summary>
/// <param name="Place">Where it starts.</param>
/// <param name="Entries">Its entries, in the order of the file; names are unique.</param>
public sealed record ConfigMap(ConfigPlace Place, IReadOnlyList<ConfigEntry> Entries) : ConfigNode(Place)
{
    /// <summary>The entry of a name, or null.</summary>
    /// <param name="name">Name of the entry.</param>
    public ConfigEntry? Find(string name) => Entries.FirstOrDefault(e => e.Name == name);
}

/// <summary>One entry of a <see cref="ConfigMap"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where the name stands.</param>
/// <param name="Value">Its value.</param>
public sealed record ConfigEntry(string Name, ConfigPlace Place, ConfigNode Value);
