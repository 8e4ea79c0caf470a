namespace StreamSync.LocalKafka.Protocol;

/// <summary>What came in is not a message of the Kafka protocol. The connection is closed; the message says what was wrong, not the bytes.</summary>
sealed class ProtocolException(string message) : Exception(message);
