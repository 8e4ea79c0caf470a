using System.CommandLine;
using StreamSync.Cli.Instances;
using StreamSync.Cli.Output;
using StreamSync.Contracts;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync query SQL</c>: asks the warehouse, through the running instance or from the file when it is stopped.</summary>
static class QueryCommand
{
    public static Command Create()
    {
        var sql = new Argument<string>("SQL") { Description = "One read-only statement; '-' reads it from standard input." };
        var format = new Option<string>("--format") { Description = "table, csv or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong(ResultWriter.Formats);
        var rows = new Option<int>("--max-rows") { Description = "Rows shown at most; 0 shows all.", DefaultValueFactory = _ => 0 };
        var data = SharedOptions.Data();
        var command = new Command("query", "Run a SQL query against the warehouse, also while StreamSync runs.") { sql, format, rows, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var text = parsed.GetRequiredValue(sql);
            if (text == "-")
            {
                text = await System.Console.In.ReadToEndAsync(cancellationToken);
            }

            var limit = parsed.GetValue(rows);
            try
            {
                await using var warehouse = await Instance.OpenWarehouseAsync(SharedOptions.Folder(parsed.GetValue(data)), cancellationToken);
                var result = await warehouse.QueryAsync(text, limit > 0 ? limit : int.MaxValue, cancellationToken);
                ResultWriter.Write(result, parsed.GetRequiredValue(format), System.Console.Out, System.Console.IsOutputRedirected ? null : "--format csv or --format json");
                return 0;
            }
            catch (WarehouseQueryException e)
            {
                throw new CommandException(e.Message);
            }
        });
        return command;
    }
}
