namespace StreamSync.Kafka.Configuration;

/// <summary>A configuration that can't be used: everything that is wrong with it, at once.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="errors">All errors, at least one.</param>
    public ConfigException(IReadOnlyList<ConfigError> errors)
        : base(string.Join(Environment.NewLine, errors))
    {
        Errors = errors;
    }

    /// <summary>Creates the error.</summary>
    public ConfigException()
        : this([])
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong.</param>
    public ConfigException(string message)
        : base(message)
    {
        Errors = [];
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">Why.</param>
    public ConfigException(string message, Exception innerException)
        : base(message, innerException)
    {
        Errors = [];
    }

    /// <summary>All errors, in the order of the file.</summary>
    public IReadOnlyList<ConfigError> Errors { get; }
}
