namespace StreamSync.Console;

/// <summary>Style sheet and script, which travel inside the assembly.</summary>
static class AssetFiles
{
    const string Prefix = "StreamSync.Console.Assets.";

    static readonly Dictionary<string, string> Types = new() { [".css"] = "text/css; charset=utf-8", [".js"] = "text/javascript; charset=utf-8" };

    public static void Map(WebApplication app)
    {
        foreach (var name in typeof(AssetFiles).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            var type = Types[Path.GetExtension(name)];
            app.MapGet("/assets/" + name[Prefix.Length..], (HttpResponse response) =>
            {
                response.Headers.CacheControl = "no-cache";
                return Results.Bytes(bytes, type);
            });
        }
    }
}
