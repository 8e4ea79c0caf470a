namespace StreamSync.Sinks;

/// <summary>The warehouse can't take rows now: it is locked, full or gone. Nothing of the batch was kept; it is written again later.</summary>
public sealed class WarehouseWriteException : Exception
{
    /// <summary>Creates the error.</summary>
    public WarehouseWriteException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, without a row's values.</param>
    public WarehouseWriteException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What is wrong, without a row's values.</param>
    /// <param name="innerException">The warehouse's own error.</param>
    public WarehouseWriteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
