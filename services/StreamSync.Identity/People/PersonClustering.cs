namespace StreamSync.Identity;

/// <summary>
/// Groups the records of one component into people: first what was decided or asserted, then by the mean evidence between
/// groups, the strongest first, until no mean reaches the threshold. Chains of single links so make no person. The outcome
/// depends on the records alone: they come in a fixed order, sums are whole numbers, and ties go to the older records.
/// </summary>
sealed class PersonClustering
{
    readonly IdentityModel _model;
    readonly IReadOnlyList<GraphNode> _nodes;
    readonly List<int>?[] _members;
    readonly Dictionary<int, long>[] _sums;
    readonly HashSet<int>[] _forbidden;
    readonly int[] _versions;

    PersonClustering(IdentityModel model, IReadOnlyList<GraphNode> oldestFirst)
    {
        _model = model;
        _nodes = oldestFirst;
        var count = oldestFirst.Count;
        _members = new List<int>?[count];
        _sums = new Dictionary<int, long>[count];
        _forbidden = new HashSet<int>[count];
        _versions = new int[count];
        for (var i = 0; i < count; i++)
        {
            _members[i] = [i];
            _sums[i] = [];
            _forbidden[i] = [];
        }
    }

    /// <summary>The people of a component, each with its oldest record first, ordered by their oldest record.</summary>
    /// <param name="model">Threshold and weights.</param>
    /// <param name="oldestFirst">The component's records in their fixed order.</param>
    /// <param name="conflicts">Receives decisions that can't both hold.</param>
    public static List<List<GraphNode>> Group(
        IdentityModel model, IReadOnlyList<GraphNode> oldestFirst, ICollection<DecisionConflict> conflicts)
    {
        if (oldestFirst.Count == 1)
        {
            return [[oldestFirst[0]]];
        }

        var clustering = new PersonClustering(model, oldestFirst);
        clustering.Load(conflicts);
        clustering.Run(nameless: false);
        clustering.Run(nameless: true);
        var people = new List<List<GraphNode>>();
        foreach (var members in clustering._members)
        {
            if (members is not null)
            {
                members.Sort();
                people.Add([.. members.Select(index => oldestFirst[index])]);
            }
        }

        people.Sort((x, y) => Oldest(x[0], y[0]));
        return people;
    }

    /// <summary>The order of records: by when their tool made them, then by URN.</summary>
    public static int Oldest(GraphNode x, GraphNode y)
    {
        var byTime = x.Features!.CreatedAt.CompareTo(y.Features!.CreatedAt);
        return byTime != 0 ? byTime : string.CompareOrdinal(x.Urn, y.Urn);
    }

    void Load(ICollection<DecisionConflict> conflicts)
    {
        var index = new Dictionary<string, int>(_nodes.Count, StringComparer.Ordinal);
        for (var i = 0; i < _nodes.Count; i++)
        {
            index.Add(_nodes[i].Urn, i);
        }

        var must = new List<(int, int)>();
        var cannot = new List<(int, int)>();
        for (var i = 0; i < _nodes.Count; i++)
        {
            foreach (var decision in _nodes[i].Decisions)
            {
                if (index.TryGetValue(decision.A == _nodes[i].Urn ? decision.B : decision.A, out var j) && i < j)
                {
                    if (decision.Kind == DecisionKind.CannotLink)
                    {
                        cannot.Add((i, j));
                        Forbid(i, j);
                    }
                    else if (decision.Kind == DecisionKind.MustLink)
                    {
                        must.Add((i, j));
                    }
                }
            }

            foreach (var edge in _nodes[i].Edges)
            {
                if (!index.TryGetValue(edge.Other, out var j) || i > j)
                {
                    continue;
                }

                if (edge.Assertions > 0)
                {
                    must.Add((i, j));
                }

                if (edge.Parts.Count > 0)
                {
                    _sums[i][j] = _sums[j][i] = edge.Total(_model).Base;
                }
            }
        }

        must.Sort();
        foreach (var (i, j) in must)
        {
            MustLink(i, j, cannot, conflicts);
        }

        ForbidContradictions();
    }

    void MustLink(int i, int j, List<(int A, int B)> cannot, ICollection<DecisionConflict> conflicts)
    {
        var (x, y) = (ClusterOf(i), ClusterOf(j));
        if (x == y)
        {
            return;
        }

        foreach (var (a, b) in cannot)
        {
            var (ca, cb) = (ClusterOf(a), ClusterOf(b));
            if ((ca == x && cb == y) || (ca == y && cb == x))
            {
                conflicts.Add(new DecisionConflict(_nodes[i].Urn, _nodes[j].Urn, _nodes[a].Urn, _nodes[b].Urn));
                return;
            }
        }

        Merge(Math.Min(x, y), Math.Max(x, y));
    }

