using StreamSync.Cli.Output;
using StreamSync.Console.People;
using StreamSync.Contracts;

namespace StreamSync.Cli.Tests;

public class PersonTextTests
{
    static readonly PersonRecordRow Blank = new("o/csv_people/crm/person/5", null, "csv_people", "crm", "5", null, null, [], [], [], [], null, Delivered: true);

    [Fact]
    public void A_person_of_whom_nothing_is_known_is_told_in_words_and_not_in_blank_lines()
    {
        var text = Write([Blank, Blank with { SourceUrn = "o/csv_people/crm/person/6", Delivered = false }], []);
        Assert.StartsWith("without a name   person p1\n\nrecords (2)\n", text, StringComparison.Ordinal);
        Assert.Contains("person/5   since unknown\n       the tool tells nothing of it but its id\n", text, StringComparison.Ordinal);
        Assert.Contains("person/6   since unknown\n       named by contacts; no tool has delivered it\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split('\n')[..^1], line => line.Length > 0 && string.IsNullOrWhiteSpace(line));
    }

    [Fact]
    public void A_decision_that_shows_no_effect_says_why()
    {
        var at = new DateTime(2026, 10, 1, 3, 30, 0, DateTimeKind.Utc);
        var text = Write([Blank], [new DecisionRow("d1", Decisions.MustLink, "a", "b", "Dana", "one man", at, InEffect: false), new DecisionRow("d2", Decisions.CannotLink, "a", "c", "Eve", "his father", at, InEffect: true)]);
        Assert.EndsWith(
            """
            decisions that hold
              d1  merge a b  by Dana at 2026-10-01 03:30:00Z: one man
                   without effect now: another decision is in its way, or a record is not there
              d2  split a c  by Eve at 2026-10-01 03:30:00Z: his father

            """, text, StringComparison.Ordinal);
    }

    static string Write(IReadOnlyList<PersonRecordRow> records, IReadOnlyList<DecisionRow> decisions)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        PersonText.Write(new PersonReport(new Dictionary<string, object?> { ["person_id"] = "p1" }, records, null, "it does not run here", new Dictionary<string, string?>(), [], decisions, []), writer);
        return writer.ToString();
    }
}
