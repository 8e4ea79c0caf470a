using System.Globalization;
using Confluent.Kafka;

namespace StreamSync.Bench.Broker;

/// <summary>
/// The embedded broker beside a real Apache Kafka (where <c>KAFKA_HOME</c> names one): the same client, the same machine, turn by turn.
/// Prints each figure of both and their ratio, above 1 where the embedded one is better.
/// </summary>
static class BrokerBench
{
    const int Turns = 3;
    const int Records = 100_000;

    static readonly Dictionary<string, Func<BenchBroker, BrokerLoad, Task<Figure[]>>> Measurements = new()
    {
        ["produce"] = async (_, load) =>
        {
            var (plain, rate) = await load.ProduceAsync(Records, CompressionType.None, idempotent: false);
            return
            [
                new("produce_none", rate, "MB/s"),
                new("produce_none_idempotent", (await load.ProduceAsync(Records, CompressionType.None, idempotent: true)).Rate, "MB/s"),
                new("produce_lz4", (await load.ProduceAsync(Records, CompressionType.Lz4, idempotent: false)).Rate, "MB/s"),
                new("fetch", load.Fetch(plain, Records), "MB/s"),
            ];
        },
        ["transact"] = async (_, load) => [new("transactions_of_100", await load.TransactAsync(500), "1/s")],
        ["latency"] = async (_, load) =>
        {
            var latencies = await load.LatencyAsync(5000, TimeSpan.FromSeconds(6));
            return [new("latency_p50", latencies[latencies.Length / 2], "ms"), new("latency_p99", latencies[latencies.Length * 99 / 100], "ms")];
        },
    };

    /// <param name="args">Names of measurements (all without any): start, produce, transact, latency, topics, recovery=GIGABYTES.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var recovery = args.FirstOrDefault(a => a.StartsWith("recovery", StringComparison.Ordinal)) ?? (args.Length == 0 ? "recovery=10" : null);
        bool Wanted(string name) => args.Length == 0 || args.Contains(name);
        var root = Directory.CreateTempSubdirectory("streamsync-bench-").FullName;
        try
        {
            using var local = BenchBroker.Local(Path.Combine(root, "local"));
            using var apache = BenchBroker.Apache(Path.Combine(root, "apache"));
            BenchBroker[] brokers = [.. new[] { local, apache }.OfType<BenchBroker>()];
            Start(brokers, Wanted("start"));
            foreach (var (name, measure) in Measurements.Where(m => Wanted(m.Key)))
            {
                await TurnByTurnAsync(brokers, measure);
            }

            Report([.. brokers.Select(b => (b, new Figure[] { new("memory_after_load", b.MemoryMib(), "MiB") }))]);
            if (Wanted("topics"))
            {
                await TurnByTurnAsync(brokers, async (_, load) => [new("create_1000_topics", await load.CreateTopicsAsync(1000), "topics/s")], turns: 1);
            }

            Array.ForEach(brokers, b => b.Stop());
            if (recovery is not null)
            {
                var gigabytes = double.Parse(recovery.AsSpan(recovery.IndexOf('=') + 1), CultureInfo.InvariantCulture);
                await RecoverAsync(root, gigabytes);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    static void Start(BenchBroker[] brokers, bool measure)
    {
        var figures = brokers.Select(broker =>
        {
            var best = broker.Start();
            for (var i = 1; i < 5 && measure; i++)
            {
                broker.Stop();
                var again = broker.Start();
                best = again < best ? again : best;
            }

            return (broker, new Figure[] { new("start_best_of_5", best.TotalMilliseconds, "ms"), new("memory_at_start", broker.MemoryMib(), "MiB") });
        }).ToArray();
        if (measure)
        {
            Report(figures);
        }
    }

    static async Task TurnByTurnAsync(BenchBroker[] brokers, Func<BenchBroker, BrokerLoad, Task<Figure[]>> measure, int turns = Turns)
    {
        var all = brokers.ToDictionary(b => b, _ => new List<Figure[]>());
        for (var turn = 0; turn < turns; turn++)
        {
            foreach (var broker in brokers)
            {
                all[broker].Add(await measure(broker, new BrokerLoad(broker.BootstrapServers)));
            }
        }

        Report([.. all.Select(one => (one.Key, Medians(one.Value)))]);
    }

    /// <summary>Time from the launch after a kill until the last record can be read, with much log.</summary>
    static async Task RecoverAsync(string root, double gigabytes)
    {
        var figures = new List<(BenchBroker, Figure[])>();
        var names = new Func<string, BenchBroker?>[] { BenchBroker.Local, BenchBroker.Apache };
        foreach (var create in names)
        {
            var data = Path.Combine(root, "recovery");
            using (var broker = create(data))
            {
                if (broker is null)
                {
                    continue;
                }

                broker.Start();
                var load = new BrokerLoad(broker.BootstrapServers);
                var (topic, end) = await load.FillAsync(gigabytes);
                broker.Kill();
                var watch = System.Diagnostics.Stopwatch.GetTimestamp();
                var ready = broker.Start();
                load.ReadLast(topic, end);
                figures.Add((broker, [
                    new("recovery_ready", ready.TotalMilliseconds, "ms"),
                    new("recovery_readable", System.Diagnostics.Stopwatch.GetElapsedTime(watch).TotalMilliseconds, "ms"),
                ]));
            }

            Directory.Delete(data, recursive: true);
        }

        Figures.Print("recovery_log", gigabytes, "GB");
        Report([.. figures]);
    }

    static Figure[] Medians(List<Figure[]> turns) =>
        [.. turns[0].Select((figure, i) => figure with { Value = turns.Select(turn => turn[i].Value).Order().ElementAt(turns.Count / 2) })];

    static void Report((BenchBroker Broker, Figure[] Figures)[] measured)
    {
        for (var i = 0; i < measured[0].Figures.Length; i++)
        {
            foreach (var (broker, figures) in measured)
            {
                Figures.Print($"{broker.Name}_{figures[i].Name}", figures[i].Value, figures[i].Unit);
            }

            if (measured.Length == 2)
            {
                var (ours, theirs) = (measured[0].Figures[i], measured[1].Figures[i]);
                Figures.Print($"ratio_{ours.Name}", ours.LessIsBetter ? theirs.Value / ours.Value : ours.Value / theirs.Value, "ratio");
            }
        }
    }

    sealed record Figure(string Name, double Value, string Unit)
    {
        public bool LessIsBetter => Unit is "ms" or "MiB";
    }
}