    int ClusterOf(int node)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            if (_members[i] is { } members && members.Contains(node))
            {
                return i;
            }
        }

        throw new InvalidOperationException("Every record is in exactly one group.");
    }

    /// <summary>Facts that no evidence overrules, between all records, also those that no key compared.</summary>
    void ForbidContradictions()
    {
        for (var i = 0; i < _nodes.Count; i++)
        {
            for (var j = i + 1; j < _nodes.Count; j++)
            {
                if (PairScorer.Contradict(_nodes[i].Features!, _nodes[j].Features!))
                {
                    var (x, y) = (ClusterOf(i), ClusterOf(j));
                    if (x != y)
                    {
                        Forbid(x, y);
                    }
                }
            }
        }
    }

    void Forbid(int x, int y)
    {
        _forbidden[x].Add(y);
        _forbidden[y].Add(x);
    }

    /// <summary>
    /// Merges best pairs first. Records without a name wait for the second run: a bare e-mail address joins the one person
    /// who holds it, and nobody when several do.
    /// </summary>
    void Run(bool nameless)
    {
        var queue = new PriorityQueue<(int X, int Y, int Versions), (double Mean, int X, int Y)>(
            Comparer<(double Mean, int X, int Y)>.Create(static (p, q) =>
                p.Mean != q.Mean ? q.Mean.CompareTo(p.Mean) : p.X != q.X ? p.X.CompareTo(q.X) : p.Y.CompareTo(q.Y)));
        for (var x = 0; x < _members.Length; x++)
        {
            Enqueue(queue, x, onlyLater: true, nameless);
        }

        while (queue.TryDequeue(out var best, out _))
        {
            if (best.Versions != _versions[best.X] + _versions[best.Y] || _members[best.X] is null || _members[best.Y] is null
                || (nameless && IsAmbiguous(best.X, best.Y)))
            {
                continue;
            }

            Merge(best.X, best.Y);
            Enqueue(queue, best.X, onlyLater: false, nameless);
        }
    }

    void Enqueue(
        PriorityQueue<(int X, int Y, int Versions), (double Mean, int X, int Y)> queue, int cluster, bool onlyLater, bool nameless)
    {
        if (_members[cluster] is not { } members)
        {
            return;
        }

        foreach (var (other, sum) in _sums[cluster])
        {
            if ((onlyLater && other < cluster) || _members[other] is not { } others || _forbidden[cluster].Contains(other)
                || (!nameless && (IsNameless(cluster) || IsNameless(other))))
            {
                continue;
            }

            var mean = (double)sum / ((long)members.Count * others.Count);
            if (mean >= _model.Threshold)
            {
                var (x, y) = (Math.Min(cluster, other), Math.Max(cluster, other));
                queue.Enqueue((x, y, _versions[x] + _versions[y]), (mean, x, y));
            }
        }
    }

    bool IsNameless(int cluster)
    {
        foreach (var member in _members[cluster]!)
        {
            if (_nodes[member].Features!.Names.Length > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when one of the two has no name and more than one named group would take it.</summary>
    bool IsAmbiguous(int x, int y)
    {
        var bare = IsNameless(x) ? x : IsNameless(y) ? y : -1;
        if (bare < 0 || IsNameless(x) == IsNameless(y))
        {
            return false;
        }

        var takers = 0;
        foreach (var (other, sum) in _sums[bare])
        {
            if (_members[other] is { } others && !IsNameless(other) && !_forbidden[bare].Contains(other)
                && (double)sum / ((long)_members[bare]!.Count * others.Count) >= _model.Threshold)
            {
                takers++;
            }
        }

        return takers > 1;
    }

    void Merge(int into, int from)
    {
        var (a, b) = (_members[into]!.Count, _members[from]!.Count);
        _sums[into].Remove(from);
        _sums[from].Remove(into);
        foreach (var (other, sum) in _sums[into].ToArray())
        {
            var count = _members[other]!.Count;
            var added = _sums[from].Remove(other, out var known) ? known : (long)_model.UnscoredPair * b * count;
            _sums[into][other] = _sums[other][into] = sum + added;
            _sums[other].Remove(from);
        }

        foreach (var (other, sum) in _sums[from])
        {
            var count = _members[other]!.Count;
            _sums[into][other] = _sums[other][into] = sum + ((long)_model.UnscoredPair * a * count);
            _sums[other].Remove(from);
        }

        foreach (var other in _forbidden[from])
        {
            _forbidden[other].Remove(from);
            if (other != into)
            {
                Forbid(into, other);
            }
        }

        _forbidden[into].Remove(from);
        _members[into]!.AddRange(_members[from]!);
        _members[from] = null;
        _versions[into]++;
        _versions[from]++;
    }
}
