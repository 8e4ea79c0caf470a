namespace StreamSync.Console;

/// <summary>Where the console is served.</summary>
public sealed class ConsoleAddress
{
    /// <summary>Its URL once it listens; null before.</summary>
    public Uri? Url { get; internal set; }
}
