namespace StreamSync.LocalKafka.Log.Batches;

/// <summary>
/// Records that cannot even be decompressed. Apache Kafka answers these with UNKNOWN_SERVER_ERROR, and damage within decompressed records
/// with INVALID_RECORD.
/// </summary>
sealed class UndecodableException(string message, Exception inner) : Exception(message, inner);
