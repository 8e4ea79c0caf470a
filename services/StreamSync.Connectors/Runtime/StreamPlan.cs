using StreamSync.Connectors.Sdk;

namespace StreamSync.Connectors.Runtime;

/// <summary>A stream that is to be read.</summary>
/// <param name="Context">The stream.</param>
/// <param name="Style">Style that reads it.</param>
/// <param name="Topics">Its topics.</param>
sealed record StreamPlan(StreamContext Context, IStreamStyle Style, StreamTopics Topics);
