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
            var store = new Store();
            _orgs[org] = graph = new OrgGraph(org, new PersonGraph(org, model, store, region), store);
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
            graph.Store.Restore(text[0] == MarkKey, name, value);
        }
    }

    public void WriteChanges(Action<byte[], byte[]?> write)
    {
        _stamp.WriteChanges(value => write([(byte)ModelKey], value));
        foreach (var graph in _orgs.Values)
        {
            graph.Store.WriteChanges((isMark, urn, value) => write(Key(isMark ? MarkKey : NodeKey, graph.Org, urn), value));
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
    public sealed record OrgGraph(string Org, PersonGraph Graph, Store Store)
    {
        /// <summary>Decisions in conflict that were told.</summary>
        public ConflictLedger Conflicts { get; } = new();

        /// <summary>Rows that were told of records, where a publisher tells of some only.</summary>
        public RowLedger Rows { get; } = new();
    }

    /// <summary>Nodes and marks of an org.</summary>
    public sealed class Store : IGraphStore
    {
        readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
        readonly Dictionary<string, DirtyReasons> _marks = new(StringComparer.Ordinal);
        readonly HashSet<string> _changedNodes = new(StringComparer.Ordinal);
        readonly HashSet<string> _changedMarks = new(StringComparer.Ordinal);

        // Most marks come and go between two commits.
        readonly HashSet<string> _loggedMarks = new(StringComparer.Ordinal);

        public bool IsDirty => _marks.Count > 0;

        public GraphNode? Get(string urn) => _nodes.GetValueOrDefault(urn);

        public IReadOnlyList<string> Urns() => [.. _nodes.Keys];

        public void Put(GraphNode node)
        {
            _nodes[node.Urn] = node;
            _changedNodes.Add(node.Urn);
        }

        public void Delete(string urn)
        {
            if (_nodes.Remove(urn))
            {
                _changedNodes.Add(urn);
            }
        }

        public void MarkDirty(string urn, DirtyReasons reasons)
        {
            _marks[urn] = _marks.GetValueOrDefault(urn) | reasons;
            _changedMarks.Add(urn);
        }

        public IReadOnlyList<KeyValuePair<string, DirtyReasons>> Dirty() => [.. _marks];

        public void ClearDirty()
        {
            foreach (var urn in _marks.Keys)
            {
                _changedMarks.Add(urn);
            }

            _marks.Clear();
        }

        public void Restore(bool isMark, string urn, byte[]? value)
        {
            if (isMark)
            {
                if (value is null)
                {
                    _marks.Remove(urn);
                    _loggedMarks.Remove(urn);
                }
                else
                {
                    _marks[urn] = (DirtyReasons)value[0];
                    _loggedMarks.Add(urn);
                }
            }
            else if (value is null)
            {
                _nodes.Remove(urn);
            }
            else
            {
                _nodes[urn] = GraphNode.FromBytes(value);
            }
        }

        public void WriteChanges(Action<bool, string, byte[]?> write)
        {
            foreach (var urn in _changedNodes)
            {
                write(false, urn, _nodes.GetValueOrDefault(urn)?.ToBytes());
            }

            foreach (var urn in _changedMarks)
            {
                if (_marks.TryGetValue(urn, out var reasons))
                {
                    write(true, urn, [(byte)reasons]);
                    _loggedMarks.Add(urn);
                }
                else if (_loggedMarks.Remove(urn))
                {
                    write(true, urn, null);
                }
            }

            _changedNodes.Clear();
            _changedMarks.Clear();
        }
    }
}
