using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Cli.Output;
using StreamSync.Identity;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync identity</c>: who is who in files, how right that is where the truth is known, and models learnt from them.</summary>
static class IdentityCommand
{
    const int ShownErrors = 10;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create() => new("identity", "Find out who is who in files of people, judge it where the truth is known, and learn from it.")
    {
        Evaluate(), Resolve(), Train(),
    };

    static Command Evaluate()
    {
        var files = Files();
        var truth = Truth(required: true);
        var map = Map();
        var model = Model();
        var json = Json();
        var encoding = EncodingName();
        var command = new Command(
            "evaluate",
            "Compare the people found in files with the true ones: precision, recall and F1 of links, of people and B-cubed, and the worst errors.")
        {
            files, truth, map, model, encoding, json,
        };
        command.SetAction(parsed => Guard(() =>
        {
            var watch = Stopwatch.StartNew();
            var people = PeopleFiles.Read(Tables(parsed.GetRequiredValue(files), parsed.GetValue(encoding)), parsed.GetValue(map), parsed.GetValue(truth));
            if (people.Records.Count < 2)
            {
                throw new CommandException($"there is nothing to judge: the files hold {people.Records.Count} records below their headers, and it takes two to be right or wrong about");
            }

            if (people.Truth!.Distinct().Count() == people.Records.Count)
            {
                System.Console.Error.WriteLine($"no two records have the same '{parsed.GetValue(truth)}': recall says nothing, only wrong merges count");
            }

            var resolution = ResolveFiles(people, parsed.GetValue(model));
            var evaluation = Evaluation.Of(resolution, people.Truth!);
            var seconds = watch.Elapsed.TotalSeconds;
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(ToJson(people, resolution, evaluation, seconds).ToJsonString(Indented));
            }
            else
            {
                Print(people, resolution, evaluation, seconds);
            }
        }));
        return command;
    }

    static Command Resolve()
    {
        var files = Files();
        var map = Map();
        var model = Model();
        var json = Json();
        var encoding = EncodingName();
        var output = new Option<FileInfo?>("--out") { Description = "Write file, line, person and the own id of every record to this CSV file.", HelpName = "FILE" };
        var command = new Command("resolve", "Find out which records of files are one person.") { files, map, model, encoding, output, json };
        command.SetAction(parsed => Guard(() =>
        {
            var watch = Stopwatch.StartNew();
            var people = PeopleFiles.Read(Tables(parsed.GetRequiredValue(files), parsed.GetValue(encoding)), parsed.GetValue(map), null);
            var resolution = ResolveFiles(people, parsed.GetValue(model));
            var seconds = watch.Elapsed.TotalSeconds;
            if (parsed.GetValue(output) is { } file)
            {
                KeepInputs(parsed.GetRequiredValue(files), file);
                using var writer = new StreamWriter(file.FullName);
                WritePeople(people, resolution, writer);
            }
            else if (!parsed.GetValue(json))
            {
                WritePeople(people, resolution, System.Console.Out);
            }

            var count = resolution.PersonOf.Where((person, record) => person == record).Count();
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(new JsonObject
                {
                    ["records"] = people.Records.Count,
                    ["people"] = count,
                    ["links"] = resolution.Links.Count(link => link.IsLink),
                    ["seconds"] = Math.Round(seconds, 3),
                    ["model"] = resolution.Model.Version,
                    ["unused_columns"] = Names(people.Unused),
                }.ToJsonString(Indented));
            }
            else
            {
                System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{people.Records.Count} records are {count} people ({seconds:f1} s)"));
            }
        }));
        return command;
    }

    static Command Train()
    {
        var files = Files();
        var truth = Truth(required: false);
        var map = Map();
        var encoding = EncodingName();
        var output = new Option<FileInfo>("--out") { Description = "Where to write the model (JSON).", HelpName = "FILE", Required = true };
        var command = new Command("train", "Learn weights from files, with the truth or without, for --model of the other commands.") { files, truth, map, encoding, output };
        command.SetAction(parsed => Guard(() =>
        {
            var people = PeopleFiles.Read(Tables(parsed.GetRequiredValue(files), parsed.GetValue(encoding)), parsed.GetValue(map), parsed.GetValue(truth));
            KeepInputs(parsed.GetRequiredValue(files), parsed.GetRequiredValue(output));
            var fitted = FileModel.Fit(people.Records, IdentityModel.Default);
            var model = people.Truth is null ? fitted : LabelTrainer.Train(people.Records, people.Truth, fitted);
            if (people.Truth is not null && LabelTrainer.TruePairs(people.Truth) is < LabelTrainer.FewestPairs and var pairs)
            {
                System.Console.Error.WriteLine($"the truth column makes {pairs} pairs of one person, too few to learn weights from ({LabelTrainer.FewestPairs} at least): the model is fitted without labels");
            }

            File.WriteAllText(parsed.GetRequiredValue(output).FullName, ModelFile.Write(model));
            System.Console.WriteLine($"{model.Version}: learnt from {people.Records.Count} records, written to {parsed.GetRequiredValue(output).FullName}");
        }));
        return command;
    }

    static void KeepInputs(FileInfo[] files, FileInfo output)
    {
        if (files.Any(file => file.FullName == output.FullName))
        {
            throw new CommandException($"{output.FullName} is one of the files that are read; give --out another name");
        }
    }

    static Argument<FileInfo[]> Files() => new("FILE") { Description = "CSV files with a header; several are linked together as well as within.", Arity = ArgumentArity.OneOrMore };

    static Option<string?> Truth(bool required) => new("--truth")
    {
        Description = "Column that is equal for records of one person; of rec-N-org and rec-N-dup-K only N counts.",
        HelpName = "COLUMN",
        Required = required,
    };

    static Option<string?> Map() => new("--map") { Description = "What columns mean where their names do not say: given=first_name,family=surname,dob=born.", HelpName = "FIELD=COLUMN,..." };

    static Option<FileInfo?> Model() => new("--model") { Description = "A model that 'identity train' wrote; without it one is fitted to the files.", HelpName = "FILE" };

    static Option<string> EncodingName() => new("--encoding")
    {
        Description = "How the files are encoded, such as windows-1252 or iso-8859-1; a byte order mark says it by itself.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "utf-8",
    };

    static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    static int Guard(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (TableException e)
        {
            throw new CommandException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{e.Message} Check the path and its permissions.");
        }
    }

    static List<TableSource> Tables(FileInfo[] files, string? encodingName)
    {
        Encoding encoding;
        try
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            encoding = Encoding.GetEncoding(encodingName ?? "utf-8", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            throw new CommandException($"'{encodingName}' is no encoding; write utf-8, utf-16, windows-1252, iso-8859-1 or another name of the IANA list");
        }

        return [.. files.Select(file => file.Exists
            ? new TableSource(file.Name, () => new StreamReader(file.FullName, encoding))
            : throw new CommandException($"{file.FullName}: there is no such file; give the path of a CSV file."))];
    }

    static FileResolution ResolveFiles(PeopleFiles people, FileInfo? model) => FileResolver.Resolve(
        people.Records,
        model is null ? FileModel.Fit(people.Records, IdentityModel.Default) : ModelFile.Read(File.ReadAllText(model.FullName), model.Name, people.Records));

    static void WritePeople(PeopleFiles people, FileResolution resolution, TextWriter writer)
    {
        var withIds = people.Ids.Any(id => id.Length > 0);
        writer.WriteLine(withIds ? "file,line,person,id" : "file,line,person");
        for (var i = 0; i < people.Records.Count; i++)
        {
            var (file, line) = people.Place(i);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ResultWriter.CsvField(file)},{line},{resolution.PersonOf[i] + 1}{(withIds ? "," + ResultWriter.CsvField(people.Ids[i]) : "")}"));
        }
    }

    static JsonObject ToJson(PeopleFiles people, FileResolution resolution, Evaluation evaluation, double seconds) => new()
    {
        ["pairs"] = Of(evaluation.Links),
        ["bcubed"] = Of(evaluation.People.BCubed),
        ["clusters"] = Of(evaluation.People.Pairs),
        ["wrongly_merged"] = Round(evaluation.People.WronglyMerged),
        ["records"] = people.Records.Count,
        ["seconds"] = Math.Round(seconds, 3),
        ["people"] = evaluation.FoundPeople,
        ["true_people"] = evaluation.TruePeople,
        ["exact"] = Round(evaluation.People.Exact),
        ["mixed"] = evaluation.People.Mixed,
        ["most_people_in_one"] = evaluation.People.MostPeopleInOne,
        ["largest"] = new JsonArray([.. evaluation.Largest.Select(size => (JsonNode)size)]),
        ["model"] = resolution.Model.Version,
        ["unused_columns"] = Names(people.Unused),
        ["errors"] = new JsonArray([.. evaluation.WorstErrors(ShownErrors).Select(error => (JsonNode)new JsonObject
        {
            ["kind"] = error.IsMerge ? "merged" : "split",
            ["a"] = people.PlaceText(error.A),
            ["b"] = people.PlaceText(error.B),
            ["weight"] = error.Total is { } total ? total / 100.0 : null,
            ["evidence"] = new JsonArray([.. resolution.Explain(error.A, error.B).Select(line => (JsonNode)new JsonObject
            {
                ["field"] = line.Field, ["level"] = line.Level, ["weight"] = line.Weight / 100.0,
            })]),
        })]),
    };

    static JsonArray Names(IReadOnlyList<string> names) => new([.. names.Select(name => (JsonNode)name)]);

    static JsonObject Of(Quality quality) => new()
    {
        ["precision"] = Round(quality.Precision),
        ["recall"] = Round(quality.Recall),
        ["f1"] = Round(quality.F1),
    };

    static double Round(double value) => Math.Round(value, 6);

    static void Print(PeopleFiles people, FileResolution resolution, Evaluation evaluation, double seconds)
    {
        Write($"records          {people.Records.Count}   people {evaluation.FoundPeople}   true people {evaluation.TruePeople}   {seconds:f1} s");
        Row("links", evaluation.Links);
        Row("people (pairs)", evaluation.People.Pairs);
        Row("people (B-cubed)", evaluation.People.BCubed);
        Write($"exactly right    {evaluation.People.Exact:p1} of true people");
        Write($"wrongly merged   {evaluation.People.WronglyMerged:p2} of records, in {evaluation.People.Mixed} people; most true people in one: {evaluation.People.MostPeopleInOne}");
        Write($"largest          {string.Join(", ", evaluation.Largest)} records");
        if (people.Unused.Count > 0)
        {
            Write($"not used         {string.Join(", ", people.Unused)} (--map extra=COLUMN compares a column as text)");
        }

        foreach (var error in evaluation.WorstErrors(ShownErrors))
        {
            var weight = error.Total is { } total ? string.Create(CultureInfo.InvariantCulture, $"{total / 100.0:f1} bits") : "not linked";
            Write($"{(error.IsMerge ? "merged" : "split")}  {people.PlaceText(error.A)} and {people.PlaceText(error.B)}, {weight}");
            Write($"    {string.Join("; ", resolution.Explain(error.A, error.B).Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Field} {line.Level} {line.Weight / 100.0:+0.0;-0.0}")))}");
        }

        static void Row(string name, Quality quality) => Write($"{name,-16} precision {quality.Precision:f4}   recall {quality.Recall:f4}   F1 {quality.F1:f4}");

        static void Write(FormattableString text) => System.Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }
}
