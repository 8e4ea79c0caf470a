namespace StreamSync.Identity;

/// <summary>A record during a flush, with its features where the grouping had to decode them.</summary>
readonly record struct FlushMember(GraphNode Node, PersonFeatures? Features);

/// <summary>One pass over the changed components: explores, groups, compares with what was said before.</summary>
sealed class GraphFlush(
    string org, IdentityModel model, IGraphStore store, Survivorship survivorship, GraphChanges changes)
{
    readonly Dictionary<string, GraphNode> _seen = new(StringComparer.Ordinal);
    readonly HashSet<string> _changedRecords = new(StringComparer.Ordinal);

    // May name a person more than once.
    readonly List<string> _changedPeople = [];

    // Those seen to have changed while their records were decoded; the others may yet turn out to have lost one.
    readonly Dictionary<string, GoldenRecord> _golden = new(StringComparer.Ordinal);
    readonly Dictionary<string, GraphNode[]> _others = new(StringComparer.Ordinal);

    // Where the records of each former person are now, those that stayed too.
    readonly List<(string From, string To, string Urn)> _former = [];
    bool _haveMoved;

    public void Run(IReadOnlyList<KeyValuePair<string, DirtyReasons>> dirty)
    {
        KeyValuePair<string, DirtyReasons>[] marks = [.. dirty];
        Array.Sort(marks, static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        foreach (var (urn, reasons) in marks)
        {
            if ((reasons & DirtyReasons.Record) != 0)
            {
                _changedRecords.Add(urn);
            }
        }

        foreach (var (urn, _) in marks)
        {
            if (_seen.ContainsKey(urn) || store.Get(urn) is not { } node)
            {
                continue;
            }

            if (!node.HasRecord)
            {
                _seen.Add(urn, node);
                Gone(node);
            }
            else
            {
                Regroup(node);
            }
        }

        changes.Examined = _seen;
        if (_haveMoved)
        {
            ReportMoves();
        }

        ReportPeople();
        changes.Map.Sort(static (x, y) => string.CompareOrdinal(x.Urn, y.Urn));
    }

    void Gone(GraphNode node)
    {
        if (node.PersonId is { } former)
        {
            changes.Map.Add(new PersonMapChange(node.Urn, null, former));
            _changedPeople.Add(former);
            node.PersonId = null;
            store.Put(node);
        }

        if (node.IsUnused)
        {
            store.Delete(node.Urn);
        }
    }

    void Regroup(GraphNode start)
    {
        var component = Explore(start);
        component.Sort(static (x, y) => PersonClustering.Oldest((x.CreatedAt, x.Urn), (y.CreatedAt, y.Urn)));
        foreach (var person in PersonClustering.Group(model, component, changes.Conflicts))
        {
            var id = PersonIds.For(org, person[0].Node.Urn);
            var hasChanged = false;
            foreach (var (node, _) in person)
            {
                hasChanged |= Assign(node, id) || _changedRecords.Contains(node.Urn);
            }

            if (hasChanged)
            {
                _changedPeople.Add(id);
                _golden.Add(id, survivorship.Build(id, person));
            }
            else
            {
                _others.Add(id, Array.ConvertAll(person, static member => member.Node));
            }
        }
    }

    /// <summary>Gives a record to a person; false when it was there before.</summary>
    bool Assign(GraphNode node, string person)
    {
        var former = node.PersonId;
        if (former is not null)
        {
            _former.Add((former, person, node.Urn));
        }

        if (former == person)
        {
            return false;
        }

        if (former is not null)
        {
            _changedPeople.Add(former);
            _haveMoved = true;
        }

        changes.Map.Add(new PersonMapChange(node.Urn, person, former));
        node.PersonId = person;
        store.Put(node);
        return true;
    }

    List<GraphNode> Explore(GraphNode start)
    {
        var component = new List<GraphNode> { start };
        _seen.Add(start.Urn, start);
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
                    Visit(decision.A == node.Urn ? decision.B : decision.A);
                }
            }
        }

        return component;

        void Visit(string urn)
        {
            if (!_seen.ContainsKey(urn) && store.Get(urn) is { HasRecord: true } node)
            {
                _seen.Add(urn, node);
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
        _former.Sort(static (x, y) => string.CompareOrdinal(x.From, y.From) is not 0 and var byFrom ? byFrom
            : string.CompareOrdinal(x.To, y.To) is not 0 and var byTo ? byTo : string.CompareOrdinal(x.Urn, y.Urn));

        // From how many people the records of each come.
        var origins = new Dictionary<string, int>(StringComparer.Ordinal);
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
    void ReportMoves(int start, int end, Dictionary<string, int> origins)
    {
        var from = _former[start].From;
        var isSplit = _former[start].To != _former[end - 1].To;
        while (start < end)
        {
            var to = _former[start].To;
            var urns = new List<string>();
            for (; start < end && _former[start].To == to; start++)
            {
                urns.Add(_former[start].Urn);
            }

            if (to != from)
            {
                var kind = isSplit ? IdentityMoveKind.Split : origins[to] > 1 ? IdentityMoveKind.Merge : IdentityMoveKind.Renamed;
                changes.Moves.Add(new IdentityMove(kind, from, to, urns));
            }
        }
    }

    void ReportPeople()
    {
        _changedPeople.Sort(StringComparer.Ordinal);
        for (var i = 0; i < _changedPeople.Count; i++)
        {
            var id = _changedPeople[i];
            if (i == 0 || id != _changedPeople[i - 1])
            {
                changes.Persons.Add(new PersonChange(id, _golden.GetValueOrDefault(id) ?? (_others.TryGetValue(id, out var nodes)
                    ? survivorship.Build(id, Array.ConvertAll(nodes, static node => new FlushMember(node, null))) : null)));
            }
        }
    }
}
