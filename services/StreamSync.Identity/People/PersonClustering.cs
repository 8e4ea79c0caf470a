namespace StreamSync.Identity;

/// <summary>
/// Groups the records of one component into people: first what was decided or asserted, then by the mean evidence between
/// groups, the strongest first, until no mean reaches the threshold. Chains of single links so make no person. The outcome
/// depends on the records alone: they come in a fixed order, sums are whole numbers, and ties go to the older records.
/// </summary>
sealed class PersonClustering
{
    /// <summary>Among so many a record is found by looking at each.</summary>
    const int FewRecords = 8;

    readonly IReadOnlyList<PersonFeatures> _records;
    readonly AverageLinkage _groups;
    readonly IdentityModel _model;
    readonly int _threshold;

    // Records that a tool or a steward joined with another.
    HashSet<int>? _joined;

    /// <param name="model">Threshold and weights.</param>
    /// <param name="oldestFirst">The component's records in their fixed order.</param>
    public PersonClustering(IdentityModel model, IReadOnlyList<PersonFeatures> oldestFirst)
    {
        _records = oldestFirst;
        _model = model;
        _threshold = model.Threshold;
        _groups = AverageLinkage.Of(oldestFirst.Count, model.Threshold, model.UnscoredPair);
    }

    /// <summary>The order of records: by when their tool made them, then by URN.</summary>
    public static int Oldest((long CreatedAt, string Urn) x, (long CreatedAt, string Urn) y)
    {
        var byTime = x.CreatedAt.CompareTo(y.CreatedAt);
        return byTime != 0 ? byTime : string.CompareOrdinal(x.Urn, y.Urn);
    }

    /// <summary>The people of a component, each with its oldest record first, ordered by their oldest record.</summary>
    /// <param name="model">Threshold and weights.</param>
    /// <param name="oldestFirst">The component's records in their fixed order.</param>
    /// <param name="conflicts">Receives decisions that can't both hold.</param>
    public static List<FlushMember[]> Group(
        IdentityModel model, List<GraphNode> oldestFirst, ICollection<DecisionConflict> conflicts)
    {
        // Nearly all components hold one record or two.
        if (oldestFirst.Count == 1)
        {
            return [[new FlushMember(oldestFirst[0], null)]];
        }

        if (oldestFirst.Count == 2)
        {
            return GroupTwo(model, oldestFirst[0], oldestFirst[1]);
        }

        var features = oldestFirst.ConvertAll(static node => node.ReadFeatures()!);
        var clustering = new PersonClustering(model, features);
        clustering.Load(model, oldestFirst, conflicts, PeopleByEvidence(model, oldestFirst, features));
        return clustering.Run().ConvertAll(Members);

        FlushMember[] Members(List<int> person)
        {
            var members = new FlushMember[person.Count];
            for (var i = 0; i < members.Length; i++)
            {
                members[i] = new FlushMember(oldestFirst[person[i]], features[person[i]]);
            }

            return members;
        }
    }

    /// <summary>
    /// Whose each record is before stewards' merges: whoever merges two records means the people they are of, also where a fact, such as another number
    /// in a register, keeps other records of the two apart. Null where nobody merged any.
    /// </summary>
    static List<int>[]? PeopleByEvidence(IdentityModel model, List<GraphNode> nodes, List<PersonFeatures> features)
    {
        if (!nodes.Exists(static node => node.Decisions.Any(static decision => decision.Kind == DecisionKind.MustLink)))
        {
            return null;
        }

        var clustering = new PersonClustering(model, features);
        clustering.Load(model, nodes, [], peopleByEvidence: null);
        var personOf = new List<int>[nodes.Count];
        foreach (var person in clustering.Run())
        {
            foreach (var member in person)
            {
                personOf[member] = person;
            }
        }

        return personOf;
    }

    /// <summary>Sets the evidence of a pair.</summary>
    public void Link(int x, int y, int total) => _groups.Set(x, y, total);

