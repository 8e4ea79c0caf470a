namespace StreamSync.Identity;

/// <summary>
/// Records in the engine's fixed order, the oldest first and by URN among equals: samples, sums and ties go by it, so that the order in which records
/// are given decides nothing.
/// </summary>
sealed class RecordOrder
{
    readonly int[] _given;

    RecordOrder(IReadOnlyList<PersonFeatures> records, int[] given) => (Records, _given) = (records, given);

    /// <summary>The records in order.</summary>
    public IReadOnlyList<PersonFeatures> Records { get; }

    /// <summary>Orders records.</summary>
    /// <param name="records">Records; each URN once.</param>
    public static RecordOrder Of(IReadOnlyList<PersonFeatures> records)
    {
        var given = new int[records.Count];
        var keys = new (long CreatedAt, string Urn)[records.Count];
        var isOrdered = true;
        for (var i = 0; i < given.Length; i++)
        {
            given[i] = i;
            keys[i] = (records[i].CreatedAt, records[i].Urn);
            isOrdered &= i == 0 || PersonClustering.Oldest(keys[i - 1], keys[i]) <= 0;
        }

        if (isOrdered)
        {
            return new RecordOrder(records, given);
        }

        Array.Sort(keys, given, Comparer<(long CreatedAt, string Urn)>.Create(PersonClustering.Oldest));
        return new RecordOrder(Array.ConvertAll(given, record => records[record]), given);
    }

    /// <summary>The index that an ordered record had as given.</summary>
    public int Given(int record) => _given[record];

    /// <summary>What is known of each record as given, in order.</summary>
    public int[] Of(IReadOnlyList<int> given) => Array.ConvertAll(_given, record => given[record]);
}
