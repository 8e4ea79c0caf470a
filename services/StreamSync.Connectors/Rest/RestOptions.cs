namespace StreamSync.Connectors.Rest;

/// <summary>A stream's <c>rest:</c> block.</summary>
internal sealed record RestOptions
{
    /// <summary>Address of the API; a template.</summary>
    public required SettingTemplate BaseUrl { get; init; }

    /// <summary>The list of the stream's items.</summary>
    public required RestList List { get; init; }

    /// <summary>Headers of every request; templates, mostly with the secret.</summary>
    public required IReadOnlyDictionary<string, SettingTemplate> Headers { get; init; }

    /// <summary>Fields made from others before the record is read: field to rule.</summary>
    public required IReadOnlyDictionary<string, DeriveRule> Derive { get; init; }

    /// <summary>A second list that names deleted items; null when the vendor has none.</summary>
    public RestList? Deleted { get; init; }

    /// <summary>Time between two polls; a template of a duration.</summary>
    public required SettingTemplate Poll { get; init; }

    /// <summary>How long the vendor may take for a whole page.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>A list of a vendor's API.</summary>
internal sealed record RestList
{
    /// <summary>Path below the base URL.</summary>
    public required SettingTemplate Path { get; init; }

    /// <summary>Query of the first page.</summary>
    public required IReadOnlyDictionary<string, SettingTemplate> Query { get; init; }

    /// <summary>Where the items stand in the answer.</summary>
    public required JsonPath Items { get; init; }

    /// <summary>Where the vendor says how many items match; then a walk that reads another number fails.</summary>
    public JsonPath? Count { get; init; }

    /// <summary>How to come to the next page; null when there is only one.</summary>
    public NextPage? Next { get; init; }

    /// <summary>How to ask for what changed; null reads everything each time.</summary>
    public CursorRule? Cursor { get; init; }

    /// <summary>True when addresses of the list hold a secret: then they are written nowhere.</summary>
    public bool HasSecrets => Query.Values.Append(Path).Any(t => t.Secrets.Any());
}

/// <summary>How to come to the next page.</summary>
/// <param name="Link">Where the absolute URL of the next page stands; null for page numbers.</param>
/// <param name="PageParameter">Query parameter that counts pages from 1 up to an empty one; null for links.</param>
internal sealed record NextPage(JsonPath? Link, string? PageParameter);

/// <summary>How to ask for what changed since the last walk.</summary>
/// <param name="Query">Query parameter.</param>
/// <param name="Template">Its value, with {value} for the time.</param>
/// <param name="Field">Where an item's modification time stands.</param>
/// <param name="Unit">seconds, milliseconds or microseconds since 1970 for numbers; null for ISO 8601 texts.</param>
/// <param name="Overlap">How much earlier than the newest item each walk starts, so that ties and late commits are read.</param>
internal sealed record CursorRule(string Query, string Template, JsonPath Field, string? Unit, TimeSpan Overlap);

/// <summary>A field made from another one.</summary>
/// <param name="From">A list of texts.</param>
/// <param name="Prefix">Takes the first text with this prefix, without it.</param>
internal sealed record DeriveRule(JsonPath From, string Prefix);
