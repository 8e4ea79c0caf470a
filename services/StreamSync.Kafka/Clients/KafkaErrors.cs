namespace StreamSync.Kafka.Clients;

/// <summary>Another instance took over the transactional id: this one must stop.</summary>
public sealed class PublisherFencedException : Exception
{
    /// <summary>Creates the error.</summary>
    public PublisherFencedException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened.</param>
    public PublisherFencedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The client's error.</param>
    public PublisherFencedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// The transaction was rolled back, or could not be ended while the publisher's <see cref="TransactionalPublisher.NeedsInit"/> is set: read the
/// checkpoint and go on from there.
/// </summary>
public sealed class TransactionAbortedException : Exception
{
    /// <summary>Creates the error.</summary>
    public TransactionAbortedException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened.</param>
    public TransactionAbortedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The client's error.</param>
    public TransactionAbortedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A broker or registry does not answer; the message names host, place in the configuration and remedy.</summary>
public sealed class ClusterUnreachableException : Exception
{
    /// <summary>Creates the error.</summary>
    public ClusterUnreachableException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What does not answer, and what to do.</param>
    public ClusterUnreachableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">What does not answer, and what to do.</param>
    /// <param name="innerException">The client's error.</param>
    public ClusterUnreachableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A value schema that readers of the topic could not follow; the message names the subject and the difference.</summary>
public sealed class IncompatibleSchemaException : Exception
{
    /// <summary>Creates the error.</summary>
    public IncompatibleSchemaException()
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">Subject and difference.</param>
    public IncompatibleSchemaException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the error.</summary>
    /// <param name="message">Subject and difference.</param>
    /// <param name="innerException">The registry's error.</param>
    public IncompatibleSchemaException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
