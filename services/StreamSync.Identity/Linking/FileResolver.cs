using System.Collections.Concurrent;

namespace StreamSync.Identity;

/// <summary>What keeps two people apart although a pair of their records would join them.</summary>
/// <param name="Why">In words.</param>
/// <param name="A">The record of one that the fact is about; -1 when it is what all say together.</param>
/// <param name="B">That of the other.</param>
public readonly record struct ApartReason(string Why, int A, int B);

/// <summary>Who is who in a fixed set of records.</summary>
public sealed class FileResolution
{
    /// <summary>The model used: the one given, or the one estimated from the records.</summary>
    public required IdentityModel Model { get; init; }

    /// <summary>The records, in the order given.</summary>
    public required IReadOnlyList<PersonFeatures> Records { get; init; }

    /// <summary>Pairs whose evidence reaches the model's review floor, as they come in the engine's order of records.</summary>
    public required IReadOnlyList<ScoredPair> Links { get; init; }

    /// <summary>For each record the index of its person's first record, as they were given.</summary>
    public required IReadOnlyList<int> PersonOf { get; init; }

    /// <summary>Pairs that were compared.</summary>
    public required long Compared { get; init; }

    /// <summary>Field by field, what speaks for and against two records being one person.</summary>
    public IReadOnlyList<FieldEvidence> Explain(int a, int b)
    {
        var lines = new List<FieldEvidence>();
        var score = new PairScorer(Model).Score(Records[a], Records[b], lines);
        Identifier("email", score.Email);
        Identifier("phone", score.Phone);
        Identifier("external id", PairScorer.SharesId(Records[a], Records[b]) ? PairScorer.SharedId : 0);
        return lines;

        void Identifier(string field, int weight)
        {
            if (weight != 0)
            {
                lines.Add(new FieldEvidence(field, "exact", weight));
            }
        }
    }

    /// <summary>Why two records are not one person; null when they are, or when the pair is too weak by itself.</summary>
    public ApartReason? WhyApart(int a, int b)
    {
        var pair = Links.FirstOrDefault(link => (link.A == a && link.B == b) || (link.A == b && link.B == a), new ScoredPair(a, b, int.MinValue));
        if (PersonOf[a] == PersonOf[b] || pair.Total < Model.Threshold)
        {
            return null;
        }

        var scorer = new PairScorer(Model);
        if (scorer.WhyForbidden(Records[a], Records[b]) is { } fact)
        {
            return new ApartReason(fact, a, b);
        }

        var theirs = Of(b);
        foreach (var mine in Of(a))
        {
            foreach (var their in theirs)
            {
                if (scorer.WhyForbidden(Records[mine], Records[their]) is { } between)
                {
                    return new ApartReason(between, mine, their);
                }
            }
        }

        return new ApartReason("the records of the two together speak against it", -1, -1);

        List<int> Of(int record) => [.. Enumerable.Range(0, PersonOf.Count).Where(i => PersonOf[i] == PersonOf[record])];
    }
}

/// <summary>
/// Resolves a fixed set of records at once, on all cores: the same keys, caps, scores and grouping as the two streaming stages, without their
/// bookkeeping.
/// </summary>
public static class FileResolver
{
    /// <summary>Resolves records of one group; the same people in whatever order the records are given.</summary>
    /// <param name="records">Records; each URN once.</param>
    /// <param name="model">Weights, threshold and caps.</param>
    public static FileResolution Resolve(IReadOnlyList<PersonFeatures> records, IdentityModel model)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(model);
        var order = RecordOrder.Of(records);
        var index = CandidateIndex.Build(order.Records, model.WideKeys);
        var (links, compared) = Link(order.Records, model, index);
        var personOf = AsGiven(order, Group(order.Records, model, links));
        for (var i = 0; i < links.Count; i++)
        {
            var (a, b) = (order.Given(links[i].A), order.Given(links[i].B));
            links[i] = links[i] with { A = Math.Min(a, b), B = Math.Max(a, b) };
        }

