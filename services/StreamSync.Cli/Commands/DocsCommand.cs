using System.CommandLine;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync docs</c>: writes the reference pages that are generated, so that they always say what the code does.</summary>
static class DocsCommand
{
    public static Command Create()
    {
        var write = new Option<DirectoryInfo?>("--write") { Description = "Checkout whose generated pages to write again; without it the pages are listed.", HelpName = "DIR" };
        var command = new Command("docs", "List or write the generated reference pages.") { write };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(write);
            foreach (var (path, text) in GeneratedDocs.All())
            {
                if (folder is not null)
                {
                    await File.WriteAllTextAsync(Path.Combine(folder.FullName, path), text, cancellationToken);
                }

                System.Console.WriteLine(path);
            }

            return 0;
        });
        return command;
    }
}
