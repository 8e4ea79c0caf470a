using System.Numerics;

namespace StreamSync.Identity;

/// <summary>Average linkage of a few items, as nearly all components hold: a table of sums, and sets of items as bits.</summary>
sealed class SmallLinkage : AverageLinkage
{
    /// <summary>Most items: one bit each.</summary>
    public const int MaxCount = 32;

    readonly int _threshold;
    readonly int _unscored;
    readonly int[] _groupOf;
    readonly long[] _sums;

    // By group; a group that has gone into another has no members.
    readonly uint[] _members;
    readonly uint[] _known;
    readonly uint[] _forbidden;

    public SmallLinkage(int count, int threshold, int unscored)
    {
        (_threshold, _unscored) = (threshold, unscored);
        _groupOf = new int[count];
        _sums = new long[count * count];
        _members = new uint[count];
        _known = new uint[count];
        _forbidden = new uint[count];
        for (var i = 0; i < count; i++)
        {
            _groupOf[i] = i;
            _members[i] = 1u << i;
        }
    }

    public override int GroupOf(int item) => _groupOf[item];

    public override IEnumerable<int> Members(int group)
    {
        for (var rest = _members[group]; rest != 0; rest &= rest - 1)
        {
            yield return BitOperations.TrailingZeroCount(rest);
        }
    }

    public override IEnumerable<KeyValuePair<int, long>> Sums(int group)
    {
        for (var rest = _known[group]; rest != 0; rest &= rest - 1)
        {
            var other = BitOperations.TrailingZeroCount(rest);
            yield return new(other, Sum(group, other));
        }
    }

    public override void Set(int x, int y, int weight) => SetSum(x, y, weight);

    public override void Forbid(int x, int y)
    {
        _forbidden[x] |= 1u << y;
        _forbidden[y] |= 1u << x;
    }

    public override bool IsForbidden(int x, int y) => Holds(_forbidden[x], y);

    public override double Mean(int x, int y, long sum) => (double)sum / ((long)Size(x) * Size(y));

    public override void Run(Predicate<int>? takesPart = null, Func<int, int, bool>? mayMerge = null)
    {
        var part = 0u;
        for (var group = 0; group < _members.Length; group++)
        {
            if (_members[group] != 0 && (takesPart is null || takesPart(group)))
            {
                part |= 1u << group;
            }
        }

        // Pairs that were denied, until either of the two grows.
        Span<uint> denied = stackalloc uint[MaxCount];
        denied.Clear();
        while (Best(part, denied) is (var x, var y))
        {
            if (mayMerge is not null && !mayMerge(x, y))
            {
                denied[x] |= 1u << y;
                continue;
            }

            Merge(x, y);
            part &= ~(1u << y);
            denied[x] = 0;
            foreach (ref var others in denied)
            {
                others &= ~(1u << x);
            }
        }
    }

    public override void Merge(int x, int y, bool asOne = false)
    {
        var (into, from) = (Math.Min(x, y), Math.Max(x, y));
        var (a, b) = (Size(into), Size(from));
        Forget(into, from);
        for (var rest = _known[into] | _known[from]; rest != 0; rest &= rest - 1)
        {
            var other = BitOperations.TrailingZeroCount(rest);
            long? near = Holds(_known[into], other) ? Sum(into, other) : null;
            long? far = Holds(_known[from], other) ? Sum(from, other) : null;
            SetSum(into, other, asOne
                ? Math.Max(near * (a + b) / a ?? long.MinValue, far * (a + b) / b ?? long.MinValue)
                : (near ?? (long)_unscored * a * Size(other)) + (far ?? (long)_unscored * b * Size(other)));
            Forget(from, other);
        }

        for (var rest = _forbidden[from]; rest != 0; rest &= rest - 1)
        {
            var other = BitOperations.TrailingZeroCount(rest);
            _forbidden[other] &= ~(1u << from);
            if (other != into)
            {
                Forbid(into, other);
            }
        }

        _forbidden[from] = 0;
        foreach (var member in Members(from))
        {
            _groupOf[member] = into;
        }

        _members[into] |= _members[from];
        _members[from] = 0;
    }

    /// <summary>The pair of groups with the highest mean at or above the threshold; of equals the first.</summary>
    (int X, int Y)? Best(uint part, ReadOnlySpan<uint> denied)
    {
        (int, int)? best = null;
        var highest = 0.0;
        for (var rest = part; rest != 0; rest &= rest - 1)
        {
            var x = BitOperations.TrailingZeroCount(rest);
            for (var others = rest & (rest - 1) & _known[x] & ~_forbidden[x] & ~denied[x]; others != 0; others &= others - 1)
            {
                var y = BitOperations.TrailingZeroCount(others);
                var mean = Mean(x, y, Sum(x, y));
                if (mean >= _threshold && (best is null || mean > highest))
                {
                    (best, highest) = ((x, y), mean);
                }
            }
        }

        return best;
    }

    int Size(int group) => BitOperations.PopCount(_members[group]);

    long Sum(int x, int y) => _sums[(x * _members.Length) + y];

    void SetSum(int x, int y, long sum)
    {
        _sums[(x * _members.Length) + y] = _sums[(y * _members.Length) + x] = sum;
        _known[x] |= 1u << y;
        _known[y] |= 1u << x;
    }

    void Forget(int x, int y)
    {
        _known[x] &= ~(1u << y);
        _known[y] &= ~(1u << x);
    }

    static bool Holds(uint set, int item) => (set >> item & 1) != 0;
}
