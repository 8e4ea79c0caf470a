using System.Globalization;
using Xunit.Abstractions;

namespace StreamSync.Clients.Tests.Durability;

/// <summary>
/// The broker is killed under load, again and again, while its clients live on. <c>STREAMSYNC_TEST_KILLS</c> sets how often (default 25, or fewer in a minute);
/// <c>STREAMSYNC_TEST_SEED</c> repeats the times of a run.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    const int UsualKills = 25;
    static readonly TimeSpan UsualTime = TimeSpan.FromMinutes(1);

    readonly string _folder = Directory.CreateTempSubdirectory("streamsync-kills-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kills_under_load_lose_double_and_reorder_nothing()
    {
        var asked = Number("STREAMSYNC_TEST_KILLS");
        var seed = Number("STREAMSYNC_TEST_SEED") ?? Random.Shared.Next(1_000_000);
        output.WriteLine($"{asked ?? UsualKills} kills, seed {seed}");
        var loop = new KillLoop(Path.Combine(_folder, "data"), new Random(seed), output.WriteLine);
        var result = await loop.RunAsync(asked ?? UsualKills, asked is null ? UsualTime : TimeSpan.MaxValue);
        output.WriteLine(result.ToString());

        // A run that did nothing would prove nothing.
        Assert.True(result.Acknowledged > result.Kills * 100, result.ToString());
        Assert.True(result.Kills > 0 && result.Committed > 0 && result.GroupCommits > 0, result.ToString());
    }

    static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
