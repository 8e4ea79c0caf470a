namespace StreamSync.Identity;

/// <summary>The features of some records that were compared lately, ready for comparison; few, because what is kept is work for the garbage collector.</summary>
sealed class RecentFeatures
{
    const int Count = 128;

    readonly (int Number, PersonFeatures? Features)[] _recent = new (int Number, PersonFeatures? Features)[Count];

    /// <summary>The features of a record.</summary>
    /// <param name="number">The record's number.</param>
    /// <param name="bytes">Their binary form.</param>
    public PersonFeatures Of(int number, ReadOnlySpan<byte> bytes)
    {
        ref var place = ref _recent[number % Count];
        if (place.Number != number || place.Features is null)
        {
            place = (number, PersonFeatures.FromBytes(bytes));
        }

        return place.Features!;
    }

    /// <summary>Keeps features that are at hand, in place of former ones of the record.</summary>
    public void Keep(int number, PersonFeatures features) => _recent[number % Count] = (number, features);
}
