using System.CommandLine;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync init</c>: writes a commented configuration to start from.</summary>
static class InitCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "File to write.", DefaultValueFactory = _ => new FileInfo("streamsync.yaml") };
        var command = new Command("init", "Write a commented streamsync.yaml, ready for your own tools.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var target = parsed.GetRequiredValue(file);
            try
            {
                await using var stream = new FileStream(target.FullName, FileMode.CreateNew, FileAccess.Write);
                await using var writer = new StreamWriter(stream);
                await writer.WriteAsync(ConfigTemplate.Text.AsMemory(), cancellationToken);
            }
            catch (IOException) when (File.Exists(target.FullName))
            {
                throw new CommandException($"{target} exists already and is left as it is; name another file: streamsync init FILE");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CommandException($"{target} can't be written: {e.Message}");
            }

            System.Console.WriteLine($"wrote {target}; fill in your tools, then: streamsync up --config {target}");
            return 0;
        });
        return command;
    }
}
