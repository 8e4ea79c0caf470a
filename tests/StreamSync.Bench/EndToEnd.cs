using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamSync.Simulators;

namespace StreamSync.Bench;

/// <summary>
/// Records a second from files to the warehouse, resolved, through the built command once it runs; and in the same run what librdkafka alone
/// produces and consumes on the same broker, so that the figure can be read as a ratio.
/// </summary>
static class EndToEnd
{
    public static async Task<int> RunAsync(string[] args)
    {
        var people = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 50_000;
        var contacts = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200_000;
        var root = Directory.CreateTempSubdirectory("streamsync-bench-").FullName;
        try
        {
            var drops = Directory.CreateDirectory(Path.Combine(root, "drops")).FullName;
            var staging = Path.Combine(root, "staging");
            var config = Path.Combine(root, "streamsync.yaml");
            await File.WriteAllTextAsync(config, $$"""
                org: bench
                console: { port: 0 }
                syncs:
                  - id: van
                    connector: ngpvan
                    instance: tsm
                    settings: { folder: "{{drops}}", time_zone: America/Detroit }
                """);
            var program = new SampleProgram(people, contacts, texts: 0, signups: 0, donations: 0);
            program.WriteVan(staging);
            using var platform = PlatformProcess.Start(config, Path.Combine(root, "data"));
            var instance = await WaitAsync(() => Task.FromResult(platform.Instance()), TimeSpan.FromMinutes(1), platform);
            using var http = new HttpClient { BaseAddress = new Uri(instance.GetProperty("console_url").GetString()!) };

            // Files come to a platform that runs: its start is another figure.
            var start = Stopwatch.StartNew();
            await WaitAsync(() => RunsAsync(http), TimeSpan.FromMinutes(1), platform);
            Figures.Print("ready_after_instance", start.Elapsed.TotalSeconds, "s");
            var cpu = platform.CpuTime;
            var watch = Stopwatch.StartNew();
            foreach (var file in Directory.EnumerateFiles(staging))
            {
                File.Move(file, Path.Combine(drops, Path.GetFileName(file)));
            }

            var sql = $"select (select count(*) from entity_person) >= {people} and (select count(*) from activity_touch where person_id is not null and canvasser_name is not null) >= {contacts}";
            await WaitAsync(
                async () => await QueryAsync(http, sql) is { ValueKind: JsonValueKind.True } done ? done : (JsonElement?)null,
                TimeSpan.FromMinutes(10),
                platform);
            watch.Stop();
            var records = people + contacts;
            var rate = records / watch.Elapsed.TotalSeconds;
            Figures.Print("end_to_end_records", records, "records");
            Figures.Print("end_to_end_seconds", watch.Elapsed.TotalSeconds, "s");
            Figures.Print("end_to_end_rate", rate, "records/s");
            Figures.Print("end_to_end_cpu", (platform.CpuTime - cpu).TotalSeconds, "s");
            Figures.Print("end_to_end_peak_memory", platform.PeakMemoryMib(), "MiB");

            var (produce, consume) = await RawAsync(instance.GetProperty("bootstrap_servers").GetString()!, records);
            Figures.Print("librdkafka_produce_rate", produce, "records/s");
            Figures.Print("librdkafka_consume_rate", consume, "records/s");
            Figures.Print("end_to_end_per_produce", rate / produce, "ratio");
            Figures.Print("end_to_end_per_consume", rate / consume, "ratio");
            return 0;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    static async Task<(double Produce, double Consume)> RawAsync(string bootstrap, int records)
    {
        const string topic = "bench.raw";
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).Build())
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 2, ReplicationFactor = 1 }]);
        }

        var value = Encoding.UTF8.GetBytes(new string('x', 250));
        var watch = Stopwatch.StartNew();
        using (var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true, Acks = Acks.All, LingerMs = 5, QueueBufferingMaxMessages = 1_000_000 }).Build())
        {
            for (var i = 0; i < records; i++)
            {
                producer.Produce(topic, new Message<byte[], byte[]> { Key = BitConverter.GetBytes(i), Value = value });
            }

            producer.Flush();
        }

        var produce = records / watch.Elapsed.TotalSeconds;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = bootstrap, GroupId = "bench", AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false, FetchQueueBackoffMs = 5 }).Build();
        consumer.Assign([new TopicPartitionOffset(topic, 0, Offset.Beginning), new TopicPartitionOffset(topic, 1, Offset.Beginning)]);
        watch.Restart();
        for (var i = 0; i < records; i++)
        {
            if (consumer.Consume(TimeSpan.FromSeconds(30)) is null)
            {
                throw new InvalidOperationException($"only {i} of {records} records came back");
            }
        }

        return (produce, records / watch.Elapsed.TotalSeconds);
    }

    /// <summary>An answer once processors and sink have nothing to do and wait for nothing.</summary>
    static async Task<JsonElement?> RunsAsync(HttpClient http)
    {
        var progress = (await http.GetFromJsonAsync<JsonElement>("/api/status")).GetProperty("progress");
        var rooms = progress.EnumerateArray().Where(entry => entry.GetProperty("room").GetString() is "processors" or "sinks").ToList();
        return rooms.Select(entry => entry.GetProperty("room").GetString()).Distinct().Count() == 2
            && rooms.All(entry => entry.GetProperty("waiting_for").ValueKind == JsonValueKind.Null && entry.GetProperty("lag") is { ValueKind: JsonValueKind.Number } lag && lag.GetInt64() == 0)
            ? progress
            : null;
    }

    static async Task<JsonElement?> QueryAsync(HttpClient http, string sql)
    {
        using var response = await http.PostAsJsonAsync("/api/query", new { sql, max_rows = 1 });
        if (!response.IsSuccessStatusCode)
        {
            return null; // The table comes with its first record.
        }

        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("rows")[0][0];
    }

    static async Task<JsonElement> WaitAsync(Func<Task<JsonElement?>> ask, TimeSpan timeout, PlatformProcess platform)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var watch = Stopwatch.StartNew();
        while (await timer.WaitForNextTickAsync())
        {
            if (platform.HasExited)
            {
                throw new InvalidOperationException("streamsync ended; its output is above");
            }

            if (await ask() is { } answer)
            {
                return answer;
            }

            if (watch.Elapsed > timeout)
            {
                throw new TimeoutException($"not done after {timeout}");
            }
        }

        throw new InvalidOperationException();
    }
}
