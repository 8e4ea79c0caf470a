namespace StreamSync.Identity;

/// <summary>Average linkage of any number of items, most of which have evidence towards few others.</summary>
sealed class SparseLinkage : AverageLinkage
{
    readonly int _threshold;
    readonly int _unscored;
    readonly List<int>?[] _members;
    readonly Dictionary<int, long>[] _sums;
    readonly HashSet<int>?[] _forbidden;
    readonly int[] _versions;
    readonly int[] _groupOf;

    public SparseLinkage(int count, int threshold, int unscored)
    {
        _threshold = threshold;
        _unscored = unscored;
        _members = new List<int>?[count];
        _sums = new Dictionary<int, long>[count];
        _forbidden = new HashSet<int>?[count];
        _versions = new int[count];
        _groupOf = new int[count];
        for (var i = 0; i < count; i++)
        {
            _members[i] = [i];
            _sums[i] = [];
            _groupOf[i] = i;
        }
    }

    public override int GroupOf(int item) => _groupOf[item];

    public override IEnumerable<int> Members(int group) => _members[group]!;

    public override IEnumerable<KeyValuePair<int, long>> Sums(int group) => _sums[group];

    public override void Set(int x, int y, int weight) => _sums[x][y] = _sums[y][x] = weight;

    public override void Forbid(int x, int y)
    {
        (_forbidden[x] ??= []).Add(y);
        (_forbidden[y] ??= []).Add(x);
    }

    public override bool IsForbidden(int x, int y) => _forbidden[x]?.Contains(y) ?? false;

    public override double Mean(int x, int y, long sum) => (double)sum / ((long)_members[x]!.Count * _members[y]!.Count);

    public override void Run(Predicate<int>? takesPart = null, Func<int, int, bool>? mayMerge = null)
    {
        var queue = new PriorityQueue<(int X, int Y, int Versions), (double Mean, int X, int Y)>(
            Comparer<(double Mean, int X, int Y)>.Create(static (p, q) =>
                p.Mean != q.Mean ? q.Mean.CompareTo(p.Mean) : p.X != q.X ? p.X.CompareTo(q.X) : p.Y.CompareTo(q.Y)));
        for (var x = 0; x < _members.Length; x++)
        {
            Enqueue(queue, x, onlyLater: true, takesPart);
        }

        while (queue.TryDequeue(out var best, out _))
        {
            if (best.Versions != _versions[best.X] + _versions[best.Y] || _members[best.X] is null || _members[best.Y] is null
                || (mayMerge is not null && !mayMerge(best.X, best.Y)))
            {
                continue;
            }

            Merge(best.X, best.Y);
            Enqueue(queue, best.X, onlyLater: false, takesPart);
        }
    }

    public override void Merge(int x, int y, bool asOne = false)
    {
        var (into, from) = (Math.Min(x, y), Math.Max(x, y));
        var (a, b) = (_members[into]!.Count, _members[from]!.Count);
        _sums[into].Remove(from);
        _sums[from].Remove(into);
        foreach (var (other, sum) in _sums[into])
        {
            if (!_sums[from].ContainsKey(other))
            {
                Set(other, asOne ? sum * (a + b) / a : sum + ((long)_unscored * b * _members[other]!.Count));
            }
        }

        foreach (var (other, sum) in _sums[from])
        {
            var isKnown = _sums[into].TryGetValue(other, out var known);
            Set(other, asOne
                ? Math.Max(sum * (a + b) / b, isKnown ? known * (a + b) / a : long.MinValue)
                : sum + (isKnown ? known : (long)_unscored * a * _members[other]!.Count));
            _sums[other].Remove(from);
        }

        void Set(int other, long both) => _sums[into][other] = _sums[other][into] = both;

        _sums[from] = [];
        if (_forbidden[from] is { } apart)
        {
            foreach (var other in apart)
            {
                _forbidden[other]!.Remove(from);
                if (other != into)
                {
                    Forbid(into, other);
                }
            }

            _forbidden[from] = null;
        }

        foreach (var member in _members[from]!)
        {
            _groupOf[member] = into;
        }

        _members[into]!.AddRange(_members[from]!);
        _members[from] = null;
        _versions[into]++;
        _versions[from]++;
    }

    void Enqueue(
        PriorityQueue<(int X, int Y, int Versions), (double Mean, int X, int Y)> queue, int group, bool onlyLater, Predicate<int>? takesPart)
    {
        if (_members[group] is null || (takesPart is not null && !takesPart(group)))
        {
            return;
        }

        foreach (var (other, sum) in _sums[group])
        {
            if ((onlyLater && other < group) || IsForbidden(group, other) || (takesPart is not null && !takesPart(other)))
            {
                continue;
            }

            var mean = Mean(group, other, sum);
            if (mean >= _threshold)
            {
                var (x, y) = (Math.Min(group, other), Math.Max(group, other));
                queue.Enqueue((x, y, _versions[x] + _versions[y]), (mean, x, y));
            }
        }
    }
}
