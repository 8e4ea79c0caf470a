using StreamSync.LocalKafka.Registry.Avro;

namespace StreamSync.LocalKafka.Tests.Registry.Avro;

/// <summary>The rules of schema resolution, case by case, as Avro Java answers them (<c>Vectors/avro-rules.tsv</c>).</summary>
public class ResolutionRuleTests
{
    const string File = "avro-rules.tsv", Ambiguous = "AMBIGUOUS";

    static readonly ILookup<string, Case> ByRule = Load().ToLookup(one => one.Rule);

    public static TheoryData<string> Rules => [.. ByRule.Select(rule => rule.Key)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_reader_and_a_writer_get_the_verdict_of_Avro_Java(string rule)
    {
        foreach (var (_, reader, writer, expected) in ByRule[rule])
        {
            Assert.True(expected == Verdict(Parse(reader), Parse(writer)), $"reader {reader}\nwriter {writer}\nAvro Java: {expected}\nfound: {Verdict(Parse(reader), Parse(writer))}");
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_level_asks_for_its_direction_and_its_versions(string rule)
    {
        foreach (var (_, reader, writer, expected) in ByRule[rule].Where(one => one.Expected != Ambiguous))
        {
            var reads = expected.Length == 0;
            var (candidate, old) = (Parse(reader), Parse(writer));
            AssertLevels(candidate, [old], backward: reads, forward: null);
            AssertLevels(old, [candidate], backward: null, forward: reads);

            // What only the transitive levels look at lies behind a version that is the candidate itself.
            AssertTransitive(candidate, [old, candidate], CompatibilityLevel.Backward, CompatibilityLevel.BackwardTransitive, reads);
            AssertTransitive(old, [candidate, old], CompatibilityLevel.Forward, CompatibilityLevel.ForwardTransitive, reads);
        }
    }

    static void AssertLevels(AvroSchema candidate, IReadOnlyList<AvroSchema> versions, bool? backward, bool? forward)
    {
        Assert.True(Passes(CompatibilityLevel.None, candidate, versions));
        foreach (var (level, transitive, expected) in new[]
        {
            (CompatibilityLevel.Backward, CompatibilityLevel.BackwardTransitive, backward),
            (CompatibilityLevel.Forward, CompatibilityLevel.ForwardTransitive, forward),
        })
        {
            if (expected is { } passes)
            {
                Assert.Equal(passes, Passes(level, candidate, versions));
                Assert.Equal(passes, Passes(transitive, candidate, versions));
                Assert.True(passes || !Passes(CompatibilityLevel.Full, candidate, versions), "FULL lets through what one direction refuses");
                Assert.True(passes || !Passes(CompatibilityLevel.FullTransitive, candidate, versions), "FULL_TRANSITIVE lets through what one direction refuses");
            }
        }
    }

    static void AssertTransitive(AvroSchema candidate, IReadOnlyList<AvroSchema> versions, CompatibilityLevel level, CompatibilityLevel transitive, bool reads)
    {
        if (Verdict(candidate, candidate).Length == 0)
        {
            Assert.True(Passes(level, candidate, versions));
            Assert.Equal(reads, Passes(transitive, candidate, versions));
        }
    }

    static bool Passes(CompatibilityLevel level, AvroSchema candidate, IReadOnlyList<AvroSchema> versions) =>
        CompatibilityLevels.Check(level, candidate, [.. versions.Select((schema, i) => (i + 1, schema, SchemaText.Of(schema)))]).Count == 0;

    static string Verdict(AvroSchema reader, AvroSchema writer)
    {
        try
        {
            return string.Join('|', SchemaCompatibility.Check(reader, writer).Select(one => $"{one.TypeName} {one.Path}"));
        }
        catch (AmbiguousFieldException)
        {
            return Ambiguous;
        }
    }

    static AvroSchema Parse(string text) => AvroSchemaParser.Parse(text, [], isNew: true);

    static IEnumerable<Case> Load()
    {
        using var reader = new StreamReader(typeof(ResolutionRuleTests).Assembly.GetManifestResourceStream(File)
            ?? throw new FileNotFoundException($"{File} is not embedded in the tests"));
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return line.Split('\t') is [var rule, var of, var by, var expected]
                    ? new Case(rule, of, by, expected)
                    : throw new FormatException($"{File}: {line}");
            }
        }
    }

    sealed record Case(string Rule, string Reader, string Writer, string Expected);
}
