using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamSync.Cli.Instances;
using StreamSync.Cli.Output;
using StreamSync.Console.People;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync person</c>: the steward's tools; they work on the running instance and when it is stopped.</summary>
static class PersonCommand
{
    const int MaxFound = 20;
    const int MaxNamed = 6;

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create() => new("person", "See who is who and why, and decide which records are one person.")
    {
        Show(),
        Decide("merge", Decisions.MustLink, "Decide that two records are one person. It outlives new runs and new models, until it is taken back."),
        Decide("split", Decisions.CannotLink, "Decide that two records are not one person, whatever they share."),
        Forget(), List(),
    };

    static Command Show()
    {
        var name = new Argument<string>("NAME") { Description = "Source URN, id in a tool, e-mail address, phone number, name, or person id." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command("show", "Show a person: the records, what links them, since when, and why those who are near are others.") { name, json, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var words = parsed.GetRequiredValue(name);
            if (string.IsNullOrWhiteSpace(words))
            {
                throw new CommandException("name somebody: a source URN, an id in a tool, an e-mail address, a phone number, a name or a person id");
            }

            var unfinished = await desk.UnfinishedAsync(cancellationToken);
            try
            {
                var (people, more) = await PeopleFinder.SearchAsync(desk.Warehouse, words, MaxFound, cancellationToken);
                if (people.Count == 0)
                {
                    var about = (await desk.Decisions.ReadAsync(cancellationToken)).Where(decision => IsNamed(decision.AUrn, words) || IsNamed(decision.BUrn, words)).ToList();
                    if (about.Count > 0)
                    {
                        throw new CommandException(
                            $"'{words}' is no record of anybody now{(unfinished is null ? string.Empty : $" ({unfinished})")}, but decisions name it, and hold again when it comes back; 'streamsync person forget-decision' takes one back:\n"
                            + string.Join('\n', about.Select(decision => $"{decision.DecisionId}  {Line(decision)}")));
                    }

                    throw new CommandException(unfinished is null ? $"nobody is known as '{words}'; a part of the name finds more" : $"nobody is known as '{words}' yet, and {unfinished}: ask again in a moment");
                }

                if (unfinished is not null)
                {
                    await System.Console.Error.WriteLineAsync($"note: {unfinished}; what is shown may change");
                }

                if (people.Count > 1)
                {
                    List(people, more, parsed.GetValue(json));
                    return 0;
                }

                var report = await PersonReport.OfAsync(desk.Warehouse, desk.Evidence, people[0].PersonId, cancellationToken)
                    ?? throw new CommandException($"the person changed at this moment; ask again");
                if (!desk.IsLive && await IsBehindAsync(desk, report, cancellationToken))
                {
                    await System.Console.Error.WriteLineAsync("note: what was decided on these records since StreamSync stopped takes effect when it runs again; 'streamsync person decisions' lists it");
                }

                if (parsed.GetValue(json))
                {
                    System.Console.WriteLine(JsonSerializer.Serialize(report, Json));
                }
                else
                {
                    PersonText.Write(report, System.Console.Out);
                }

                return 0;
            }
            catch (WarehouseQueryException e)
            {
                throw NoPeople(e);
            }
        });
        return command;
    }

    /// <summary>True for a record's source URN or its id in the tool.</summary>
    static bool IsNamed(string urn, string words) => urn == words.Trim() || (SourceUrn.TryParse(urn, out var parsed) && parsed.Id == words.Trim());

    /// <summary>True when other decisions hold on the person's records than the warehouse knows.</summary>
    static async Task<bool> IsBehindAsync(StewardDesk desk, PersonReport report, CancellationToken cancellationToken)
    {
        var urns = report.Records.Select(record => record.SourceUrn).ToHashSet();
        var now = (await desk.Decisions.ReadAsync(cancellationToken)).Where(decision => urns.Contains(decision.AUrn) || urns.Contains(decision.BUrn)).Select(decision => (decision.DecisionId, decision.Kind));
        return !now.ToHashSet().SetEquals(report.Decisions.Select(decision => (decision.DecisionId, decision.Kind)));
    }

    static void List(IReadOnlyList<FoundPerson> people, bool more, bool json)
    {
        if (json)
        {
            System.Console.WriteLine(JsonSerializer.Serialize(new { people, more }, Json));
            return;
        }

        foreach (var person in people)
        {
            System.Console.WriteLine($"{person.PersonId}  {person.Name ?? "without a name"}  {person.Place}  {person.Records} {(person.Records == 1 ? "record" : "records")} in {string.Join(", ", person.Tools)}");
        }

        System.Console.WriteLine($"{(more ? $"the first {MaxFound}; give more of the name, or" : $"{people.Count} people;")} show one with 'streamsync person show ID'");
    }

