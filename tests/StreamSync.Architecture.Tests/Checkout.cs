using System.Diagnostics;
using StreamSync.Tests;

namespace StreamSync.Architecture.Tests;

/// <summary>The files that are under version control.</summary>
static class Checkout
{
    static readonly HashSet<string> BinaryExtensions = [".png", ".jpg", ".ico", ".gz", ".zip", ".xlsx", ".parquet", ".duckdb", ".woff2"];

    /// <summary>Paths from the root, '/' as separator.</summary>
    public static IReadOnlyList<string> Files { get; } = List();

    public static IEnumerable<string> TextFiles => Files.Where(f => !BinaryExtensions.Contains(Path.GetExtension(f)));

    public static IEnumerable<string> Projects => Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, path));

    static List<string> List()
    {
        // Files that are new and not ignored count as well: the rule should speak before the commit.
        var start = new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]) { WorkingDirectory = RepositoryRoot.Path, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var files = process.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return process.ExitCode == 0 && files.Length > 0
            ? [.. files.Where(f => File.Exists(Path.Combine(RepositoryRoot.Path, f)))]
            : throw new InvalidOperationException($"git lists no files in {RepositoryRoot.Path}: these tests need a checkout");
    }
}
