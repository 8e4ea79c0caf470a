namespace StreamSync.Identity.Tests;

/// <summary>The order of rows and files decides nothing: not the people found, nor the models fitted and learnt.</summary>
public class FileOrderTests
{
    const string Header = "cluster,first_name,last_name,email,phone,dob,street,city,zip";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4, true)]
    public void Shuffled_rows_and_files_give_the_same_people_and_models(int seed, bool gaps = false)
    {
        var random = new Random(seed);
        var (first, second) = (Rows(random, 450), Rows(random, 450));
        if (gaps)
        {
            (first, second) = (WithGaps(first), WithGaps(second));
        }

        var expected = Outcome.Of(Read(first, second));
        Assert.True(expected.People.Count < 0.8 * (first.Count + second.Count), "The sample must hold people with several records.");
        Assert.Contains("labels", expected.Learnt, StringComparison.Ordinal);
        Assert.NotEqual(first.Count, first.Distinct().Count());

        for (var run = 0; run < 3; run++)
        {
            var (a, b) = (Shuffled(random, first), Shuffled(random, second));

            var shuffled = Outcome.Of(run % 2 == 0 ? Read(b, a) : Read(a, b));

            Assert.Equal(expected.Fitted, shuffled.Fitted);
            Assert.Equal(expected.Learnt, shuffled.Learnt);
            Assert.Equal(expected.People, shuffled.People);
            Assert.Equal(expected.ByLearnt, shuffled.ByLearnt);
            Assert.Equal(expected.Quality, shuffled.Quality);
            Assert.Equal(expected.Errors, shuffled.Errors);
        }
    }

    [Fact]
    public void People_and_links_go_by_the_rows_as_they_stand()
    {
        var random = new Random(7);
        var people = Read(Rows(random, 200), []);
        var resolution = FileResolver.Resolve(people.Records, IdentityModel.Default);

        Assert.Same(people.Records, resolution.Records);
        Assert.Equal(Enumerable.Range(0, people.Records.Count), Enumerable.Range(0, people.Records.Count).OrderBy(record => people.Place(record).Line));
        for (var record = 0; record < people.Records.Count; record++)
        {
            Assert.Equal(Enumerable.Range(0, people.Records.Count).First(other => resolution.PersonOf[other] == resolution.PersonOf[record]), resolution.PersonOf[record]);
        }

        // A pair of records as given has the evidence of its link.
        Assert.NotEmpty(resolution.Links);
        var scorer = new PairScorer(resolution.Model);
        foreach (var link in resolution.Links)
        {
            var score = scorer.Score(people.Records[link.A], people.Records[link.B]);
            Assert.True(link.A < link.B);
            Assert.Equal((score.Flags & PairFlags.Housemates) != 0, link.Housemates);
            Assert.True(PairScorer.IsTold(resolution.Model, people.Records[link.A], people.Records[link.B], score));
        }
    }

    [Fact]
    public void Dates_are_read_alike_however_late_the_row_that_tells_their_order_comes()
    {
        var doubtful = Enumerable.Range(0, 25_000).Select(i => $"{i},Ana,Ruiz,,,5/6/85,,,").ToList();
        const string Telling = "x,Bo,Li,,,13/6/85,,,";

        Assert.Equal("1985-06-05", Read([Telling, .. doubtful], []).Records[1].BirthDate.ToString());
        Assert.Equal("1985-06-05", Read([.. doubtful, Telling], []).Records[1].BirthDate.ToString());
    }

    static PeopleFiles Read(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        return PeopleFiles.Read([Table("a.csv", a), Table("b.csv", b)], null, "cluster");

        static TableSource Table(string name, IReadOnlyList<string> rows) => new(name, () => new StringReader(string.Join('\n', rows.Prepend(Header))));
    }

    static List<string> Shuffled(Random random, List<string> rows)
    {
        var shuffled = rows.ToArray();
        random.Shuffle(shuffled);
        return [.. shuffled];
    }

    /// <summary>Households of people with several records, with errors, gaps and exact copies among them; few names, so that much collides.</summary>
    static List<string> Rows(Random random, int count)
    {
        string[] given = ["Ana", "Anna", "Liz", "Elizabeth", "Jose", "Pepe", "Leo", "Mia", "Walter", "Priya"];
        string[] family = ["Ruiz", "Ruis", "Ruiz Garcia", "Nguyen", "Shah", "Baker", "Okafor"];
        var rows = new List<string>();
        while (rows.Count < count)
        {
            var (name, phone, street, zip) = (Of(family), $"20255501{random.Next(10, 60)}", $"{random.Next(1, 40)} Oak St", $"4810{random.Next(6)}");
            for (var members = random.Next(1, 4); members > 0; members--)
            {
                var (first, email, born) = (Of(given), $"mail{random.Next(150)}@example.org", new DateOnly(random.Next(1950, 1990), 1, 1).AddDays(random.Next(365)));
                var person = $"{random.Next()}";
                for (var records = random.Next(1, 5); records > 0; records--)
                {
                    var date = random.Next(6) == 0 ? born.AddDays(random.Next(1, 40)) : born;
                    rows.Add(string.Join(
                        ',', person, Maybe(random.Next(5) == 0 ? Of(given) : first), Maybe(random.Next(8) == 0 ? Of(family) : name), Maybe(email), Maybe(phone),
                        Maybe($"{date:yyyy-MM-dd}"), Maybe(street), Maybe("Detroit"), Maybe(zip)));
                    if (random.Next(10) == 0)
                    {
                        rows.Add(rows[^1]);
                    }
                }
            }
        }

        return rows;

        string Of(string[] values) => values[random.Next(values.Length)];
        string Maybe(string value) => random.Next(4) == 0 ? "" : value;
    }

    /// <summary>The same rows, each third one without its truth.</summary>
    static List<string> WithGaps(List<string> rows) => [.. rows.Select((row, i) => i % 3 == 0 ? row[row.IndexOf(',', StringComparison.Ordinal)..] : row)];

    /// <summary>All that a file gives, in words that leave its order out: a record goes by its fields and its true person.</summary>
    sealed record Outcome(string Fitted, string Learnt, List<string> People, List<string> ByLearnt, ClusterQuality Quality, List<string> Errors)
    {
        public static Outcome Of(PeopleFiles people)
        {
            var fitted = FileModel.Fit(people.Records, IdentityModel.Default);
            var learnt = LabelTrainer.Train(people.Records, people.Truth!, fitted);
            var found = FileResolver.Resolve(people.Records, fitted);
            var evaluation = Evaluation.Of(found, people.Truth!);
            return new Outcome(
                ModelFile.Write(fitted), ModelFile.Write(learnt), PeopleOf(people, found), PeopleOf(people, FileResolver.Resolve(people.Records, learnt)), evaluation.People,
                [.. evaluation.WorstErrors(10).Select(error => $"{error.IsMerge} {error.Total} {string.Join('/', new[] { error.A, error.B }.Select(record => Text(people, record)).Order(StringComparer.Ordinal))}")]);
        }

        static List<string> PeopleOf(PeopleFiles people, FileResolution resolution) =>
        [
            .. Enumerable.Range(0, people.Records.Count).GroupBy(record => resolution.PersonOf[record])
                .Select(person => string.Join('+', person.Select(record => Text(people, record)).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal),
        ];

        static string Text(PeopleFiles people, int record) => $"{people.Labels![record]}:{Convert.ToHexString((people.Records[record] with { Urn = "" }).ToBytes())}";
    }
}