    static Command Decide(string verb, string kind, string description)
    {
        var (one, other) = (Record("ONE"), Record("OTHER"));
        var (reason, author) = (Reason(), Author());
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command(verb, description) { one, other, reason, author, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            FoundRecord[] records =
            [
                await RecordOfAsync(desk.Warehouse, parsed.GetRequiredValue(one), cancellationToken),
                await RecordOfAsync(desk.Warehouse, parsed.GetRequiredValue(other), cancellationToken),
            ];
            var recorded = await RecordAsync(desk, new NewDecision(kind, records[0].SourceUrn, records[1].SourceUrn, parsed.GetRequiredValue(author), parsed.GetRequiredValue(reason)), cancellationToken);
            foreach (var record in records)
            {
                System.Console.WriteLine($"{record.SourceUrn}  of {record.Name ?? "somebody without a name"}, person {record.PersonId}, {record.Records} {(record.Records == 1 ? "record" : "records")}");
            }

            if (records[0].PersonId == records[1].PersonId == (kind == Decisions.MustLink))
            {
                System.Console.WriteLine(kind == Decisions.MustLink ? "They are one person already; now they stay so." : "They are two people already; now they stay so.");
            }

            System.Console.WriteLine($"{recorded.Decision.DecisionId}  {Line(recorded.Decision)}");
            if (recorded.Replaces is { } former)
            {
                await System.Console.Error.WriteLineAsync(former.Kind == recorded.Decision.Kind
                    ? $"it repeats a decision that held: {Line(former)}"
                    : $"warning: it replaces the opposite decision on these two records: {Line(former)}");
            }

            System.Console.WriteLine(WhenSeen(desk));
            if (recorded.Contradicts.Count > 0)
            {
                await System.Console.Error.WriteLineAsync($"warning: it contradicts {(recorded.Contradicts.Count == 1 ? "another decision" : "other decisions together")}; records that one of them keeps apart stay apart:");
                foreach (var decision in recorded.Contradicts)
                {
                    await System.Console.Error.WriteLineAsync($"  {decision.DecisionId}  {Line(decision)}");
                }

                await System.Console.Error.WriteLineAsync("Take back what is wrong with 'streamsync person forget-decision ID --reason TEXT'; until then 'streamsync status' shows the conflict.");
            }

            return 0;
        });
        return command;
    }

    static Command Forget()
    {
        var names = new Argument<string[]>("DECISION") { Description = "Id of the decision, or the two records that it is about, as for merge.", Arity = new ArgumentArity(1, 2) };
        var (reason, author) = (Reason(), Author());
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command("forget-decision", "Take a decision back: evidence alone says again whether the records are one person.") { names, reason, author, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var known = await desk.Decisions.ReadAsync(cancellationToken);
            var wanted = parsed.GetRequiredValue(names);
            var found = wanted.Length == 1 ? [.. known.Where(decision => decision.DecisionId == wanted[0])] : await OnPairAsync(desk.Warehouse, known, wanted[0], wanted[1], cancellationToken);
            if (found.Count == 0)
            {
                throw new CommandException($"no decision {(wanted.Length == 1 ? $"has the id {wanted[0]}" : "is on these two")}; 'streamsync person decisions' lists those that hold");
            }

            foreach (var decision in found)
            {
                var withdrawal = new NewDecision(Decisions.Withdrawn, decision.AUrn, decision.BUrn, parsed.GetRequiredValue(author), parsed.GetRequiredValue(reason));
                var recorded = await RecordAsync(desk, withdrawal, cancellationToken);
                System.Console.WriteLine($"taken back: {decision.DecisionId}  {Line(recorded.Replaces ?? decision)}");
            }

            System.Console.WriteLine(WhenSeen(desk));
            return 0;
        });
        return command;
    }

    /// <summary>The decisions on two records, each by its URN, its id in its tool or the id of the person it is of: also records that are gone.</summary>
    static async Task<IReadOnlyList<IdentityDecision>> OnPairAsync(IWarehouse warehouse, IReadOnlyList<IdentityDecision> known, string one, string other, CancellationToken cancellationToken)
    {
        if (Decisions.OnPair(known, one, other) is { Count: > 0 } exact)
        {
            return exact;
        }

        var (ones, others) = (await MeantAsync(one), await MeantAsync(other));
        var found = known.Where(decision => (ones(decision.AUrn) && others(decision.BUrn)) || (ones(decision.BUrn) && others(decision.AUrn))).ToList();
        return found.Count <= 1 ? found : throw new CommandException(
            $"several decisions are on '{one}' and '{other}'; name the one that is meant by its id:\n{string.Join('\n', found.Select(decision => $"  {decision.DecisionId}  {Line(decision)}"))}");

        async Task<Func<string, bool>> MeantAsync(string name)
        {
            try
            {
                var records = await PeopleFinder.RecordsOfAsync(warehouse, name, cancellationToken);
                return urn => IsNamed(urn, name) || records.Contains(urn);
            }
            catch (WarehouseQueryException e)
            {
                throw NoPeople(e);
            }
        }
    }

    static Command List()
    {
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command("decisions", "List the decisions that hold, the oldest first.") { data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var known = await desk.Decisions.ReadAsync(cancellationToken);
            var without = await WithoutEffectAsync(desk, cancellationToken);
            foreach (var decision in known)
            {
                System.Console.WriteLine($"{decision.DecisionId}  {Line(decision)}");
                if (without.Contains((decision.DecisionId, decision.Kind)))
                {
                    System.Console.WriteLine($"       without effect now: {PersonReport.WithoutEffect}");
                }
            }

            if (known.Count == 0)
            {
                System.Console.WriteLine("no decision holds");
            }

            return 0;
        });
        return command;
    }

    static async Task<IReadOnlySet<(string DecisionId, string Kind)>> WithoutEffectAsync(StewardDesk desk, CancellationToken cancellationToken)
    {
        try
        {
            return await PersonReport.WithoutEffectAsync(desk.Warehouse, cancellationToken);
        }
        catch (WarehouseQueryException e)
        {
            throw NoPeople(e);
        }
    }

    static async Task<RecordedDecision> RecordAsync(StewardDesk desk, NewDecision wanted, CancellationToken cancellationToken)
    {
        if (wanted.WhatIsWrong() is { } wrong)
        {
            throw new CommandException(wrong);
        }

        try
        {
            return await desk.Decisions.RecordAsync(wanted, cancellationToken);
        }
        catch (NothingDecidedException e)
        {
            throw new CommandException(e.Message);
        }
    }

    static string WhenSeen(StewardDesk desk) => desk.IsLive ? "The tables follow within seconds." : "It takes effect when StreamSync runs again.";

    static async Task<FoundRecord> RecordOfAsync(IWarehouse warehouse, string name, CancellationToken cancellationToken)
    {
        try
        {
            var found = await PeopleFinder.RecordsAsync(warehouse, name, MaxNamed, cancellationToken);
            return found.Count switch
            {
                0 => throw new CommandException($"no person record or person is known as '{name}'; 'streamsync person show NAME' finds people by name, e-mail or phone and prints their records"),
                1 => found[0],
                _ => throw new CommandException($"several records have the id '{name}' in their tool; name the one that is meant: {string.Join(", ", found.Take(MaxNamed - 1).Select(record => record.SourceUrn))}{(found.Count == MaxNamed ? ", ..." : "")}"),
            };
        }
        catch (WarehouseQueryException e)
        {
            throw NoPeople(e);
        }
    }

    static CommandException NoPeople(WarehouseQueryException e) => new(
        e.Message.Contains("does not exist", StringComparison.Ordinal) ? "the warehouse knows no people yet; look at 'streamsync status'" : $"the warehouse does not answer: {e.Message}");

    static string Line(IdentityDecision decision) =>
        $"{Decisions.Verb(decision.Kind)} {decision.AUrn} {decision.BUrn}  by {decision.Author} at {decision.At:yyyy-MM-dd HH:mm:ss}Z: {decision.Reason}";

    static Argument<string> Record(string name) => new(name) { Description = "Source URN of a record, its id in its tool, or the id of a person, for its oldest record." };

    static Option<string> Reason() => new("--reason") { Description = "Why; kept with the decision.", HelpName = "TEXT", Required = true };

    static Option<string> Author() => new("--author") { Description = "Who decides; default is the user of this machine.", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };

    static Option<FileInfo?> ConfigOfStopped() => new("--config")
    {
        Description = "Configuration that names the cluster; needed only while StreamSync is stopped and its broker is not the embedded one.",
        HelpName = "FILE",
    };
}
