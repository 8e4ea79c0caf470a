namespace StreamSync.Identity;

/// <summary>
/// Both stages in one process and in memory: the yardstick that the streamed result must equal.
/// </summary>
/// <param name="model">Weights and threshold.</param>
/// <param name="defaultRegion">ISO region of phone numbers without a country code.</param>
public sealed class BatchResolver(IdentityModel model, string defaultRegion = "US")
{
    readonly FeatureExtractor _extractor = new(defaultRegion);
    readonly MatchIndex _index = new(model);
    readonly Dictionary<string, PersonGraph> _graphs = new(StringComparer.Ordinal);
    readonly List<LinkChange> _links = [];

    /// <summary>Adds a record or replaces it.</summary>
    public void Upsert(PersonRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var features = _extractor.Extract(record);
        var bytes = features.ToBytes();
        if (!_index.FeaturesOf(record.Urn).SequenceEqual(bytes))
        {
            Apply(record.Urn, features, bytes);
        }

        Graph(record.Org).Apply(record.ToBytes(), bytes);
    }

    /// <summary>Removes a record, if it is there.</summary>
    public void Delete(string urn)
    {
        Apply(urn, null, default);
        foreach (var graph in _graphs.Values)
        {
            graph.Delete(urn);
        }
    }

    /// <summary>Takes a steward's decision.</summary>
    public void Decide(string org, IdentityDecision decision) => Graph(org).Apply(decision);

    /// <summary>The person graph of an org.</summary>
    public PersonGraph Graph(string org)
    {
        if (!_graphs.TryGetValue(org, out var graph))
        {
            _graphs.Add(org, graph = new PersonGraph(org, model, new GraphTable(isLogged: false), defaultRegion));
        }

        return graph;
    }

    /// <summary>Groups what changed, in all orgs, in the order of their names.</summary>
    public IReadOnlyList<GraphChanges> Flush() =>
        [.. _graphs.OrderBy(graph => graph.Key, StringComparer.Ordinal).Select(graph => graph.Value.Flush())];

    void Apply(string urn, PersonFeatures? features, ReadOnlySpan<byte> bytes)
    {
        _links.Clear();
        _index.Apply(urn, features, bytes, features is null ? [] : [.. MatchKeys.For(features).Select(key => key.Id)], _links);
        foreach (var link in _links)
        {
            Graph(link.Org).Apply(link);
        }
    }
}
