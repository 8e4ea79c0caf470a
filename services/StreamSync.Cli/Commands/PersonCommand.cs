using System.CommandLine;
using StreamSync.Cli.Instances;
using StreamSync.Console.People;
using StreamSync.Contracts;
using StreamSync.Contracts.Identity;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync person</c>: the steward's tools; they work on the running instance and when it is stopped.</summary>
static class PersonCommand
{
    public static Command Create() => new("person", "Decide which records are one person.")
    {
        Decide("merge", Decisions.MustLink, "Decide that two records are one person. It outlives new runs and new models, until it is taken back."),
        Decide("split", Decisions.CannotLink, "Decide that two records are not one person, whatever they share."),
        Forget(), List(),
    };

    static Command Decide(string verb, string kind, string description)
    {
        var (one, other) = (Record("ONE"), Record("OTHER"));
        var reason = new Option<string>("--reason") { Description = "Why; kept with the decision.", HelpName = "TEXT", Required = true };
        var author = new Option<string>("--author") { Description = "Who decides; default is the user of this machine.", HelpName = "NAME", DefaultValueFactory = _ => Environment.UserName };
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command(verb, description) { one, other, reason, author, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var wanted = new NewDecision(
                kind,
                await RecordOfAsync(desk.Warehouse, parsed.GetRequiredValue(one), cancellationToken),
                await RecordOfAsync(desk.Warehouse, parsed.GetRequiredValue(other), cancellationToken),
                parsed.GetRequiredValue(author),
                parsed.GetRequiredValue(reason));
            if (wanted.WhatIsWrong() is { } wrong)
            {
                throw new CommandException(wrong);
            }

            var recorded = await desk.Decisions.RecordAsync(wanted, cancellationToken);
            System.Console.WriteLine($"{recorded.Decision.DecisionId}  {Line(recorded.Decision)}");
            System.Console.WriteLine(desk.IsLive ? "The tables follow within seconds." : "It takes effect when StreamSync runs again.");
            if (recorded.Contradicts.Count > 0)
            {
                await System.Console.Error.WriteLineAsync($"warning: it contradicts {(recorded.Contradicts.Count == 1 ? "another decision" : "other decisions together")}; records that one of them keeps apart stay apart:");
                foreach (var decision in recorded.Contradicts)
                {
                    await System.Console.Error.WriteLineAsync($"  {decision.DecisionId}  {Line(decision)}");
                }

                await System.Console.Error.WriteLineAsync("Take back what is wrong with 'streamsync person forget-decision ID'; until then 'streamsync status' shows the conflict.");
            }

            return 0;
        });
        return command;
    }

    static Command Forget()
    {
        var names = new Argument<string[]>("DECISION") { Description = "Id of the decision, or the two records that it is about.", Arity = new ArgumentArity(1, 2) };
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command("forget-decision", "Take a decision back: evidence alone says again whether the records are one person.") { names, data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var known = await desk.Decisions.ReadAsync(cancellationToken);
            var wanted = parsed.GetRequiredValue(names);
            var found = wanted.Length == 1 ? [.. known.Where(decision => decision.DecisionId == wanted[0])] : Decisions.OnPair(known, wanted[0], wanted[1]);
            if (found.Count == 0)
            {
                throw new CommandException($"no decision {(wanted.Length == 1 ? $"has the id {wanted[0]}" : "is on these two records")}; 'streamsync person decisions' lists those that hold");
            }

            foreach (var decision in found)
            {
                await desk.Decisions.ForgetAsync(decision.DecisionId, cancellationToken);
                System.Console.WriteLine($"taken back: {decision.DecisionId}  {Line(decision)}");
            }

            return 0;
        });
        return command;
    }

    static Command List()
    {
        var (data, config) = (SharedOptions.Data(), ConfigOfStopped());
        var command = new Command("decisions", "List the decisions that hold, the oldest first.") { data, config };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var desk = await StewardDesk.OpenAsync(SharedOptions.Folder(parsed.GetValue(data)), parsed.GetValue(config), cancellationToken);
            var known = await desk.Decisions.ReadAsync(cancellationToken);
            foreach (var decision in known)
            {
                System.Console.WriteLine($"{decision.DecisionId}  {Line(decision)}");
            }

            if (known.Count == 0)
            {
                System.Console.WriteLine("no decision holds");
            }

            return 0;
        });
        return command;
    }

    static async Task<string> RecordOfAsync(IWarehouse warehouse, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await PeopleFinder.RecordAsync(warehouse, name, cancellationToken)
                ?? throw new CommandException($"no person record or person is known as '{name}'; 'streamsync person show NAME' finds people by name, e-mail or phone and prints their records");
        }
        catch (WarehouseQueryException e)
        {
            throw new CommandException($"the warehouse knows no people yet ({e.Message.Split('\n')[0]}); look at 'streamsync status'");
        }
    }

    static string Line(IdentityDecision decision) =>
        $"{(decision.Kind == Decisions.MustLink ? "merge" : "split")} {decision.AUrn} {decision.BUrn}  by {decision.Author} at {decision.At:yyyy-MM-dd HH:mm:ss}Z: {decision.Reason}";

    static Argument<string> Record(string name) => new(name) { Description = "Source URN of a record, or the id of a person, for its oldest record." };

    static Option<FileInfo?> ConfigOfStopped() => new("--config")
    {
        Description = "Configuration that names the cluster; needed only while StreamSync is stopped and its broker is not the embedded one.",
        HelpName = "FILE",
    };
}
