using System.Diagnostics;
using StreamSync.Bench;

namespace StreamSync.Identity.Bench;

/// <summary>Records a second and memory of the batch resolver and of the two streaming stages, and how both grow.</summary>
static class Speed
{
    /// <summary>A fixed set: fitted, then resolved at once on all cores.</summary>
    public static void Batch(IReadOnlyList<int> sizes)
    {
        var extractor = new FeatureExtractor();
        foreach (var size in sizes)
        {
            var (records, _) = InventedPeople.Generate(size, seed: 2);
            var before = GC.GetTotalMemory(true);
            var cpu = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            var features = records.Select(extractor.Extract).ToList();
            var resolution = FileResolver.Resolve(features, FileModel.Fit(features, IdentityModel.Default));
            var seconds = watch.Elapsed.TotalSeconds;
            cpu = Environment.CpuUsage.TotalTime - cpu;
            var bytes = GC.GetTotalMemory(true) - before;
            Figures.Print($"batch_{size}_rate", size / seconds, "records/s");
            Figures.Print($"batch_{size}_cpu", cpu.TotalMicroseconds / size, "us/record");
            Figures.Print($"batch_{size}_memory", (double)bytes / size, "bytes/record");
            Figures.Print($"batch_{size}_compared", (double)resolution.Compared / size, "pairs/record");
            GC.KeepAlive(features);
        }
    }

    /// <summary>Records that arrive, through both stages of the engine on one thread.</summary>
    public static void Stream(IReadOnlyList<int> sizes)
    {
        foreach (var size in sizes)
        {
            Stream(size);
        }
    }

    /// <summary>Every record through both stages, grouped each 1,000 records as the platform does each few milliseconds.</summary>
    static void Stream(int size)
    {
        var (waiting, truth) = Waiting(size);
        var before = GC.GetTotalMemory(true);
        var resolver = new BatchResolver(IdentityModel.Default);
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < waiting.Count; i++)
        {
            resolver.Upsert(PersonRecord.FromBytes(waiting[i]));
            if (i % 1000 == 999)
            {
                resolver.Flush();
            }
        }

        resolver.Flush();
        Figures.Print($"stream_{size}_rate_one_core", size / watch.Elapsed.TotalSeconds, "records/s");
        Figures.Print($"stream_{size}_cpu", (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / size, "us/record");
        Figures.Print($"stream_{size}_memory", (double)(GC.GetTotalMemory(true) - before) / size, "bytes/record");
        PrintAccuracy($"stream_{size}", resolver, waiting.Select(bytes => PersonRecord.FromBytes(bytes)), truth);
    }

    /// <summary>Records that wait as bytes, as in a topic: as objects, millions of them would leave too little memory to what is measured.</summary>
    static (List<byte[]> Waiting, int[] Truth) Waiting(int size)
    {
        var (records, truth) = InventedPeople.Generate(size, seed: 2);
        return (records.ConvertAll(record => record.ToBytes()), truth);
    }

    /// <summary>Says how right the people are that records as they arrive are grouped into.</summary>
    public static void PrintAccuracy(string name, BatchResolver resolver, IEnumerable<PersonRecord> records, IReadOnlyList<int> truth)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var quality = ClusterQuality.Of([.. records.Select(record => NumberOf(resolver.Graph(record.Org).Find(record.Urn)!.PersonId!))], truth);
        Figures.Print(name + "_clusters", quality.Pairs.F1, "F1");
        Figures.Print(name + "_clusters_precision", quality.Pairs.Precision, "share");
        Figures.Print(name + "_clusters_recall", quality.Pairs.Recall, "share");

        int NumberOf(string person) => numbers.TryGetValue(person, out var known) ? known : numbers[person] = numbers.Count;
    }
}
