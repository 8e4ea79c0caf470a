using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>A vendor folder's <c>connector.yaml</c>, checked.</summary>
sealed record ConnectorManifest
{
    /// <summary>Vendor folder name: part of URNs and topics, and what a sync names as its <c>connector</c>.</summary>
    public required string Vendor { get; init; }

    /// <summary>Name for people.</summary>
    public required string Title { get; init; }

    /// <summary>Version of the connector, kept with every change.</summary>
    public required string Version { get; init; }

    /// <summary>What a sync may set.</summary>
    public IReadOnlyList<SettingDeclaration> Settings { get; init; } = [];

    /// <summary>Secrets a sync gives.</summary>
    public IReadOnlyList<SecretDeclaration> Secrets { get; init; } = [];

    /// <summary>Limits of the vendor's API, shared by all streams of one credential; null for none.</summary>
    public RateLimitOptions? RateLimit { get; init; }

    /// <summary>Streams, by unique name.</summary>
    public required IReadOnlyList<StreamManifest> Streams { get; init; }

    /// <summary>The folder it was read from.</summary>
    public required string Folder { get; init; }
}

/// <summary>A secret that a connector takes.</summary>
sealed record SecretDeclaration(string Name, bool Required, string Doc);

/// <summary>Limits of a vendor's API.</summary>
/// <param name="Requests">Requests allowed in a window.</param>
/// <param name="Per">The window.</param>
/// <param name="Burst">Requests that may come at once.</param>
sealed record RateLimitOptions(int Requests, TimeSpan Per, int Burst);

/// <summary>A stream of a connector.</summary>
sealed record StreamManifest
{
    public required string Name { get; init; }

    /// <summary>Style that reads it.</summary>
    public required string Style { get; init; }

    /// <summary>Entity word of the source URN.</summary>
    public required string Entity { get; init; }

    /// <summary>
    /// Paths of the fields whose values, in order, are the record's unique ID. A record that lacks one is refused, unless the path ends in
    /// '?': then the part may be blank.
    /// </summary>
    public required IReadOnlyList<string> Id { get; init; }

    /// <summary>When the tool last changed the record: a lower one never overwrites a higher one.</summary>
    public TimeRule? UpdatedAt { get; init; }

    /// <summary>When it happened.</summary>
    public TimeRule? OccurredAt { get; init; }

    /// <summary>Fields that change without meaning anything, such as the time of an export: no change of a row.</summary>
    public IReadOnlyList<string> Volatile { get; init; } = [];

    /// <summary>False for a log that is exact by itself: then the host keeps no state of rows and drops nothing as unchanged.</summary>
    public bool RowState { get; init; } = true;

    /// <summary>True when payloads may lack fields: then an absent field is not null.</summary>
    public bool Partial { get; init; }

    /// <summary>Where the stream stands in <c>connector.yaml</c>.</summary>
    public required ConfigPlace Place { get; init; }

    /// <summary>What the style read from its block.</summary>
    public object Options { get; init; } = new();
}

/// <summary>How a time field is read.</summary>
/// <param name="Field">Path of the field.</param>
/// <param name="Zone">IANA zone, <c>setting:NAME</c> or <c>field:PATH</c> in which texts without offset are read; null means that texts carry one.</param>
/// <param name="Local">The same, for the zone whose calendar counts when the tool writes another one (exports in UTC); null takes <paramref name="Zone"/>.</param>
/// <param name="Unit">For numbers: seconds, milliseconds or microseconds since 1970; null for texts.</param>
sealed record TimeRule(string Field, string? Zone, string? Local, string? Unit)
{
    public const string SettingPrefix = "setting:";
    public const string FieldPrefix = "field:";
}
