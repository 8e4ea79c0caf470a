namespace StreamSync.LocalKafka.Registry.Avro.Binary;

/// <summary>Why bytes could not be read with a schema, or a value not be written with one.</summary>
public enum AvroDataProblem
{
    /// <summary>The writer's schema and the reader's do not fit, or do not for this value.</summary>
    CannotResolve,

    /// <summary>The bytes end in the middle of the value.</summary>
    Truncated,

    /// <summary>The index of a union's branch or an enum's symbol lies outside it.</summary>
    BadIndex,

    /// <summary>A length or count is negative or absurd.</summary>
    BadLength,

    /// <summary>A number of variable length has too many bytes.</summary>
    BadVarint,

    /// <summary>A value to be written is not of the schema's type.</summary>
    DoesNotFit,

    /// <summary>The message does not start with the five bytes that name its schema, or names one that is unknown.</summary>
    BadFrame,
}

/// <summary>Bytes that cannot be read with a schema, or a value that cannot be written with one. Never tells the value itself.</summary>
public sealed class AvroDataException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="message">Where, in words.</param>
    /// <param name="inner">What it comes from.</param>
    public AvroDataException(AvroDataProblem problem, string message, Exception? inner = null) : base(message, inner) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public AvroDataProblem Problem { get; }
}
