namespace StreamSync.Identity;

/// <summary>One pass over the changed components: explores, groups, compares with what was said before.</summary>
sealed class GraphFlush(
    string org, IdentityModel model, IGraphStore store, Survivorship survivorship, GraphChanges changes)
{
    readonly Dictionary<string, GraphNode> _seen = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<GraphNode>> _people = new(StringComparer.Ordinal);
    readonly SortedSet<string> _changedPeople = new(StringComparer.Ordinal);

    // Where the records of each former person are now; null for those that are gone.
    readonly SortedDictionary<string, List<(string Urn, string? To)>> _former = new(StringComparer.Ordinal);

    public void Run(IReadOnlyList<KeyValuePair<string, DirtyReasons>> dirty)
    {
        foreach (var (urn, _) in dirty.OrderBy(mark => mark.Key, StringComparer.Ordinal))
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

        foreach (var (urn, reasons) in dirty)
        {
            if ((reasons & DirtyReasons.Record) != 0 && _seen.GetValueOrDefault(urn)?.PersonId is { } person)
            {
                _changedPeople.Add(person);
            }
        }

        changes.Examined = _seen;
        ReportMoves();
        ReportPeople();
        changes.Map.Sort(static (x, y) => string.CompareOrdinal(x.Urn, y.Urn));
    }

    void Gone(GraphNode node)
    {
        if (node.PersonId is { } former)
        {
            Former(former, node.Urn, null);
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
            var id = PersonIds.For(org, person[0].Urn);
            _people.Add(id, person);
            foreach (var node in person)
            {
                var former = node.PersonId;
                if (former is not null)
                {
                    Former(former, node.Urn, id);
                }

                if (former == id)
                {
                    continue;
                }

                changes.Map.Add(new PersonMapChange(node.Urn, id, former));
                _changedPeople.Add(id);
                if (former is not null)
                {
                    _changedPeople.Add(former);
                }

                node.PersonId = id;
                store.Put(node);
            }
        }
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

    void Former(string person, string urn, string? to)
    {
        if (!_former.TryGetValue(person, out var records))
        {
            _former.Add(person, records = []);
        }

        records.Add((urn, to));
    }

    void ReportMoves()
    {
        var formersOf = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (from, records) in _former)
        {
            foreach (var (_, to) in records)
            {
                if (to is not null)
                {
                    (formersOf.TryGetValue(to, out var formers) ? formers : formersOf[to] = new(StringComparer.Ordinal)).Add(from);
                }
            }
        }

        foreach (var (from, records) in _former)
        {
            var destinations = records.Where(record => record.To is not null).GroupBy(record => record.To!)
                .OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
            foreach (var destination in destinations)
            {
                if (destination.Key == from)
                {
                    continue;
                }

                var urns = destination.Select(record => record.Urn).Order(StringComparer.Ordinal).ToList();
                var kind = destinations.Count > 1 ? IdentityMoveKind.Split
                    : formersOf[destination.Key].Count > 1 ? IdentityMoveKind.Merge
                    : IdentityMoveKind.Renamed;
                changes.Moves.Add(new IdentityMove(kind, from, destination.Key, urns));
            }
        }
    }

    void ReportPeople()
    {
        foreach (var id in _changedPeople)
        {
            changes.Persons.Add(new PersonChange(id, _people.TryGetValue(id, out var nodes) ? survivorship.Build(id, nodes) : null));
        }
    }
}
