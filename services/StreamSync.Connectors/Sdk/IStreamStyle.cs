using StreamSync.Kafka.Configuration;

namespace StreamSync.Connectors.Sdk;

/// <summary>
/// A way to read streams: file, rest, webhook, postgres. One instance a process; it knows its own block of <c>connector.yaml</c> and
/// opens readers. Everything else (transactions, row state, quarantine, status, retries) belongs to the host.
/// </summary>
interface IStreamStyle
{
    /// <summary>Word after <c>style:</c>, and name of the block that holds the style's options.</summary>
    string Name { get; }

    /// <summary>True when the source decides when something comes: then nothing for long is told as "silent".</summary>
    bool ComesByItself => false;

    /// <summary>True when the source may deliver a change again after later ones: then the host knows earlier changes of a row as well.</summary>
    bool Redelivers => false;

    /// <summary>
    /// True when each run reads again what earlier ones have read (a poll with its overlap): then rows that are as before tell nothing, and are not
    /// counted.
    /// </summary>
    bool Rereads => false;

    /// <summary>Reads the style's block of a stream; errors go to the block with their places.</summary>
    /// <param name="block">The block; empty when the stream has none.</param>
    /// <param name="stream">The stream, without its options.</param>
    /// <returns>Options, kept as <see cref="StreamManifest.Options"/>.</returns>
    object ReadOptions(BlockReader block, StreamManifest stream);

    /// <summary>False when the sync's settings leave the stream out: it is then read only if the sync asks for it by name, and that is an error.</summary>
    /// <param name="context">The stream.</param>
    bool IsWanted(StreamContext context) => true;

    /// <summary>
    /// Checks what only the sync's own settings can tell (a folder that is not there, a URL): called once before the host starts.
    /// </summary>
    /// <param name="context">The stream.</param>
    /// <param name="errors">Takes every error.</param>
    void Check(StreamContext context, ICollection<ConfigError> errors)
    {
    }

    /// <summary>Opens a reader; nothing is read yet.</summary>
    /// <param name="context">The stream.</param>
    IStreamReader Open(StreamContext context);
}
