using System.Globalization;

namespace StreamSync.Kafka.Configuration;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">File name, as the user gave it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public sealed record ConfigPlace(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}

/// <summary>One thing that is wrong in a configuration file, and what to do about it. Never holds a secret's value.</summary>
/// <param name="File">File name, as the user gave it.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do.</param>
public sealed record ConfigError(string File, int Line, int Column, string Message, string Remedy)
{
    /// <summary>Creates an error at a place.</summary>
    /// <param name="place">Where.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="remedy">What to do.</param>
    public ConfigError(ConfigPlace place, string message, string remedy)
        : this(place.File, place.Line, place.Column, message, remedy)
    {
    }

    /// <summary><c>file:line:column: message - remedy</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message} - {Remedy}");
}
