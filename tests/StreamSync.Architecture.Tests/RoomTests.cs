using System.Xml.Linq;

namespace StreamSync.Architecture.Tests;

/// <summary>Who may know whom: the table of the architecture page.</summary>
public class RoomTests
{
    static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Contracts"] = [],
        ["LocalKafka"] = [],
        ["Kafka"] = ["Contracts"],
        ["Identity"] = ["Contracts"],
        ["Connectors"] = ["Contracts", "Kafka"],
        ["Processors"] = ["Contracts", "Kafka", "Identity"],
        ["Sinks"] = ["Contracts", "Kafka"],
        ["Console"] = ["Contracts", "Kafka"],

        // The sample basket runs on the simulators that the tests use.
        ["Cli"] = ["Contracts", "Kafka", "Identity", "Connectors", "Processors", "Sinks", "Console", "LocalKafka", "Simulators"],
    };

    [Fact]
    public void Services_holds_the_rooms_and_nothing_else()
    {
        var folders = Checkout.Files.Where(f => f.StartsWith("services/", StringComparison.Ordinal) && f.Count(c => c == '/') > 1).Select(f => f.Split('/')[1]).Distinct();
        Assert.Equal(MayReference.Keys.Select(r => "StreamSync." + r).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_room_references_only_the_rooms_that_it_may_know()
    {
        foreach (var (room, allowed) in MayReference)
        {
            var crossed = References($"services/StreamSync.{room}/StreamSync.{room}.csproj").Except(allowed.Select(a => "StreamSync." + a));
            Assert.True(!crossed.Any(), $"StreamSync.{room} references {string.Join(", ", crossed)}: it may know {(allowed.Length == 0 ? "nothing of ours" : string.Join(", ", allowed))}");
        }
    }

    [Fact]
    public void The_identity_engine_and_the_contracts_know_neither_Kafka_nor_a_warehouse()
    {
        foreach (var room in new[] { "Identity", "Contracts" })
        {
            var packages = Items($"services/StreamSync.{room}/StreamSync.{room}.csproj", "PackageReference");
            Assert.DoesNotContain(packages, p => p.Contains("Kafka", StringComparison.Ordinal) || p.Contains("DuckDB", StringComparison.Ordinal) || p is "Npgsql");
        }
    }

    [Fact]
    public void Every_room_has_its_tests()
    {
        foreach (var room in MayReference.Keys)
        {
            Assert.Contains($"tests/StreamSync.{room}.Tests/StreamSync.{room}.Tests.csproj", Checkout.Projects);
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Checkout.Read("StreamSync.sln").Replace('\\', '/');
        Assert.All(Checkout.Projects, p => Assert.Contains($"\"{p}\"", solution, StringComparison.Ordinal));
    }

    static IEnumerable<string> References(string project) => Items(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));

    static List<string> Items(string project, string kind) =>
        [.. XDocument.Parse(Checkout.Read(project)).Descendants(kind).Select(e => (string?)e.Attribute("Include") ?? "")];
}