    /// <summary>Groups what may be grouped: the members of each person in order, people by their first member.</summary>
    public List<List<int>> Run()
    {
        ForbidContradictions();
        if (_model.NamesCut && _records.Count > 2)
        {
            ForbidClashes();
        }

        var nameless = false;
        for (var i = 0; i < _records.Count; i++)
        {
            nameless |= _records[i].Names.Length == 0;
        }

        if (nameless)
        {
            // Records without a name wait for the second run: a bare e-mail address joins the one person who holds it, and nobody when
            // several do.
            _groups.Run(group => !IsNameless(group));
            _groups.Run(mayMerge: (x, y) => !IsAmbiguous(x, y));
        }
        else
        {
            _groups.Run();
        }

        // A group goes by its smallest member.
        var people = new List<List<int>>();
        var personOf = new List<int>?[_records.Count];
        for (var i = 0; i < personOf.Length; i++)
        {
            ref var person = ref personOf[_groups.GroupOf(i)];
            if (person is null)
            {
                people.Add(person = []);
            }

            person.Add(i);
        }

        return people;
    }

    /// <summary>The same rules for two records: there is one mean, and nobody else who would take a record without a name.</summary>
    static List<FlushMember[]> GroupTwo(IdentityModel model, GraphNode older, GraphNode newer)
    {
        var edge = older.EdgeTo(newer);
        var decision = older.DecisionOn(newer.Urn);
        if (decision == DecisionKind.CannotLink)
        {
            return [[new FlushMember(older, null)], [new FlushMember(newer, null)]];
        }

        if (decision == DecisionKind.MustLink || edge.Assertions > 0)
        {
            return [[new FlushMember(older, null), new FlushMember(newer, null)]];
        }

        var (a, b) = (new FlushMember(older, older.ReadFeatures()), new FlushMember(newer, newer.ReadFeatures()));
        return edge.Links.Length > 0 && edge.Total(model).Base >= model.Threshold && !PairScorer.Contradict(model, a.Features!, b.Features!)
            ? [[a, b]] : [[a], [b]];
    }

    // Stewards' merges count where it is known whom they bring together.
    void Load(IdentityModel model, List<GraphNode> nodes, ICollection<DecisionConflict> conflicts, List<int>[]? peopleByEvidence)
    {
        Dictionary<int, int>? places = null;
        if (nodes.Count > FewRecords)
        {
            places = new Dictionary<int, int>(nodes.Count);
            for (var i = 0; i < nodes.Count; i++)
            {
                places.Add(nodes[i].Number, i);
            }
        }

        var must = new List<(int, int, bool IsDecided)>();
        var merged = new List<(int, int)>();
        var cannot = new List<(int A, int B)>();
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var decision in nodes[i].Decisions)
            {
                if (PlaceOf(nodes[i].OtherOf(decision)) is var j && i < j)
                {
                    if (decision.Kind == DecisionKind.CannotLink)
                    {
                        cannot.Add((i, j));
                        _groups.Forbid(i, j);
                    }
                    else if (decision.Kind == DecisionKind.MustLink && peopleByEvidence is not null)
                    {
                        merged.Add((i, j));
                    }
                }
            }

