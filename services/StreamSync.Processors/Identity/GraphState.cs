using System.Text;
using StreamSync.Identity;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity;

/// <summary>The person graphs of a partition's orgs. What is not grouped yet is marked in the state too, so that a restart forgets nothing.</summary>
sealed class GraphState(IdentityModel model, string region) : IStageState
{
    const char NodeKey = 'n';
    const char MarkKey = 'm';
    const char ConflictKey = 'c';
    const char RowKey = 'r';
    const char ModelKey = 'v';

    readonly SortedDictionary<string, OrgGraph> _orgs = new(StringComparer.Ordinal);

    readonly ModelStamp _stamp = new(model);

    /// <summary>Weights and threshold that the graphs go by.</summary>
    public IdentityModel Model => model;

    /// <summary>The model's stamp.</summary>
    public ulong Stamp => _stamp.Present;

    /// <summary>True when the state was last kept by the present model.</summary>
    public bool IsOfPresentModel => !_stamp.IsAnother(_orgs.Count > 0);

    /// <summary>Goes over to the present model; true when what is kept was weighed by another.</summary>
    public bool TakeModel() => _stamp.Take(_orgs.Count > 0);

    public IEnumerable<OrgGraph> Orgs => _orgs.Values;

    public OrgGraph Of(string org)
    {
        if (!_orgs.TryGetValue(org, out var graph))
        {
            var table = new GraphTable(isLogged: true);
            _orgs[org] = graph = new OrgGraph(org, new PersonGraph(org, model, table, region), table);
        }

        return graph;
    }

    /// <summary>True for the key under which the model's stamp is kept.</summary>
    public static bool IsModel(string key) => key[0] == ModelKey;

    public void Restore(byte[] key, byte[]? value)
    {
        var text = Encoding.UTF8.GetString(key);
        if (IsModel(text))
        {
            _stamp.Restore(value);
            return;
        }

        var end = text.IndexOf('\0', StringComparison.Ordinal);
        var (graph, name) = (Of(text[1..end]), text[(end + 1)..]);
        if (text[0] == ConflictKey)
        {
            graph.Conflicts.Restore(name, value);
        }
        else if (text[0] == RowKey)
        {
            graph.Rows.Restore(name, value);
        }
        else
        {
            graph.Table.Restore(text[0] == MarkKey, name, value);
        }
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        _stamp.WriteChanges(value => write([(byte)ModelKey], value));
        foreach (var graph in _orgs.Values)
        {
            graph.Table.WriteChanges((isMark, urn, value) => write(Key(isMark ? MarkKey : NodeKey, graph.Org, urn), value));
            graph.Conflicts.WriteChanges((pair, value) => write(Key(ConflictKey, graph.Org, pair), value));
            graph.Rows.WriteChanges((urn, value) => write(Key(RowKey, graph.Org, urn), value));
        }
    }

    static byte[] Key(char kind, string org, string name)
    {
        var key = new byte[2 + Encoding.UTF8.GetByteCount(org) + Encoding.UTF8.GetByteCount(name)];
        key[0] = (byte)kind;
        var end = 1 + Encoding.UTF8.GetBytes(org, key.AsSpan(1));
        key[end] = 0;
        Encoding.UTF8.GetBytes(name, key.AsSpan(end + 1));
        return key;
    }

    /// <summary>The graph of an org.</summary>
    public sealed record OrgGraph(string Org, PersonGraph Graph, GraphTable Table)
    {
        /// <summary>Decisions in conflict that were told.</summary>
        public ConflictLedger Conflicts { get; } = new();

        /// <summary>Rows that were told of records, where a publisher tells of some only.</summary>
        public RowLedger Rows { get; } = new();
    }
}
