using StreamSync.Console.Html;
using StreamSync.Console.Ops;
using StreamSync.Console.Security;
using StreamSync.Contracts;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Console.Pages;

/// <summary>The pages and their paths.</summary>
static class PageRoutes
{
    public static void Map(WebApplication app, IServiceProvider services)
    {
        var clock = services.GetRequiredService<TimeProvider>();
        var ops = services.GetRequiredService<OpsTables>();
        var warehouse = services.GetService<IWarehouse>();
        var numbers = new Numbers(warehouse);
        var overview = new OverviewPage(ops, services.GetRequiredService<IProgressBoard>(), clock);
        var sync = new SyncPage(ops, numbers, clock);
        var program = new ProgramPage(numbers);
        var people = new PeoplePage(numbers, services.GetService<IIdentityEvidence>(), clock);
        var sql = new SqlPage(warehouse, clock);
        app.MapGet("/", () => Page(overview.Render()));
        app.MapGet("/syncs/{org}/{id}", async (string org, string id, CancellationToken cancellationToken) =>
            await sync.RenderAsync(org, id, cancellationToken) is { } page ? Page(page) : NotFound("No sync of this name has reported; it may be new, or gone from the configuration."));
        app.MapGet("/program", async (CancellationToken cancellationToken) => Page(await program.RenderAsync(cancellationToken)));
        app.MapGet("/people", async (string? q, CancellationToken cancellationToken) => Page(await people.SearchAsync(q, cancellationToken)));
        app.MapGet("/people/{id}", async (string id, CancellationToken cancellationToken) => Page(await people.PersonAsync(id, cancellationToken)));
        app.MapGet("/sql", async (HttpRequest request, string? q, CancellationToken cancellationToken) =>
            Page(await sql.RenderAsync(q, run: !RequestGuard.IsFromAnotherSite(request), cancellationToken)));
        app.MapFallback(() => NotFound("There is no such page."));
    }

    static IResult Page(Markup page, int status = StatusCodes.Status200OK) => Results.Text(page.Text, "text/html; charset=utf-8", statusCode: status);

    static IResult NotFound(string why) =>
        Page(Layout.Page("Not found", string.Empty, Markup.Of($"<h1>Not found</h1><p>{why}</p><p><a href=\"/\">All syncs</a></p>")), StatusCodes.Status404NotFound);
}
