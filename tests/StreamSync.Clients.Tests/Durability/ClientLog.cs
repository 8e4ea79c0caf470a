using Confluent.Kafka;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>The last words of the clients, which tell why one of them stands still.</summary>
sealed class ClientLog
{
    const int Most = 60;

    /// <summary>What every client says over and over while the broker is down.</summary>
    const string Down = "Connection refused";

    readonly Queue<string> _lines = new();

    /// <summary>Takes what a client logs.</summary>
    public void Add(string client, LogMessage message)
    {
        if (message.Message.Contains(Down, StringComparison.Ordinal))
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {client} {message.Facility} {message.Message}");
            if (_lines.Count > Most)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>Repeats the last lines.</summary>
    public void Tell(Action<string> say)
    {
        lock (_lines)
        {
            foreach (var line in _lines)
            {
                say(line);
            }
        }
    }
}
