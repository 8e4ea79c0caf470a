using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace StreamSync.Kafka.Clients;

/// <summary>What librdkafka says goes to the service's log.</summary>
static class ClientLog
{
    public static void Write(ILogger logger, LogMessage message) =>
        logger.Log((LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging), "{Client}: {Facility} {Message}", message.Name, message.Facility, message.Message);

    /// <summary>Errors that reach this handler are informational: the client goes on trying, and calls that fail throw by themselves.</summary>
    public static void Write(ILogger logger, string client, Error error) =>
        logger.Log(error.IsFatal ? LogLevel.Error : LogLevel.Warning, "{Client}: {Code} {Reason}", client, error.Code, error.Reason);
}
