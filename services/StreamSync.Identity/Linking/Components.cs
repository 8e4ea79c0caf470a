namespace StreamSync.Identity;

/// <summary>Two records and all evidence between them, in hundredths of a bit.</summary>
/// <param name="A">Index of one record.</param>
/// <param name="B">Index of the other.</param>
/// <param name="Total">Evidence.</param>
/// <param name="Housemates">True when two of one household are the likelier alternative to one person than two strangers.</param>
public readonly record struct ScoredPair(int A, int B, int Total, bool Housemates = false)
{
    /// <summary>True when the pair counts as a link by itself.</summary>
    public bool IsLink => Total >= (Housemates ? IdentityModel.HousemateLinkThreshold : IdentityModel.LinkThreshold);
}

/// <summary>Cuts a set of records into the parts that links connect.</summary>
static class Components
{
    /// <summary>The records of each component of two or more, in order; components in the order of their first record.</summary>
    public static List<int[]> Of(int records, IEnumerable<ScoredPair> links)
    {
        var parents = new int[records];
        for (var i = 0; i < records; i++)
        {
            parents[i] = i;
        }

        foreach (var link in links)
        {
            var (x, y) = (Root(link.A), Root(link.B));
            if (x != y)
            {
                parents[Math.Max(x, y)] = Math.Min(x, y);
            }
        }

        var sizes = new int[records];
        for (var i = 0; i < records; i++)
        {
            sizes[Root(i)]++;
        }

        var components = new List<int[]>();
        var place = new int[records];
        for (var i = 0; i < records; i++)
        {
            var root = Root(i);
            if (sizes[root] < 2)
            {
                continue;
            }

            if (root == i)
            {
                place[i] = components.Count;
                components.Add(new int[sizes[root]]);
                sizes[root] = 2;
                components[^1][0] = i;
                continue;
            }

            components[place[root]][sizes[root]++ - 1] = i;
        }

        return components;

        int Root(int x)
        {
            while (parents[x] != x)
            {
                x = parents[x] = parents[parents[x]];
            }

            return x;
        }
    }
}
