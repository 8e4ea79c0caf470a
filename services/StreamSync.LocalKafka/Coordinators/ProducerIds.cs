using StreamSync.LocalKafka.Admin;

namespace StreamSync.LocalKafka.Coordinators;

/// <summary>Hands out producer ids, each once for the life of the data directory. They are reserved in blocks, so few hand-outs touch the disk.</summary>
sealed class ProducerIds(TopicCatalog catalog)
{
    const int Block = 1000;
    readonly Lock _lock = new();
    long _next;
    int _left;

    /// <exception cref="IOException">The next block could not be reserved.</exception>
    public long Next()
    {
        lock (_lock)
        {
            if (_left == 0)
            {
                _next = catalog.ReserveProducerIds(Block);
                _left = Block;
            }

            _left--;
            return _next++;
        }
    }
}
