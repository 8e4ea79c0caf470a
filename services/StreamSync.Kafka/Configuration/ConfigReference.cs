namespace StreamSync.Kafka.Configuration;

/// <summary>The reference of every option, written from the types that read them.</summary>
public static class ConfigReference
{
    /// <summary>The reference as Markdown.</summary>
    public static string ToMarkdown() => throw new NotImplementedException();
}