        return new FileResolution { Model = model, Records = records, Links = links, PersonOf = personOf, Compared = compared };
    }

    /// <summary>Of people found among ordered records, for each record as given the index of its person's first.</summary>
    static int[] AsGiven(RecordOrder order, int[] personOf)
    {
        var first = new int[personOf.Length];
        Array.Fill(first, int.MaxValue);
        for (var i = 0; i < personOf.Length; i++)
        {
            first[personOf[i]] = Math.Min(first[personOf[i]], order.Given(i));
        }

        var given = new int[personOf.Length];
        for (var i = 0; i < personOf.Length; i++)
        {
            given[order.Given(i)] = first[personOf[i]];
        }

        return given;
    }

    /// <summary>Groups records, which come in their order, by their links: for each record the index of its person's first record.</summary>
    internal static int[] Group(IReadOnlyList<PersonFeatures> records, IdentityModel model, IReadOnlyList<ScoredPair> links)
    {
        var joins = links.Where(link => link.Total >= model.Threshold && !PairScorer.Contradict(model, records[link.A], records[link.B]));
        var components = Components.Of(records.Count, joins);
        var componentOf = new int[records.Count];
        Array.Fill(componentOf, -1);
        for (var c = 0; c < components.Count; c++)
        {
            foreach (var record in components[c])
            {
                componentOf[record] = c;
            }
        }

        var inside = new List<ScoredPair>[components.Count];
        foreach (var link in links)
        {
            var c = componentOf[link.A];
            if (c >= 0 && c == componentOf[link.B])
            {
                (inside[c] ??= []).Add(link);
            }
        }

        var personOf = new int[records.Count];
        for (var i = 0; i < personOf.Length; i++)
        {
            personOf[i] = i;
        }

        Parallel.ForEach(Partitioner.Create(0, Math.Max(1, components.Count)), range =>
        {
            for (var c = range.Item1; c < range.Item2 && c < components.Count; c++)
            {
                var members = components[c];
                var place = new Dictionary<int, int>(members.Length);
                for (var i = 0; i < members.Length; i++)
                {
                    place.Add(members[i], i);
                }

                var clustering = new PersonClustering(model, [.. members.Select(member => records[member])]);
                foreach (var link in inside[c])
                {
                    clustering.Link(place[link.A], place[link.B], link.Total);
                }

                foreach (var person in clustering.Run())
                {
                    foreach (var member in person)
                    {
                        personOf[members[member]] = members[person[0]];
                    }
                }
            }
        });
        return personOf;
    }

    internal static (List<ScoredPair> Links, long Compared) Link(IReadOnlyList<PersonFeatures> records, IdentityModel model, CandidateIndex index)
    {
        var links = new List<ScoredPair>();
        long compared = 0;
        Parallel.ForEach(
            Partitioner.Create(0, Math.Max(1, records.Count), Math.Clamp(records.Count / 64, 256, 20_000)),
            () => new Worker(records, model, index),
            (range, _, worker) =>
            {
                worker.Work(range.Item1, Math.Min(range.Item2, records.Count));
                return worker;
            },
            worker =>
            {
                lock (links)
                {
                    links.AddRange(worker.Links);
                    compared += worker.Compared;
                }
            });
        links.Sort(static (x, y) => x.A != y.A ? x.A.CompareTo(y.A) : x.B.CompareTo(y.B));
        return (links, compared);
    }

    sealed class Worker
    {
        readonly IReadOnlyList<PersonFeatures> _records;
        readonly IdentityModel _model;
        readonly CandidateIndex _index;
        readonly PairScorer _scorer;
        readonly int[] _seen;
        readonly List<int> _later = [];

        public Worker(IReadOnlyList<PersonFeatures> records, IdentityModel model, CandidateIndex index)
        {
            (_records, _model, _index, _scorer) = (records, model, index, new PairScorer(model));
            _seen = new int[records.Count];
            Array.Fill(_seen, -1);
        }

        public List<ScoredPair> Links { get; } = [];

        public long Compared { get; private set; }

        public void Work(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                _index.LaterThan(i, _seen, _later);
                Compared += _later.Count;
                foreach (var j in _later)
                {
                    var outcomes = default(Outcomes);
                    var score = _scorer.Score(_records[i], _records[j], ref outcomes);
                    if (PairScorer.IsTold(_model, _records[i], _records[j], score))
                    {
                        Links.Add(new ScoredPair(i, j, _index.Total(_model, _records[i], _records[j], score), (score.Flags & PairFlags.Housemates) != 0));
                    }
                }
            }
        }
    }
}
