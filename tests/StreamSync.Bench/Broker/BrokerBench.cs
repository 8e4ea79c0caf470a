using System.Globalization;
using Confluent.Kafka;

namespace StreamSync.Bench.Broker;

/// <summary>
/// The embedded broker beside a real Apache Kafka (where <c>KAFKA_HOME</c> names one): the same client, the same machine, turn by turn.
/// Prints each figure of both and their ratio, above 1 where the embedded one is better. Names that end with <c>_cpu</c> are processor
/// seconds of the broker in the measurement before, which tell more than time does where the machine has other work.
/// </summary>
static class BrokerBench
{
    const int Turns = 3;
    const int Records = 100_000;

    static readonly Dictionary<string, Func<BenchBroker, BrokerLoad, Task<Figure[]>>> Measurements = new()
    {
        ["produce"] = async (broker, load) =>
        {
            var topic = "";
            return
            [
                .. await WithCpuAsync(broker, "produce_none", "MB/s", async () => (topic, _) = await load.ProduceAsync(Records, CompressionType.None, idempotent: false)),
                .. await WithCpuAsync(broker, "produce_none_idempotent", "MB/s", () => load.ProduceAsync(Records, CompressionType.None, idempotent: true)),
                .. await WithCpuAsync(broker, "produce_lz4", "MB/s", () => load.ProduceAsync(Records, CompressionType.Lz4, idempotent: false)),
                .. await WithCpuAsync(broker, "fetch", "MB/s", () => Task.FromResult((topic, load.Fetch(topic, Records)))),
            ];
        },
        ["transact"] = (broker, load) => WithCpuAsync(broker, "transactions_of_100", "1/s", async () => ("", await load.TransactAsync(500))),
        ["latency"] = async (broker, load) =>
        {
            var cpu = broker.CpuTime();
            var latencies = await load.LatencyAsync(5000, TimeSpan.FromSeconds(6));
            return
            [
                new("latency_p50", latencies[latencies.Length / 2], "ms"),
                new("latency_p99", latencies[latencies.Length * 99 / 100], "ms"),
                new("latency_cpu", (broker.CpuTime() - cpu).TotalSeconds, "s"),
            ];
        },
    };

    /// <param name="args">Names of measurements (all without any): start, demo, produce, transact, latency, topics, recovery=GIGABYTES.</param>
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
            if (Wanted("demo"))
            {
                await TurnByTurnAsync(
                    brokers,
                    async (broker, load) =>
                    {
                        await load.DemoAsync();
                        return [new("memory_after_demo", broker.MemoryMib(), "MiB")];
                    },
                    turns: 1);
            }

            foreach (var (name, measure) in Measurements.Where(m => Wanted(m.Key)))
            {
                await TurnByTurnAsync(brokers, measure);
            }

            Report([.. brokers.Select(b => (b, new Figure[] { new("memory_after_load", b.MemoryMib(), "MiB") }))]);
            if (Wanted("topics"))
            {
                await TurnByTurnAsync(brokers, TopicsAsync, turns: 1);
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

    static async Task<Figure[]> WithCpuAsync(BenchBroker broker, string name, string unit, Func<Task<(string Topic, double Rate)>> measure)
    {
        var before = broker.CpuTime();
        var (_, rate) = await measure();
        return [new(name, rate, unit), new(name + "_cpu", (broker.CpuTime() - before).TotalSeconds, "s")];
    }

    /// <summary>1,000 topics of one partition: made, written to, and what they cost a broker that is started with them.</summary>
    static async Task<Figure[]> TopicsAsync(BenchBroker broker, BrokerLoad load)
    {
        const int count = 1000;
        var create = await load.CreateTopicsAsync(count);
        var write = load.WriteToTopics(count);
        broker.Stop();
        var start = broker.Start();
        load.ReadFromTopic(count - 1);
        var memory = broker.MemoryMib();
        var idle = TimeSpan.FromSeconds(10);
        var before = broker.CpuTime();
        await Task.Delay(idle);
        return
        [
            new("create_1000_topics", create, "topics/s"),
            new("write_to_1000_topics", write.TotalMilliseconds, "ms"),
            new("start_with_1000_topics", start.TotalMilliseconds, "ms"),
            new("memory_with_1000_topics", memory, "MiB"),
            new("idle_with_1000_topics", (broker.CpuTime() - before) / idle * 100, "%"),
        ];
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
                broker.Start();
                load.ReadLast(topic, end);
                figures.Add((broker, [new("recovery_readable", System.Diagnostics.Stopwatch.GetElapsedTime(watch).TotalMilliseconds, "ms")]));
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
        public bool LessIsBetter => Unit is "ms" or "s" or "MiB" or "%";
    }
}
