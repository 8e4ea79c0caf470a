using System.Diagnostics;
using System.IO.Hashing;
using System.Text;
using StreamSync.Bench;

namespace StreamSync.Identity.Bench;

/// <summary>Accuracy on labelled sets with the shipped configuration, beside what the best peers reached with the answers in view.</summary>
static class Accuracy
{
    // Cluster-pair F1 of the best peers: as in their documentation, at best without labels, with average linkage added, with labels.
    static readonly (string File, string Truth, double Docs, double Best, double Linkage, double Labels)[] Sets =
    [
        ("febrl3.csv", "rec_id", 0.9979, 1.0000, 1.0000, double.NaN),
        ("fake_1000.csv", "cluster", 0.9169, 0.9696, 0.9798, 0.985),
        ("historical_half.csv", "cluster", 0.8450, 0.9343, 0.9618, 0.9824),
    ];

    public static void Measure(string folder)
    {
        foreach (var set in Sets)
        {
            var file = new FileInfo(Path.Combine(folder, set.File));
            if (!file.Exists)
            {
                Console.Error.WriteLine($"{file.FullName} is missing; this set is left out.");
                continue;
            }

            var name = Path.GetFileNameWithoutExtension(set.File);
            var people = PeopleFiles.Read([new TableSource(file.Name, file.OpenText)], null, set.Truth);
            Measure(name, people.Records, people.Truth!);
            Figures.Print($"{name}_peers_documented", set.Docs, "F1");
            Figures.Print($"{name}_peers_best", set.Best, "F1");
            Figures.Print($"{name}_peers_average_linkage", set.Linkage, "F1");
            if (!double.IsNaN(set.Labels))
            {
                MeasureTrained(name, people);
                Figures.Print($"{name}_peers_trained", set.Labels, "F1");
            }
        }
    }

    public static void MeasureInvented(int count)
    {
        Invented("invented", InventedPeople.Generate(count, seed: 1));
        Invented("households", new InventedHouseholds(1).Generate(count));
        Invented("households_sharing", new InventedHouseholds(2) { SharedPhone = 0.8, SharedEmail = 0.5, NoBirthDate = 0.5 }.Generate(count));
    }

    static void Invented(string name, (List<PersonRecord> Records, int[] Truth) people)
    {
        var extractor = new FeatureExtractor();
        Measure(name, [.. people.Records.Select(extractor.Extract)], people.Truth);

        // The same as records arrive: fewer keys, and a model that was fitted to nothing.
        var resolver = new BatchResolver(IdentityModel.Default);
        people.Records.ForEach(resolver.Upsert);
        resolver.Flush();
        Speed.PrintAccuracy(name + "_arriving", resolver, people.Records, people.Truth);
    }

    static void Measure(string name, IReadOnlyList<PersonFeatures> records, IReadOnlyList<int> truth)
    {
        var watch = Stopwatch.StartNew();
        var resolution = FileResolver.Resolve(records, FileModel.Fit(records, IdentityModel.Default));
        var seconds = watch.Elapsed.TotalSeconds;
        Print(name, Evaluation.Of(resolution, truth));
        Figures.Print($"{name}_seconds", seconds, "s");
        Figures.Print($"{name}_rate", records.Count / seconds, "records/s");
    }

    /// <summary>Learns on one half of the people and judges on the other.</summary>
    static void MeasureTrained(string name, PeopleFiles people)
    {
        var half = new List<int>();
        var rest = new List<int>();
        for (var i = 0; i < people.Records.Count; i++)
        {
            (Crc32.HashToUInt32(Encoding.UTF8.GetBytes(people.Labels![i])) / 2 % 2 == 0 ? half : rest).Add(i);
        }

        PersonFeatures[] Of(List<int> rows) => [.. rows.Select(row => people.Records[row])];
        var learnt = LabelTrainer.Train(Of(half), [.. half.Select(row => people.Truth![row])], FileModel.Fit(Of(half), IdentityModel.Default));
        var judged = Of(rest);
        var model = ModelFile.Read(ModelFile.Write(learnt), "model", judged);
        Print($"{name}_trained", Evaluation.Of(FileResolver.Resolve(judged, model), [.. rest.Select(row => people.Truth![row])]));
    }

    static void Print(string name, Evaluation evaluation)
    {
        Figures.Print($"{name}_clusters", evaluation.People.Pairs.F1, "F1");
        Figures.Print($"{name}_clusters_precision", evaluation.People.Pairs.Precision, "share");
        Figures.Print($"{name}_clusters_recall", evaluation.People.Pairs.Recall, "share");
        Figures.Print($"{name}_bcubed", evaluation.People.BCubed.F1, "F1");
        Figures.Print($"{name}_links", evaluation.Links.F1, "F1");
        Figures.Print($"{name}_exact", evaluation.People.Exact, "share");
        Figures.Print($"{name}_wrongly_merged", evaluation.People.WronglyMerged, "share");
        Figures.Print($"{name}_most_people_in_one", evaluation.People.MostPeopleInOne, "people");
    }
}
