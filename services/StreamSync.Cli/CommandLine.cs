using System.CommandLine;
using StreamSync.Cli.Commands;
using StreamSync.Cli.Instances;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli;

/// <summary>The <c>streamsync</c> command: its verbs, and how their errors are shown.</summary>
static class CommandLine
{
    /// <summary>Runs the command.</summary>
    /// <returns>0 done, 1 failed, 2 wrong arguments, configuration or data folder.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        try
        {
            // The broker alone must be up in a blink: it does not wait for the parser of all the other verbs.
            if (args is ["kafka", .. var rest] && KafkaCommand.TryParse(rest) is { } options)
            {
                return await KafkaCommand.RunAsync(options);
            }

            // A verb that stops on signals takes the time it needs to stop cleanly.
            return await Root().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellationToken);
        }
        catch (ConfigException e)
        {
            await System.Console.Error.WriteLineAsync(e.Message);
            return 2;
        }
        catch (CommandException e)
        {
            await System.Console.Error.WriteLineAsync("streamsync: " + e.Message);
            return e is NoDataException ? 2 : 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    static RootCommand Root()
    {
        var root = new RootCommand("StreamSync captures each change in a group's tools, finds who is who, and keeps the warehouse up to date.");
        root.Add(UpCommand.Create());
        root.Add(QueryCommand.Create());
        root.Add(StatusCommand.Create());
        root.Add(PersonCommand.Create());
        root.Add(InitCommand.Create());
        root.Add(KafkaCommand.Create());
        root.Add(IdentityCommand.Create());
        root.Add(DocsCommand.Create());
        return root;
    }
}

/// <summary>An error for the person at the keyboard: says what is wrong and what to do.</summary>
class CommandException(string message) : Exception(message);

/// <summary>Options that several verbs share.</summary>
static class SharedOptions
{
    /// <summary><c>--data DIR</c>.</summary>
    public static Option<DirectoryInfo?> Data() => new("--data")
    {
        Description = "Folder that holds log, state and warehouse; default .streamsync in the current folder, or STREAMSYNC_DATA.",
        HelpName = "DIR",
    };

    /// <summary><c>--config FILE</c>.</summary>
    public static Option<FileInfo?> Config() => new("--config")
    {
        Description = "Configuration; default streamsync.yaml in the current folder, or STREAMSYNC_CONFIG. Without any, the sample program runs.",
        HelpName = "FILE",
    };

    /// <summary>The data folder that an invocation means.</summary>
    public static DataFolder Folder(DirectoryInfo? given) =>
        new(given?.FullName ?? NonEmpty("STREAMSYNC_DATA") ?? Path.Combine(Environment.CurrentDirectory, DataFolder.DefaultName));

    /// <summary>The value of an environment variable; null when unset or empty.</summary>
    public static string? NonEmpty(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
