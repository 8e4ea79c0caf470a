using System.Text.RegularExpressions;

namespace StreamSync.Architecture.Tests;

/// <summary>What holds for every file of the house.</summary>
public partial class HouseTests
{
    static readonly HashSet<string> TopLevel =
    [
        "services", "schemas", "tests", "compose", ".ci",
        "StreamSync.sln", "Makefile", "README.md", "LICENSE",
        "Directory.Build.props", "Directory.Packages.props", "global.json",
        ".editorconfig", ".gitattributes", ".gitignore", ".dockerignore", ".config",
    ];

    /// <summary>Hosts of package registries, in pieces, so that this file may stay.</summary>
    static readonly string[] RegistryHosts = ["nu" + "get.org", "npm" + "js.org", "npm" + "js.com", "py" + "pi.org", "crates" + ".io", "repo1." + "maven"];

    [Fact]
    public void The_top_level_holds_what_was_agreed() =>
        Assert.Empty(Checkout.Files.Select(f => f.Split('/')[0]).Distinct().Except(TopLevel));

    [Fact]
    public void No_file_names_a_package_registry() => NoLine((_, line) => RegistryHosts.Any(h => line.Contains(h, StringComparison.OrdinalIgnoreCase)), "names the host of a package registry: where packages come from is the machine's own setting");

    [Fact]
    public void No_file_names_a_path_of_somebodys_machine() => NoLine((_, line) => MachinePath().IsMatch(line), "names a path that exists on one machine only: use a path from the repository, an argument or a temporary folder");

    [Fact]
    public void No_test_is_switched_off() => NoLine((file, line) => file.EndsWith(".cs", StringComparison.Ordinal) && SwitchedOff().IsMatch(line), "switches a test off: mend it, or skip it at run time with the reason that holds there");

    static void NoLine(Func<string, string, bool> isWrong, string what)
    {
        var wrong = Checkout.TextFiles
            .SelectMany(f => Checkout.Read(f).Split('\n').Select((line, i) => (File: f, Number: i + 1, Line: line)))
            .Where(l => isWrong(l.File, l.Line))
            .Select(l => $"{l.File}:{l.Number}: {what}")
            .ToList();
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [GeneratedRegex("""(^|[\s"'`(=:\[,])/(work|home|root|Users)/\w""", RegexOptions.CultureInvariant)]
    private static partial Regex MachinePath();

    [GeneratedRegex("""\[\w*(Fact|Theory|Property)\(.*\bSkip\s*=""", RegexOptions.CultureInvariant)]
    private static partial Regex SwitchedOff();
}
