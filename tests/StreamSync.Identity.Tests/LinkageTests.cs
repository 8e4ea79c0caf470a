namespace StreamSync.Identity.Tests;

/// <summary>The table for a few items and the rows for many group alike.</summary>
public class LinkageTests
{
    const int Threshold = 300;

    [Fact]
    public void A_few_items_are_grouped_as_many_are()
    {
        var random = new Random(7);
        var merged = 0;
        for (var round = 0; round < 2000; round++)
        {
            var count = random.Next(1, SmallLinkage.MaxCount + 1);
            var small = new SmallLinkage(count, Threshold, unscored: -150);
            var sparse = new SparseLinkage(count, Threshold, unscored: -150);
            var seed = random.Next();
            var groups = Group(small, count, seed);

            Assert.Equal(Group(sparse, count, seed), groups);
            merged += groups.Where((group, item) => group != item).Count();
        }

        Assert.True(merged > 2000, $"only {merged} merges");
    }

    static List<int> Group(AverageLinkage linkage, int count, int seed)
    {
        // Few different weights, so that there are ties; some pairs have none.
        var random = new Random(seed);
        var (links, forbidden, joins) = (random.Next(count * 3), random.Next(count), random.Next(3));
        for (var i = 0; i < links; i++)
        {
            Pair((x, y) => linkage.Set(x, y, random.Next(-4, 12) * 100));
        }

        for (var i = 0; i < forbidden; i++)
        {
            Pair(linkage.Forbid);
        }

        for (var i = 0; i < joins; i++)
        {
            Pair((x, y) => linkage.Merge(x, y, asOne: true));
        }

        // As bare records wait for the second run, and a pair may be denied for what others are near it.
        linkage.Run(group => group % 4 != 0);
        linkage.Run(mayMerge: (x, y) => (x + y) % 3 != 0 || linkage.Sums(x).Count(near => near.Value >= Threshold) < 2);
        Assert.All(Enumerable.Range(0, count), item => Assert.Contains(item, linkage.Members(linkage.GroupOf(item))));
        return [.. Enumerable.Range(0, count).Select(linkage.GroupOf)];

        void Pair(Action<int, int> action)
        {
            var (x, y) = (linkage.GroupOf(random.Next(count)), linkage.GroupOf(random.Next(count)));
            if (x != y)
            {
                action(x, y);
            }
        }
    }
}
