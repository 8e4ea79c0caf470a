using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>
/// The topics that members of a consumer group subscribe to, needed only to keep offsets in use from deletion. Of the bytes that
/// belong to the group's own protocol only this beginning is fixed by Kafka.
/// </summary>
static class ConsumerSubscription
{
    public const string ProtocolType = "consumer";

    /// <summary>All topics of all members, or null if a member's bytes cannot be read.</summary>
    public static IReadOnlySet<string>? Topics(Group group)
    {
        var topics = new HashSet<string>();
        foreach (var member in group.Members)
        {
            var reader = new WireReader(member.Protocols.Count == 0 ? [] : member.Metadata(group.ProtocolName ?? member.Protocols[0].Name));
            try
            {
                short version = 0;
                List<string> names = [];
                reader.Int16(ref version);
                reader.Strings(ref names);
                topics.UnionWith(names);
            }
            catch (ProtocolException)
            {
                return null;
            }
        }

        return topics;
    }
}
