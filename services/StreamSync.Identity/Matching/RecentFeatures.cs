namespace StreamSync.Identity;

/// <summary>The features of some records that were compared lately, ready for comparison; few, because what is kept is work for the garbage collector.</summary>
sealed class RecentFeatures
{
    const int Count = 128;

    readonly (ReadOnlyMemory<byte> Bytes, PersonFeatures Features)[] _recent = new (ReadOnlyMemory<byte>, PersonFeatures)[Count];

    /// <summary>The features of a record.</summary>
    /// <param name="number">The record's number.</param>
    /// <param name="bytes">Their binary form.</param>
    public PersonFeatures Of(int number, ReadOnlyMemory<byte> bytes)
    {
        ref var place = ref _recent[number % Count];
        if (!place.Bytes.Equals(bytes))
        {
            place = (bytes, PersonFeatures.FromBytes(bytes.Span));
        }

        return place.Features;
    }

    /// <summary>Keeps features that are at hand.</summary>
    public void Keep(int number, ReadOnlyMemory<byte> bytes, PersonFeatures features) => _recent[number % Count] = (bytes, features);
}
