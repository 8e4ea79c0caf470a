namespace StreamSync.Identity;

/// <summary>
/// Groups items by mean evidence between groups, the strongest first, until no mean reaches the threshold (average linkage, Sokal and
/// Michener 1958). A pair without evidence counts a fixed amount. Whole numbers and a fixed order of ties make the result independent of the
/// order of arrival.
/// </summary>
abstract class AverageLinkage
{
    /// <summary>Linkage of so many items.</summary>
    public static AverageLinkage Of(int count, int threshold, int unscored) =>
        count <= SmallLinkage.MaxCount ? new SmallLinkage(count, threshold, unscored) : new SparseLinkage(count, threshold, unscored);

    /// <summary>The group an item is in: the smallest item of the group.</summary>
    public abstract int GroupOf(int item);

    /// <summary>The members of a group.</summary>
    public abstract IEnumerable<int> Members(int group);

    /// <summary>Groups of which evidence towards this one is known, with the sum over their pairs.</summary>
    public abstract IEnumerable<KeyValuePair<int, long>> Sums(int group);

    /// <summary>Sets the evidence of a pair; before any merge.</summary>
    public abstract void Set(int x, int y, int weight);

    /// <summary>Keeps two groups apart for good.</summary>
    public abstract void Forbid(int x, int y);

    public abstract bool IsForbidden(int x, int y);

    /// <summary>Mean evidence between two groups.</summary>
    public abstract double Mean(int x, int y, long sum);

    /// <summary>Merges best pairs first.</summary>
    /// <param name="takesPart">Groups that may be merged; null for all. Groups that take part do so too when they are one.</param>
    /// <param name="mayMerge">A last say on a pair whose mean is high enough; null for yes.</param>
    public abstract void Run(Predicate<int>? takesPart = null, Func<int, int, bool>? mayMerge = null);

    /// <summary>Merges two groups whatever the evidence.</summary>
    /// <param name="x">One group.</param>
    /// <param name="y">The other.</param>
    /// <param name="asOne">
    /// True when somebody knows that the two are one person: the merged group is as near to each other group as the nearer of the two was. By
    /// the mean, what was joined to one of them would fall away from both.
    /// </param>
    public abstract void Merge(int x, int y, bool asOne = false);
}
