using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

/// <summary>Any order of records, updates, deletes, links and flushes ends in the same people with the same ids as a batch run.</summary>
public class OrderTests
{
    const int Partitions = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Streaming_in_any_order_equals_batch(int seed)
    {
        var random = new Random(seed);
        var histories = Enumerable.Range(0, 120).Select(i => History(random, i)).ToList();
        var decisions = Enumerable.Range(0, 6).Select(i => new IdentityDecision(
            $"d{i}", (DecisionKind)random.Next(3), Urn($"{random.Next(120):000}"), Urn($"{random.Next(120):000}"), "s", "r",
            DateTimeOffset.UnixEpoch.AddDays(random.Next(5)))).ToList();

        var batch = new BatchResolver(IdentityModel.Default);
        decisions.ForEach(decision => batch.Decide("mi-wtp", decision));
        foreach (var last in histories.Select(history => history[^1]).OfType<PersonRecord>().OrderBy(record => record.Urn))
        {
            batch.Upsert(last);
        }

        batch.Flush();
        var expected = Ids(batch.Graph("mi-wtp"));

        var streamed = Stream(random, histories, decisions);

        Assert.True(expected.Values.Distinct().Count() < expected.Count, "The sample must hold people with several records.");
        Assert.Equal(expected, streamed);
    }

    /// <summary>
    /// Runs the two stages apart, with the delays between partitions that Kafka may have: order holds per record and per partition of keys only. Now and
    /// then the graph is lost, and made anew from what it wrote.
    /// </summary>
    static SortedDictionary<string, string> Stream(Random random, List<List<PersonRecord?>> histories, List<IdentityDecision> decisions)
    {
        var extractor = new FeatureExtractor();
        var indexes = Enumerable.Range(0, Partitions).Select(_ => new MatchIndex(IdentityModel.Default)).ToList();
        var log = new Dictionary<(bool IsMark, string Urn), byte[]>();
        var table = new GraphTable(isLogged: true);
        var graph = new PersonGraph("mi-wtp", IdentityModel.Default, table);
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var toIndex = new Dictionary<string, Queue<Action>>();
        var toGraph = new Dictionary<string, Queue<Action>>();
        var steps = histories.Select((history, i) => (Urn: Urn($"{i:000}"), Queue: new Queue<PersonRecord?>(history))).ToList();
        toGraph["decisions"] = new Queue<Action>(decisions.OrderBy(_ => random.Next()).Select(decision => (Action)(() => graph.Apply(decision))));
        while (true)
        {
            var choice = random.Next(10);
            if (choice < 3 && steps.Count > 0)
            {
                var at = random.Next(steps.Count);
                var (urn, queue) = steps[at];
                var record = queue.Dequeue();
                if (queue.Count == 0)
                {
                    steps.RemoveAt(at);
                }

                var features = record is null ? null : extractor.Extract(record);
                var keys = (features is null ? [] : MatchKeys.For(features)).ToLookup(key => (int)((key.Id.Hash >> 32) % Partitions), key => key.Id);
                for (var p = 0; p < Partitions; p++)
                {
                    var partition = p;
                    Queue(toIndex, $"{p}").Enqueue(() => Match(partition, urn, features, [.. keys[partition]]));
                }

                Queue(toGraph, urn).Enqueue(record is null ? () => graph.Delete(urn) : () => graph.Apply(record, features!));
            }
            else if (choice < 6 && Take(random, toIndex) is { } step)
            {
                step();
            }
            else if (choice < 9 && Take(random, toGraph) is { } action)
            {
                action();
            }
            else if (choice == 9)
            {
                switch (random.Next(6))
                {
                    case 0:
                        Flush();
                        break;
                    case 1:
                        Write();
                        break;
                    case 2:
                        Restart();
                        break;
                }
            }

            if (steps.Count == 0 && toIndex.Count == 0 && toGraph.Count == 0)
            {
                Flush();
                return map;
            }
        }

        void Match(int partition, string urn, PersonFeatures? features, MatchKeyId[] keys)
        {
            var links = new List<LinkChange>();
            indexes[partition].Apply(urn, features, keys, links);
            foreach (var link in links)
            {
                Queue(toGraph, $"links of {partition}").Enqueue(() => graph.Apply(link, partition));
            }
        }

        void Write() => table.WriteChanges((isMark, urn, value) =>
        {
            log.Remove((isMark, urn));
            if (value is not null)
            {
                log.Add((isMark, urn), value);
            }
        });

        void Restart()
        {
            Write();
            table = new GraphTable(isLogged: true);
            foreach (var ((isMark, urn), value) in log.OrderBy(_ => random.Next()).ToList())
            {
                table.Restore(isMark, urn, value);
            }

            graph = new PersonGraph("mi-wtp", IdentityModel.Default, table);
        }

        void Flush()
        {
            foreach (var change in graph.Flush().Map)
            {
                Assert.Equal(change.PreviousPersonId, map.GetValueOrDefault(change.Urn));
                map.Remove(change.Urn);
                if (change.PersonId is not null)
                {
                    map.Add(change.Urn, change.PersonId);
                }
            }
        }
    }

    static Queue<T> Queue<T>(Dictionary<string, Queue<T>> queues, string name)
    {
        if (!queues.TryGetValue(name, out var queue))
        {
            queues.Add(name, queue = new Queue<T>());
        }

        return queue;
    }

    static T? Take<T>(Random random, Dictionary<string, Queue<T>> queues)
    {
        if (queues.Count == 0)
        {
            return default;
        }

        var (name, queue) = queues.ElementAt(random.Next(queues.Count));
        var item = queue.Dequeue();
        if (queue.Count == 0)
        {
            queues.Remove(name);
        }

        return item;
    }

    static SortedDictionary<string, string> Ids(PersonGraph graph)
    {
        var ids = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 120; i++)
        {
            if (graph.Find(Urn($"{i:000}"))?.PersonId is { } id)
            {
                ids.Add(Urn($"{i:000}"), id);
            }
        }

        return ids;
    }

    /// <summary>The states of one record over time; null is a delete. Few names and contact points, so that everything collides.</summary>
    static List<PersonRecord?> History(Random random, int i)
    {
        string[] given = ["Ana", "Anna", "Liz", "Elizabeth", "Jose", "Pepe", "Leo", "Mia"];
        string[] family = ["Ruiz", "Ruis", "Ruiz Garcia", "Nguyen", "Shah"];
        var states = new List<PersonRecord?>();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            states.Add(random.Next(8) == 0 ? null : Person(
                $"{i:000}",
                random.Next(12) == 0 ? null : given[random.Next(given.Length)],
                random.Next(12) == 0 ? null : family[random.Next(family.Length)],
                random.Next(2) == 0 ? null : $"mail{random.Next(25)}@example.org",
                random.Next(2) == 0 ? null : $"20255501{random.Next(10, 40)}",
                random.Next(3) == 0 ? $"19{random.Next(80, 82)}-0{random.Next(1, 4)}-0{random.Next(1, 4)}" : null,
                random.Next(2) == 0 ? $"4810{random.Next(3)}" : null,
                suffix: random.Next(20) == 0 ? "Jr" : random.Next(20) == 0 ? "Sr" : null,
                created: random.Next(4) == 0 ? null : random.Next(30),
                ids: random.Next(10) == 0 ? [new ExternalId("statefile", "mi", $"{random.Next(4)}")] : null,
                sameAs: random.Next(25) == 0 ? [$"{random.Next(120):000}"] : null));
        }

        return states;
    }
}
