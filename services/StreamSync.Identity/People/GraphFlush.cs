namespace StreamSync.Identity;

/// <summary>A record during a flush, with its features where the grouping had to decode them.</summary>
readonly record struct FlushMember(GraphNode Node, PersonFeatures? Features);

/// <summary>One pass over the changed components: explores, groups, compares with what was said before.</summary>
sealed class GraphFlush(
    string org, IdentityModel model, GraphTable table, Survivorship survivorship, GraphChanges changes)
{
    // By the record's number.
    readonly Dictionary<int, GraphNode> _seen = [];

    // May name a person more than once.
    readonly List<PersonKey> _changedPeople = [];

    // Those seen to have changed while their records were decoded; the others may yet turn out to have lost one.
    readonly Dictionary<PersonKey, GoldenRecord> _golden = [];
    readonly Dictionary<PersonKey, GraphNode[]> _others = [];

    // Where the records of each former person are now, those that stayed too.
    readonly List<(PersonKey From, PersonKey To, GraphNode Node)> _former = [];

    // People that a record left, and the only records of people that one joined.
    readonly HashSet<PersonKey> _left = [];
    readonly HashSet<GraphNode> _joined = [];

    public void Run(List<GraphNode> dirty)
    {
        foreach (var node in dirty)
        {
            if (_seen.ContainsKey(node.Number))
            {
                continue;
            }

            _seen.Add(node.Number, node);
            if (!node.HasRecord)
            {
                Gone(node);
            }
            else
            {
                Regroup(node);
            }
        }

        changes.Examined = _seen.Values;
        if (_left.Count > 0)
        {
            ReportMoves();
        }

        ReportHeld();
        ReportPeople();
        changes.Conflicts.Sort(static (x, y) => string.CompareOrdinal(x.A, y.A) is not 0 and var byA ? byA : string.CompareOrdinal(x.B, y.B) is not 0 and var byB ? byB
            : string.CompareOrdinal(x.CannotA, y.CannotA) is not 0 and var byCannot ? byCannot : string.CompareOrdinal(x.CannotB, y.CannotB));
        changes.Map.Sort(static (x, y) => string.CompareOrdinal(x.Urn, y.Urn));
        changes.Held.Sort(static (x, y) => string.CompareOrdinal(x.Urn, y.Urn));
    }

    void Gone(GraphNode node)
    {
        if (node.PersonId is { } former)
        {
            changes.Map.Add(new PersonMapChange(node.Urn, null, former));
            _changedPeople.Add(node.Person);
            _left.Add(node.Person);
            table.Assign(node.Number, default);
        }
    }

    void Regroup(GraphNode start)
    {
        var component = Explore(start);
        component.Sort(static (x, y) => PersonClustering.Oldest((x.CreatedAt, x.Urn), (y.CreatedAt, y.Urn)));
        foreach (var person in PersonClustering.Group(model, component, changes.Conflicts))
        {
            var key = PersonKey.For(org, person[0].Node.Urn);
            var hasChanged = false;
            NoteJoined(person, key);
            foreach (var (node, _) in person)
            {
                hasChanged |= Assign(node, key) || (table[node.Number].Dirty & DirtyReasons.Record) != 0;
            }

            if (hasChanged)
            {
                _changedPeople.Add(key);
                _golden.Add(key, survivorship.Build(key.ToString(), person));
            }
            else
            {
                _others.Add(key, Array.ConvertAll(person, static member => member.Node));
            }
        }
    }

    /// <summary>Gives a record to a person; false when it was there before.</summary>
    bool Assign(GraphNode node, PersonKey person)
    {
        var former = node.Person;
        if (!former.IsNobody)
        {
            _former.Add((former, person, node));
        }

        if (former == person)
        {
            return false;
        }

        if (!former.IsNobody)
        {
            _changedPeople.Add(former);
            _left.Add(former);
        }

        changes.Map.Add(new PersonMapChange(node.Urn, person.ToString(), node.PersonId));
        table.Assign(node.Number, person);
        return true;
    }

    /// <summary>Notes the only record of a person that others join.</summary>
    void NoteJoined(FlushMember[] person, PersonKey key)
    {
        var stayed = -1;
        for (var i = 0; i < person.Length; i++)
        {
            if (person[i].Node.Person == key)
            {
                if (stayed >= 0)
                {
                    return;
                }

                stayed = i;
            }
        }

        if (stayed >= 0 && person.Length > 1)
        {
            _joined.Add(person[stayed].Node);
        }
    }

    void ReportHeld()
    {
        foreach (var (from, to, node) in _former)
        {
            if (from == to && (_left.Contains(from) || _joined.Contains(node)))
            {
                var id = to.ToString();
                changes.Held.Add(new PersonMapChange(node.Urn, id, id));
            }
        }
    }

    /// <summary>The component of a record that was seen.</summary>
    List<GraphNode> Explore(GraphNode start)
    {
        var component = new List<GraphNode> { start };
        for (var i = 0; i < component.Count; i++)
        {
            var node = component[i];
            foreach (var edge in node.Edges)
            {
                if (edge.Assertions > 0 || Joins(edge))
                {
                    Visit(edge.Other);
                }
            }

            foreach (var decision in node.Decisions)
            {
                if (decision.Kind == DecisionKind.MustLink)
                {
                    Visit(node.OtherOf(decision));
                }
            }
        }

        return component;

        void Visit(int number)
        {
            if (table[number].HasRecord && !_seen.ContainsKey(number))
            {
                var node = table.Node(number);
                _seen.Add(number, node);
                component.Add(node);
            }
        }
    }

    bool Joins(GraphEdge edge)
    {
        var total = edge.Total(model);
        return total.Base >= model.Threshold && (total.Flags & PairFlags.Contradiction) == 0;
    }

    void ReportMoves()
    {
        _former.Sort(static (x, y) => x.From.CompareTo(y.From) is not 0 and var byFrom ? byFrom
            : x.To.CompareTo(y.To) is not 0 and var byTo ? byTo : string.CompareOrdinal(x.Node.Urn, y.Node.Urn));

        // From how many people the records of each come.
        var origins = new Dictionary<PersonKey, int>();
        for (var i = 0; i < _former.Count; i++)
        {
            if (i == 0 || _former[i].From != _former[i - 1].From || _former[i].To != _former[i - 1].To)
            {
                origins[_former[i].To] = origins.GetValueOrDefault(_former[i].To) + 1;
            }
        }

        for (int start = 0, end = 1; end <= _former.Count; end++)
        {
            if (end == _former.Count || _former[end].From != _former[start].From)
            {
                ReportMoves(start, end, origins);
                start = end;
            }
        }
    }

    /// <summary>Reports the moves of one former person's records.</summary>
    void ReportMoves(int start, int end, Dictionary<PersonKey, int> origins)
    {
        var from = _former[start].From;
        var isSplit = _former[start].To != _former[end - 1].To;
        while (start < end)
        {
            var to = _former[start].To;
            var urns = new List<string>();
            for (; start < end && _former[start].To == to; start++)
            {
                urns.Add(_former[start].Node.Urn);
            }

            if (to != from)
            {
                var kind = isSplit ? IdentityMoveKind.Split : origins[to] > 1 ? IdentityMoveKind.Merge : IdentityMoveKind.Renamed;
                changes.Moves.Add(new IdentityMove(kind, from.ToString(), to.ToString(), urns));
            }
        }
    }

    void ReportPeople()
    {
        _changedPeople.Sort();
        for (var i = 0; i < _changedPeople.Count; i++)
        {
            var key = _changedPeople[i];
            if (i == 0 || key != _changedPeople[i - 1])
            {
                var id = key.ToString();
                changes.Persons.Add(new PersonChange(id, _golden.GetValueOrDefault(key) ?? (_others.TryGetValue(key, out var nodes)
                    ? survivorship.Build(id, Array.ConvertAll(nodes, static node => new FlushMember(node, null))) : null)));
            }
        }
    }
}
