namespace StreamSync.Kafka.Configuration;

/// <summary>A secret that does not print: neither in a log nor in an error nor by a debugger's string view.</summary>
public sealed class SecretText
{
    readonly string _value;

    /// <summary>Wraps a secret.</summary>
    /// <param name="value">The secret.</param>
    public SecretText(string value) => _value = value;

    /// <summary>The secret itself; hand it to the client that needs it and to nothing else.</summary>
    public string Reveal() => _value;

    /// <summary>Three stars.</summary>
    public override string ToString() => "***";
}
