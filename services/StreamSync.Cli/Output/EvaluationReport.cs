using System.Globalization;
using System.Text.Json.Nodes;
using StreamSync.Identity;

namespace StreamSync.Cli.Output;

/// <summary>How right the people are that were found in files, as JSON for programs and as text for a terminal.</summary>
/// <param name="people">The records.</param>
/// <param name="resolution">The people found.</param>
/// <param name="evaluation">How right they are.</param>
/// <param name="seconds">How long reading and resolving took.</param>
sealed class EvaluationReport(PeopleFiles people, FileResolution resolution, Evaluation evaluation, double seconds)
{
    const int ShownErrors = 10;

    /// <summary>All figures, and the worst errors.</summary>
    public JsonObject ToJson() => new()
    {
        ["pairs"] = Of(evaluation.Links),
        ["bcubed"] = Of(evaluation.People.BCubed),
        ["clusters"] = Of(evaluation.People.Pairs),
        ["wrongly_merged"] = Round(evaluation.People.WronglyMerged),
        ["records"] = people.Records.Count,
        ["seconds"] = Math.Round(seconds, 3),
        ["records_without_truth"] = WithoutTruth,
        ["people"] = evaluation.FoundPeople,
        ["true_people"] = evaluation.TruePeople,
        ["exact"] = Round(evaluation.People.Exact),
        ["mixed"] = evaluation.People.Mixed,
        ["most_people_in_one"] = evaluation.People.MostPeopleInOne,
        ["largest"] = new JsonArray([.. evaluation.Largest.Select(size => (JsonNode)size)]),
        ["model"] = resolution.Model.Version,
        ["columns"] = PeopleWriter.Columns(people),
        ["unused_columns"] = PeopleWriter.Names(people.Unused),
        ["errors"] = new JsonArray([.. evaluation.WorstErrors(ShownErrors).Select(error => (JsonNode)new JsonObject
        {
            ["kind"] = error.IsMerge ? "merged" : "split",
            ["a"] = people.PlaceText(error.A),
            ["b"] = people.PlaceText(error.B),
            ["weight"] = error.Total is { } total ? total / 100.0 : null,
            ["why"] = WhyApart(error.A, error.B),
            ["evidence"] = new JsonArray([.. resolution.Explain(error.A, error.B).Select(line => (JsonNode)new JsonObject
            {
                ["field"] = line.Field, ["level"] = line.Level, ["weight"] = line.Weight / 100.0,
            })]),
        })]),
    };

    string? WhyApart(int a, int b) => resolution.WhyApart(a, b) is not { } reason ? null
        : reason.A < 0 || (reason.A == a && reason.B == b) ? reason.Why : $"{reason.Why}, between {people.PlaceText(reason.A)} and {people.PlaceText(reason.B)}";

    int WithoutTruth => people.Truth!.Count(person => person == TruthLabels.Unknown);

    static JsonObject Of(Quality quality) => new()
    {
        ["precision"] = Round(quality.Precision),
        ["recall"] = Round(quality.Recall),
        ["f1"] = Round(quality.F1),
    };

    static double Round(double value) => Math.Round(value, 6);

    /// <summary>Writes the figures and the worst errors to standard output.</summary>
    public void Print()
    {
        Write($"records          {people.Records.Count}   people {evaluation.FoundPeople}   true people {evaluation.TruePeople}   {seconds:f1} s");
        if (WithoutTruth > 0)
        {
            Write($"without truth    {WithoutTruth} records: linked like all others, neither judged nor counted in what follows");
        }

        Row("links", evaluation.Links);
        Row("people (pairs)", evaluation.People.Pairs);
        Row("people (B-cubed)", evaluation.People.BCubed);
        Write($"exactly right    {evaluation.People.Exact:p1} of true people");
        Write($"wrongly merged   {evaluation.People.WronglyMerged:p2} of records, in {evaluation.People.Mixed} people; most true people in one: {evaluation.People.MostPeopleInOne}");
        Write($"largest          {string.Join(", ", evaluation.Largest)} records");
        Write($"used             {PeopleWriter.Used(people)}");
        if (people.Unused.Count > 0)
        {
            Write($"not used         {string.Join(", ", people.Unused)} (--map extra=COLUMN compares a column as text)");
        }

        foreach (var error in evaluation.WorstErrors(ShownErrors))
        {
            var weight = error.Total is { } total ? string.Create(CultureInfo.InvariantCulture, $"{total / 100.0:f1} bits") : "not linked";
            Write($"{(error.IsMerge ? "merged" : "split")}  {people.PlaceText(error.A)} and {people.PlaceText(error.B)}, {weight}{(WhyApart(error.A, error.B) is { } why ? ": " + why : "")}");
            Write($"    {string.Join("; ", resolution.Explain(error.A, error.B).Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Field} {line.Level} {line.Weight / 100.0:+0.0;-0.0}")))}");
        }

        static void Row(string name, Quality quality) => Write($"{name,-16} precision {quality.Precision:f4}   recall {quality.Recall:f4}   F1 {quality.F1:f4}");

        static void Write(FormattableString text) => System.Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }
}
