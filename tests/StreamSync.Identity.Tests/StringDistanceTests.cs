namespace StreamSync.Identity.Tests;

public class StringDistanceTests
{
    [Theory]
    [InlineData("martha", "marhta", 0.961)]
    [InlineData("dwayne", "duane", 0.84)]
    [InlineData("dixon", "dicksonx", 0.813)]
    [InlineData("abc", "xyz", 0)]
    public void Jaro_Winkler_gives_the_published_values(string a, string b, double similarity) =>
        Assert.Equal(similarity, StringDistance.JaroWinkler(a, b), 0.001);

    [Theory]
    [InlineData("1971-06-24", "1971-05-24", 1)]
    [InlineData("1971-06-24", "1971-06-42", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("abc", "abc", 0)]
    [InlineData("ca", "abc", 3)]
    public void Damerau_counts_edits(string a, string b, int edits) => Assert.Equal(edits, StringDistance.Damerau(a, b, 3));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Both_give_what_their_definitions_say(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var a = Text(random, random.Next(0, random.Next(10) == 0 ? 64 : 14));
            var b = random.Next(3) == 0 ? Text(random, random.Next(0, 64)) : Changed(random, a);
            Assert.Equal(Jaro(a, b), StringDistance.JaroWinkler(a, b), 9);
            for (var limit = 1; limit <= 5; limit++)
            {
                Assert.Equal(Math.Min(Edits(a, b), limit + 1), StringDistance.Damerau(a, b, limit));
            }
        }
    }

    static string Text(Random random, int length)
    {
        var letters = random.Next(4) == 0 ? "abñÿłš中" : "abcde";
        return new([.. Enumerable.Range(0, length).Select(_ => letters[random.Next(letters.Length)])]);
    }

    static string Changed(Random random, string text)
    {
        for (var n = random.Next(4); n > 0 && text.Length is > 1 and < 60; n--)
        {
            var at = random.Next(text.Length - 1);
            text = random.Next(4) switch
            {
                0 => text.Remove(at, 1),
                1 => text.Insert(at, "x"),
                2 => text[..at] + "y" + text[(at + 1)..],
                _ => text[..at] + text[at + 1] + text[at] + text[(at + 2)..],
            };
        }

        return text;
    }

    /// <summary>Optimal string alignment as the matrix that defines it.</summary>
    static int Edits(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }

    /// <summary>Jaro's similarity with Winkler's prefix, letter by letter.</summary>
    static double Jaro(string a, string b)
    {
        if (a == b)
        {
            return 1;
        }

        if (a.Length == 0 || b.Length == 0)
        {
            return 0;
        }

        var window = Math.Max(0, (Math.Max(a.Length, b.Length) / 2) - 1);
        var taken = new bool[b.Length];
        var matched = new List<char>();
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = Math.Max(0, i - window); j <= Math.Min(b.Length - 1, i + window); j++)
            {
                if (!taken[j] && a[i] == b[j])
                {
                    taken[j] = true;
                    matched.Add(a[i]);
                    break;
                }
            }
        }

        if (matched.Count == 0)
        {
            return 0;
        }

        var inB = b.Where((_, j) => taken[j]).ToList();
        var transpositions = matched.Zip(inB).Count(pair => pair.First != pair.Second) / 2;
        double m = matched.Count;
        var jaro = ((m / a.Length) + (m / b.Length) + ((m - transpositions) / m)) / 3;
        var prefix = a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Take(4).Count();
        return jaro + (prefix * 0.1 * (1 - jaro));
    }
}
