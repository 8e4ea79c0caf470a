namespace StreamSync.Sinks.AvroBinary;

/// <summary>A record's bytes are not what its schema says. The message never carries a value, which may be personal.</summary>
sealed class MalformedRecordException : Exception
{
    public MalformedRecordException()
        : this("the record does not follow its schema")
    {
    }

    public MalformedRecordException(string message)
        : base(message)
    {
    }

    public MalformedRecordException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public static MalformedRecordException Short() => new("the record is shorter than its schema says");
}
