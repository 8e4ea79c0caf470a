namespace StreamSync.Identity;

/// <summary>
/// Both stages in one process and in memory: the batch command, and the yardstick that the streaming result must equal.
/// </summary>
/// <param name="model">Weights and threshold.</param>
/// <param name="defaultRegion">ISO region of phone numbers without a country code.</param>
public sealed class BatchResolver(IdentityModel model, string defaultRegion = "US")
{
    readonly FeatureExtractor _extractor = new(defaultRegion);
    readonly MatchIndex _index = new(model, new InMemoryMatchStore());
    readonly Dictionary<string, PersonFeatures> _known = new(StringComparer.Ordinal);
    readonly Dictionary<string, PersonGraph> _graphs = new(StringComparer.Ordinal);
    readonly List<LinkChange> _links = [];

    /// <summary>Adds a record or replaces it.</summary>
    public void Upsert(PersonRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var features = _extractor.Extract(record);
        Apply(_known.GetValueOrDefault(record.Urn), features);
        _known[record.Urn] = features;
        Graph(record.Org).Apply(record);
    }

    /// <summary>Removes a record, if it is there.</summary>
    public void Delete(string urn)
    {
        if (_known.Remove(urn, out var features))
        {
            Apply(features, null);
            Graph(features.Org).Delete(urn);
        }
    }

    /// <summary>Takes a steward's decision.</summary>
    public void Decide(string org, IdentityDecision decision) => Graph(org).Apply(decision);

    /// <summary>The person graph of an org.</summary>
    public PersonGraph Graph(string org)
    {
        if (!_graphs.TryGetValue(org, out var graph))
        {
            _graphs.Add(org, graph = new PersonGraph(org, model, new InMemoryGraphStore(), _extractor, defaultRegion));
        }

        return graph;
    }

    /// <summary>Groups what changed, in all orgs, in the order of their names.</summary>
    public IReadOnlyList<GraphChanges> Flush() =>
        [.. _graphs.OrderBy(graph => graph.Key, StringComparer.Ordinal).Select(graph => graph.Value.Flush())];

    void Apply(PersonFeatures? before, PersonFeatures? after)
    {
        _links.Clear();
        foreach (var change in MatchKeys.Changes(before, after))
        {
            _index.Apply(change, _links);
        }

        foreach (var link in _links)
        {
            Graph(link.Org).Apply(link);
        }
    }
}
