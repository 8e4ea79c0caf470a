namespace StreamSync.Kafka.Configuration;

/// <summary>The commented file that <c>streamsync init</c> writes.</summary>
public static class ConfigTemplate
{
    /// <summary>The text.</summary>
    public static string Text => throw new NotImplementedException();
}