            foreach (var edge in nodes[i].Edges)
            {
                var j = PlaceOf(edge.Other);
                if (i > j)
                {
                    continue;
                }

                if (edge.Assertions > 0)
                {
                    must.Add((i, j, false));
                }

                if (edge.Links.Length > 0)
                {
                    Link(i, j, edge.Total(model).Base);
                }
            }
        }

        foreach (var (i, j) in merged)
        {
            must.Add((i, j, true));
            if (!cannot.Exists(pair => Separates(pair, peopleByEvidence![i], peopleByEvidence[j])))
            {
                must.AddRange(peopleByEvidence![i].Where(other => other != i).Select(other => (Math.Min(i, other), Math.Max(i, other), true)));
                must.AddRange(peopleByEvidence[j].Where(other => other != j).Select(other => (Math.Min(j, other), Math.Max(j, other), true)));
            }
        }

        must.Sort();
        foreach (var (i, j, isDecided) in must)
        {
            // A steward who keeps apart what a tool has merged contradicts nobody: his is the last word.
            if (MustLink(i, j, cannot) is { } pair && isDecided)
            {
                conflicts.Add(new DecisionConflict(nodes[i].Urn, nodes[j].Urn, nodes[pair.A].Urn, nodes[pair.B].Urn));
            }
        }

        // -1 for a record of another component.
        int PlaceOf(int number) => places is null ? IndexOf(nodes, number) : places.GetValueOrDefault(number, -1);
    }

    static bool Separates((int A, int B) cannot, List<int> one, List<int> other) =>
        (one.Contains(cannot.A) && other.Contains(cannot.B)) || (one.Contains(cannot.B) && other.Contains(cannot.A));

    static int IndexOf(List<GraphNode> nodes, int number)
    {
        var i = nodes.Count - 1;
        while (i >= 0 && nodes[i].Number != number)
        {
            i--;
        }

        return i;
    }

    /// <summary>Makes the groups of two records one. Returns the pair that must stay apart if one is between them: then they stay two.</summary>
    (int A, int B)? MustLink(int i, int j, List<(int A, int B)> cannot)
    {
        var (x, y) = (_groups.GroupOf(i), _groups.GroupOf(j));
        if (x == y)
        {
            return null;
        }

        foreach (var (a, b) in cannot)
        {
            var (ca, cb) = (_groups.GroupOf(a), _groups.GroupOf(b));
            if ((ca == x && cb == y) || (ca == y && cb == x))
            {
                return (a, b);
            }
        }

        _joined ??= [];
        _joined.Add(i);
        _joined.Add(j);
        _groups.Merge(x, y, asOne: true);
        return null;
    }

    /// <summary>Facts that no evidence overrules, between all records, also those that no key compared.</summary>
    void ForbidContradictions()
    {
        for (var i = 0; i < _records.Count; i++)
        {
            if (!PairScorer.MayContradict(_model, _records[i]))
            {
                continue;
            }

            for (var j = 0; j < _records.Count; j++)
            {
                if (i != j && PairScorer.Contradict(_model, _records[i], _records[j]) && _groups.GroupOf(i) is var x && _groups.GroupOf(j) is var y && x != y)
                {
                    _groups.Forbid(x, y);
                }
            }
        }
    }

    /// <summary>
    /// Two of one household, also where the pair is below what the grouping is told: a record that is like both, such as one with an initial, must not make
    /// them one.
    /// </summary>
    void ForbidClashes()
    {
        var scorer = new PairScorer(_model);
        for (var i = 0; i < _records.Count; i++)
        {
            for (var j = i + 1; j < _records.Count; j++)
            {
                if (_groups.GroupOf(i) is var x && _groups.GroupOf(j) is var y && x != y && scorer.Clash(_records[i], _records[j]))
                {
                    _groups.Forbid(x, y);
                }
            }
        }
    }

    bool IsNameless(int group)
    {
        foreach (var member in _groups.Members(group))
        {
            if (_records[member].Names.Length > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when a tool or a steward said whose record it is: it shares an identifier with the other, or is joined to a record by their word.</summary>
    bool IsVouchedFor(int bare, int taker)
    {
        foreach (var i in _groups.Members(bare))
        {
            if (_joined is not null && _joined.Contains(i))
            {
                return true;
            }

            foreach (var j in _groups.Members(taker))
            {
                if (PairScorer.SharesId(_records[i], _records[j]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>True when one of the two has no name and more than one named group would take it.</summary>
    bool IsAmbiguous(int x, int y)
    {
        if (IsNameless(x) == IsNameless(y))
        {
            return false;
        }

        var (bare, taker) = IsNameless(x) ? (x, y) : (y, x);
        if (IsVouchedFor(bare, taker))
        {
            return false;
        }

        var takers = 0;
        foreach (var (other, sum) in _groups.Sums(bare))
        {
            if (!IsNameless(other) && !_groups.IsForbidden(bare, other) && _groups.Mean(bare, other, sum) >= _threshold)
            {
                takers++;
            }
        }

        return takers > 1;
    }
}
