namespace StreamSync.LocalKafka.Protocol.Messages;

/// <summary>Many requests name topics until some version and carry topic ids from then on (KIP-516).</summary>
static class TopicRef
{
    public static void Visit(Wire w, short idsFrom, ref string name, ref Guid id)
    {
        if (w.Version >= idsFrom)
        {
            w.Uuid(ref id);
        }
        else
        {
            w.String(ref name);
        }
    }
}
