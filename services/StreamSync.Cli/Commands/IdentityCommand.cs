using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamSync.Cli.Input;
using StreamSync.Cli.Output;
using StreamSync.Identity;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync identity</c>: who is who in files, how right that is where the truth is known, and models learnt from them.</summary>
static class IdentityCommand
{
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
            var people = Read(parsed.GetRequiredValue(files), parsed.GetValue(encoding), parsed.GetValue(map), parsed.GetValue(truth));
            Tell(TruthCheck.Check(people, parsed.GetValue(truth)!, "judge"));
            var resolution = ResolveFiles(people, parsed.GetValue(model));
            var report = new EvaluationReport(people, resolution, Evaluation.Of(resolution, people.Truth!), watch.Elapsed.TotalSeconds);
            if (parsed.GetValue(json))
            {
                System.Console.WriteLine(report.ToJson().ToJsonString(Indented));
            }
            else
            {
                report.Print();
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
        var output = new Option<FileInfo?>("--out") { Description = "Write file, line, person and the own id of every record to this CSV file, instead of to standard output.", HelpName = "FILE" };
        var command = new Command("resolve", "Find out which records of files are one person.") { files, map, model, encoding, output, json };
        command.SetAction(parsed => Guard(() =>
        {
            var watch = Stopwatch.StartNew();
            CheckOutput(parsed.GetRequiredValue(files), parsed.GetValue(output));
            var people = Read(parsed.GetRequiredValue(files), parsed.GetValue(encoding), parsed.GetValue(map), null);
            var resolution = ResolveFiles(people, parsed.GetValue(model));
            var seconds = watch.Elapsed.TotalSeconds;
            if (parsed.GetValue(output) is { } file)
            {
                using var writer = new StreamWriter(file.FullName);
                PeopleWriter.WriteCsv(people, resolution, writer);
            }
            else if (!parsed.GetValue(json))
            {
                using var writer = new StreamWriter(System.Console.OpenStandardOutput());
                PeopleWriter.WriteCsv(people, resolution, writer);
            }

            var count = resolution.PersonOf.Where((person, record) => person == record).Count();
            if (parsed.GetValue(json))
            {
                var figures = new JsonObject
                {
                    ["records"] = people.Records.Count,
                    ["people"] = count,
                    ["links"] = resolution.Links.Count(link => link.IsLink),
                    ["seconds"] = Math.Round(seconds, 3),
                    ["model"] = resolution.Model.Version,
                    ["columns"] = PeopleWriter.Columns(people),
                    ["unused_columns"] = PeopleWriter.Names(people.Unused),
                };
                using var stream = System.Console.OpenStandardOutput();
                PeopleWriter.WriteJson(figures, people, resolution, rows: parsed.GetValue(output) is null, stream);
            }
            else
            {
                System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{people.Records.Count} records are {count} people ({seconds:f1} s)"));
                System.Console.Error.WriteLine($"used: {PeopleWriter.Used(people)}{(people.Unused.Count > 0 ? $"; not used: {string.Join(", ", people.Unused)} (--map says what they mean)" : "")}");
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
            CheckOutput(parsed.GetRequiredValue(files), parsed.GetRequiredValue(output));
            var people = Read(parsed.GetRequiredValue(files), parsed.GetValue(encoding), parsed.GetValue(map), parsed.GetValue(truth));
            CheckTraining(people, parsed.GetValue(truth));
            var fitted = FileModel.Fit(people.Records, IdentityModel.Default);
            var model = people.Truth is null ? fitted : LabelTrainer.Train(people.Records, people.Truth, fitted);
            if (people.Truth is not null && LabelTrainer.TruePairs(people.Truth) is < LabelTrainer.FewestPairs and var pairs)
            {
                System.Console.Error.WriteLine($"the truth column makes {pairs} pairs of one person, too few to learn weights from ({LabelTrainer.FewestPairs} at least): the model is fitted without labels");
            }

            File.WriteAllText(parsed.GetRequiredValue(output).FullName, ModelFile.Write(model));
            var known = people.Truth is { } labels && labels.Contains(TruthLabels.Unknown)
                ? $" ({labels.Count(person => person != TruthLabels.Unknown)} of them with a truth, {labels.Count(person => person == TruthLabels.Unknown)} without)" : "";
            System.Console.WriteLine($"{model.Version}: learnt from {people.Records.Count} records{known}, written to {parsed.GetRequiredValue(output).FullName}");
        }));
        return command;
    }

    /// <summary>What is wrong with where the outcome is to be written is told before the work is done.</summary>
    static void CheckOutput(string[] files, FileInfo? output)
    {
        if (output is not null && files.Any(file => TableFiles.FullPath(file) == output.FullName))
        {
            throw new CommandException($"{output.FullName} is one of the files that are read; give --out another name");
        }

        if (output is not null && Directory.Exists(output.FullName))
        {
            throw new CommandException($"{output.FullName} is a folder; give --out the name of a file in it");
        }

        if (output is { Directory.Exists: false })
        {
            throw new CommandException($"the folder {output.Directory.FullName} of --out does not exist; make it first, or give --out another name");
        }
    }

    static void CheckTraining(PeopleFiles people, string? truth)
    {
        if (people.Records.Count < 2)
        {
            throw new CommandException($"there is nothing to learn from: the files hold {people.Records.Count} records below their headers");
        }

        if (truth is null)
        {
            return;
        }

        var notes = TruthCheck.Check(people, truth, "learn from");
        if (LabelTrainer.TruePairs(people.Truth!) == 0)
        {
            throw new CommandException($"no two records have the same '{truth}', so there is no pair to learn from; name another column, or leave --truth out to learn without");
        }

        Tell(notes);
    }

    static void Tell(IEnumerable<string> notes)
    {
        foreach (var note in notes)
        {
            System.Console.Error.WriteLine(note);
        }
    }

    static Argument<string[]> Files() => new("FILE") { Description = "CSV files with a header, also gzipped, or - for standard input; several are linked together as well as within.", Arity = ArgumentArity.OneOrMore };

    static Option<string?> Truth(bool required) => new("--truth")
    {
        Description = "Column that is equal for records of one person, and blank where nobody checked; of rec-N-org and rec-N-dup-K only N counts.",
        HelpName = "COLUMN",
        Required = required,
    };

    static Option<string?> Map() => new("--map") { Description = "What columns mean where their names do not say: given=first_name,family=surname,dob=born; ignored=COLUMN leaves one out.", HelpName = "FIELD=COLUMN,..." };

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

    static PeopleFiles Read(string[] files, string? encoding, string? map, string? truth)
    {
        var people = PeopleFiles.Read(TableFiles.Open(files, encoding), map, truth);
        Tell(people.Readings.Select(reading => reading.Remark).OfType<string>());
        return people;
    }

    static FileResolution ResolveFiles(PeopleFiles people, FileInfo? model) =>
        FileResolver.Resolve(people.Records, model is null ? FileModel.Fit(people.Records, IdentityModel.Default) : ModelFile.Read(TextOf(model), model.Name, people.Records));

    static string TextOf(FileInfo model) => Directory.Exists(model.FullName)
        ? throw new CommandException($"{model.FullName} is a folder; give --model the file that 'identity train --out' wrote")
        : !model.Exists
        ? throw new CommandException($"{model.FullName}: there is no such model; write one with 'identity train --out'")
        : File.ReadAllText(model.FullName);
}
