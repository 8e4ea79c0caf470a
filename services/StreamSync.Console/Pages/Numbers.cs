using StreamSync.Console.Html;
using StreamSync.Contracts;

namespace StreamSync.Console.Pages;

/// <summary>Numbers from the warehouse for a page, or a notice why there are none.</summary>
/// <param name="warehouse">The warehouse of this process, if any.</param>
sealed class Numbers(IWarehouse? warehouse)
{
    /// <summary>Why there are no numbers at all, or null.</summary>
    public string? Absent => warehouse is null ? "This console runs without a warehouse: numbers are shown where the sink runs." : null;

    /// <summary>Shows the rows of a statement.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="maxRows">Rows shown at most.</param>
    /// <param name="show">Makes the rows HTML.</param>
    /// <param name="cancellationToken">Stops.</param>
    public Task<Markup> ShowAsync(string sql, int maxRows, Func<QueryResult, Markup> show, CancellationToken cancellationToken) =>
        ShowAsync(async asked => show(await asked.QueryAsync(sql, maxRows, cancellationToken)));

    /// <summary>Shows what is made out of the warehouse.</summary>
    /// <param name="show">Asks it and makes the answers HTML.</param>
    public async Task<Markup> ShowAsync(Func<IWarehouse, Task<Markup>> show)
    {
        if (warehouse is null)
        {
            return Layout.Notice(Absent!);
        }

        try
        {
            return await show(warehouse);
        }
        catch (WarehouseQueryException error)
        {
            return Layout.Notice($"The warehouse does not answer: {error.Message.Split('\n')[0]}");
        }
    }
}
