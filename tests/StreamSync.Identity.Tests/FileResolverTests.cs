using static StreamSync.Identity.Tests.People;

namespace StreamSync.Identity.Tests;

public class FileResolverTests
{
    static readonly FeatureExtractor Extractor = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_file_resolves_as_its_records_do_when_they_arrive(int seed)
    {
        var random = new Random(seed);
        var records = Enumerable.Range(0, 150).Select(i => Invented(random, i)).ToList();
        var streamed = new BatchResolver(IdentityModel.Default);
        foreach (var record in records.OrderBy(_ => random.Next()))
        {
            streamed.Upsert(record);
        }

        streamed.Flush();
        var resolution = FileResolver.Resolve([.. records.Select(Extractor.Extract)], IdentityModel.Default);

        var expected = records.Select(record => streamed.Graph("mi-wtp").Find(record.Urn)!.PersonId).ToList();
        Assert.True(expected.Distinct().Count() < 140, "The sample must hold people with several records.");
        for (var i = 0; i < records.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Assert.Equal(expected[i] == expected[j], resolution.PersonOf[i] == resolution.PersonOf[j]);
            }
        }
    }

    [Fact]
    public void A_fitted_model_gives_the_same_people_in_any_order()
    {
        var random = new Random(11);
        var records = Enumerable.Range(0, 200).Select(i => Extractor.Extract(Invented(random, i))).ToList();
        var model = FileModel.Fit(records, IdentityModel.Default);
        var first = People(FileResolver.Resolve(records, model));
        var shuffled = records.OrderBy(_ => random.Next()).ToList();

        Assert.Equal(first, People(FileResolver.Resolve(shuffled, model)));
    }

    [Fact]
    public void Rows_that_name_nobody_are_not_one_person()
    {
        var random = new Random(7);
        PersonFeatures[] records =
        [
            .. Enumerable.Range(0, 200).Select(i => Extractor.Extract(Invented(random, i))),
            .. Enumerable.Range(0, 9).Select(i => Extractor.Extract(Person($"nobody{i}", "Resident", "Donor", "none@none.com", "000-000-0000", zip: "48104", city: "Ann Arbor"))),
        ];
        var people = FileResolver.Resolve(records, FileModel.Fit(records, IdentityModel.Default)).PersonOf;

        Assert.Equal(9, people.Skip(200).Distinct().Count());
    }

    [Fact]
    public void In_a_small_file_birth_dates_a_generation_apart_keep_father_and_son_apart()
    {
        PersonFeatures[] records =
        [
            .. new[]
            {
                Person("1", "Robert", "Smith", "bob@example.org", "7345551188", "1960-01-01", "48104", "9 Elm Ave", "Ann Arbor"),
                Person("2", "Robert", "Smith", null, "7345551188", "01/01/1960", "48104", "9 Elm Avenue", "Ann Arbor"),
                Person("3", "Robert", "Smith", null, "7345551188", "1988-05-06", "48104", "9 Elm Ave", "Ann Arbor", "Jr"),
                Person("4", "Xiomara", "Diaz", "x@example.org", "3135552671", "1985-02-03", "48201", "12 Oak St", "Detroit"),
            }.Select(Extractor.Extract),
        ];
        var people = FileResolver.Resolve(records, FileModel.Fit(records, IdentityModel.Default)).PersonOf;

        Assert.Equal(people[0], people[1]);
        Assert.NotEqual(people[0], people[2]);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(10, false)]
    public void A_file_says_by_itself_whether_its_birth_dates_can_be_trusted(int wrongOfHundred, bool trusted)
    {
        string[] names = ["Ana", "Luis", "Wei", "Omar", "Priya", "Kofi", "Fatima", "Arjun"];
        var random = new Random(5);
        var records = new List<PersonFeatures>();
        for (var i = 0; i < 600; i++)
        {
            var person = Person(
                $"{i:000}a", names[random.Next(names.Length)], $"{names[random.Next(names.Length)]}{names[random.Next(names.Length)]}".ToLowerInvariant(), $"p{i}@example.org", $"313{i + 5550000:0000000}",
                $"{random.Next(1940, 1960)}-{random.Next(1, 13):00}-{random.Next(1, 29):00}", $"{random.Next(48000, 49999)}", $"{random.Next(1, 999)} oak st");
            var again = person with { Urn = Urn($"{i:000}b"), BirthDate = random.Next(100) < wrongOfHundred ? "1999-11-30" : person.BirthDate };
            records.Add(Extractor.Extract(person));
            records.Add(Extractor.Extract(again));
        }

        var model = FileModel.Fit(records, IdentityModel.Default);
        Assert.Equal(trusted, model.BirthDatesCut);
        Assert.Equal(trusted, ModelFile.Read(ModelFile.Write(model), "model.json", records).BirthDatesCut);
    }

    [Fact]
    public void A_model_survives_its_stored_form()
    {
        var random = new Random(3);
        var records = Enumerable.Range(0, 400).Select(i => Extractor.Extract(Invented(random, i))).ToList();
        var truth = Enumerable.Range(0, 400).Select(i => i / 3).ToList();
        var model = LabelTrainer.Train(records, truth, FileModel.Fit(records, IdentityModel.Default));

        var read = ModelFile.Read(ModelFile.Write(model), "m.json", records);

        Assert.Contains("labels", read.Version, StringComparison.Ordinal);
        Assert.Equal(People(FileResolver.Resolve(records, model)), People(FileResolver.Resolve(records, read)));
    }

    [Fact]
    public void A_handful_of_labels_changes_nothing()
    {
        var random = new Random(3);
        var records = Enumerable.Range(0, 60).Select(i => Extractor.Extract(Invented(random, i))).ToList();
        var fitted = FileModel.Fit(records, IdentityModel.Default);

        Assert.Equal(20, LabelTrainer.TruePairs(Enumerable.Range(0, 40).Select(i => i / 2)));
        Assert.Same(fitted, LabelTrainer.Train(records, [.. Enumerable.Range(0, 60).Select(i => i / 2)], fitted));
    }

    [Fact]
    public void Labels_of_some_records_teach_and_the_others_are_neither_one_person_nor_strangers()
    {
        var random = new Random(3);
        var records = Enumerable.Range(0, 900).Select(i => Extractor.Extract(Invented(random, i))).ToList();
        var truth = Enumerable.Range(0, 900).Select(i => i < 400 ? i / 3 : TruthLabels.Unknown).ToList();
        var fitted = FileModel.Fit(records, IdentityModel.Default);

        var model = LabelTrainer.Train(records, truth, fitted);

        Assert.Equal(LabelTrainer.TruePairs(truth.Take(400)), LabelTrainer.TruePairs(truth));
        Assert.Contains("labels", model.Version, StringComparison.Ordinal);
        Assert.Equal((fitted.Scores.Prior, fitted.Scores.Partners), (model.Scores.Prior, model.Scores.Partners));

        // Labels that make one person of all the others would teach something else.
        var (shares, others) = (model.Scores.Fields[(int)Field.FamilyName].M, truth.Select(person => person == TruthLabels.Unknown ? 1_000 : person).ToList());
        Assert.NotEqual(shares, LabelTrainer.Train(records, others, fitted).Scores.Fields[(int)Field.FamilyName].M);
        Assert.Equal(shares, FileModel.WithTruth(records, truth, fitted).Scores.Fields[(int)Field.FamilyName].M);
    }

    [Fact]
    public void Only_pairs_of_two_known_truths_are_judged()
    {
        PersonFeatures[] records = [.. Enumerable.Range(0, 4).Select(i => Extractor.Extract(Person($"{i}", "Ana", "Ruiz", "ana@example.org", dob: "1984-07-02")))];
        var resolution = FileResolver.Resolve(records, IdentityModel.Default);
        Assert.Single(resolution.PersonOf.Distinct());

        var right = Evaluation.Of(resolution, [5, 5, TruthLabels.Unknown, TruthLabels.Unknown]);
        var wrong = Evaluation.Of(resolution, [5, 6, TruthLabels.Unknown, TruthLabels.Unknown]);

        Assert.Equal((new Quality(1, 1), new Quality(1, 1), 0.0, 1), (right.Links, right.People.Pairs, right.People.WronglyMerged, right.TruePeople));
        Assert.Equal((new Quality(0, 1), new Quality(0, 1), 1.0, 2), (wrong.Links, wrong.People.Pairs, wrong.People.WronglyMerged, wrong.TruePeople));
        Assert.Empty(right.WorstErrors(10));
        Assert.Equal((0, 1), (Assert.Single(wrong.WorstErrors(10)).A, wrong.WorstErrors(10)[0].B));
    }

    [Fact]
    public void An_explanation_adds_up_to_the_evidence_of_a_link()
    {
        var records = new[] { Person("1", "Ana", "Ruiz", "ana@example.org", dob: "1984-07-02"), Person("2", "Anna", "Ruiz", "ana@example.org", dob: "1984-02-07") };
        var resolution = FileResolver.Resolve([.. records.Select(Extractor.Extract)], IdentityModel.Default with { PairLimit = 100_000 });

        var link = Assert.Single(resolution.Links);
        Assert.Equal(link.Total, resolution.Explain(0, 1).Sum(line => line.Weight));
    }

    [Theory]
    [InlineData("{\n\"format\": x", "m.json, line 2")]
    [InlineData("[]", "m.json, line 1, column 2: not a model")]
    [InlineData("null", "m.json: not a model of this version")]
    [InlineData("\0\u0001", "m.json, line 1")]
    [InlineData("{\"format\":2,\"fields\":null}", "m.json: not a model, for a part of it is null")]
    [InlineData("{\"format\":2,\"fields\":{\"GivenName\":{\"m\":null}}}", "m.json, line 1")]
    [InlineData("{\"format\":2,\"fields\":{}}", "m.json: the model lacks levels of the field GivenName")]
    public void A_broken_model_file_is_refused_with_its_place(string text, string message) =>
        Assert.Contains(message, Assert.Throws<TableException>(() => ModelFile.Read(text, "m.json", [])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_file_with_shares_that_are_none_is_refused()
    {
        var text = ModelFile.Write(IdentityModel.Default);
        var at = text.IndexOf("\"m\":[", text.IndexOf("\"FamilyName\"", StringComparison.Ordinal), StringComparison.Ordinal) + 5;

        Assert.Contains("a share of the field FamilyName", Assert.Throws<TableException>(() => ModelFile.Read(text[..at] + "-0.5," + text[at..], "m.json", [])).Message, StringComparison.Ordinal);
    }

    static List<string> People(FileResolution resolution) =>
    [
        .. Enumerable.Range(0, resolution.Records.Count).GroupBy(record => resolution.PersonOf[record])
            .Select(person => string.Join('+', person.Select(record => resolution.Records[record].Urn).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal),
    ];

    static PersonRecord Invented(Random random, int i)
    {
        string[] given = ["Ana", "Anna", "Liz", "Elizabeth", "Jose", "Pepe", "Leo", "Mia", "Walter", "Priya"];
        string[] family = ["Ruiz", "Ruis", "Ruiz Garcia", "Nguyen", "Shah", "Baker", "Okafor"];
        return Person(
            $"{i:000}",
            random.Next(12) == 0 ? null : given[random.Next(given.Length)],
            random.Next(12) == 0 ? null : family[random.Next(family.Length)],
            random.Next(2) == 0 ? null : $"mail{random.Next(50)}@example.org",
            random.Next(2) == 0 ? null : $"20255501{random.Next(10, 60)}",
            random.Next(3) == 0 ? $"19{random.Next(80, 84)}-0{random.Next(1, 9)}-0{random.Next(1, 9)}" : null,
            random.Next(2) == 0 ? $"4810{random.Next(6)}" : null,
            created: random.Next(30));
    }
}
