using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Kafka.Tests.Hosting;

public sealed class HostingTests : IDisposable
{
    readonly DataFolder _folder = new(Path.Combine(Path.GetTempPath(), $"streamsync-test-{Guid.NewGuid():N}"));

    [Fact]
    public void A_running_instance_is_found_until_it_goes()
    {
        Assert.Null(InstanceFile.FindRunning(_folder));
        var info = Info(Environment.ProcessId, InstanceFile.ThisProcessStartedAt());
        InstanceFile.Write(_folder, info);
        Assert.Equal(info, InstanceFile.FindRunning(_folder));
        InstanceFile.Remove(_folder);
        Assert.Null(InstanceFile.FindRunning(_folder));
        InstanceFile.Remove(_folder);
    }

    [Fact]
    public void A_file_left_by_a_process_that_died_names_no_instance_even_when_its_id_came_again()
    {
        InstanceFile.Write(_folder, Info(Environment.ProcessId, InstanceFile.ThisProcessStartedAt().AddHours(-1)));
        Assert.Null(InstanceFile.FindRunning(_folder));

        using var process = Process.Start("true");
        process.WaitForExit();
        InstanceFile.Write(_folder, Info(process.Id, DateTimeOffset.UnixEpoch));
        Assert.Null(InstanceFile.FindRunning(_folder));
        InstanceFile.Remove(_folder);
        Assert.True(File.Exists(_folder.InstanceFile));

        File.WriteAllText(_folder.InstanceFile, "{ torn");
        Assert.Null(InstanceFile.FindRunning(_folder));
    }

    [Fact]
    public void A_folder_in_use_is_told_from_one_that_answers_and_one_that_nobody_has()
    {
        Assert.Null(FolderClaim.FindBusy(_folder));
        using (var claim = FolderClaim.Make(_folder))
        {
            Assert.Equal($"StreamSync starts on {_folder.Root} (process {Environment.ProcessId})", $"{FolderClaim.FindBusy(_folder)}");
            InstanceFile.Write(_folder, Info(Environment.ProcessId, InstanceFile.ThisProcessStartedAt()));
            Assert.Null(FolderClaim.FindBusy(_folder));
            claim.SayStopping();
            InstanceFile.Remove(_folder);
            Assert.True(FolderClaim.FindBusy(_folder)!.IsStopping);
        }

        Assert.Null(FolderClaim.FindBusy(_folder));
        Assert.False(File.Exists(_folder.ClaimFile));
    }

    [Fact]
    public void A_claim_left_by_a_process_that_died_holds_nothing()
    {
        using var process = Process.Start("true");
        process.WaitForExit();
        _folder.Create();
        File.WriteAllText(_folder.ClaimFile, $$"""{ "pid": {{process.Id}}, "process_started_at": "1970-01-01T00:00:00Z", "is_stopping": false }""");
        Assert.Null(FolderClaim.FindBusy(_folder));
        File.WriteAllText(_folder.ClaimFile, "{ torn");
        Assert.Null(FolderClaim.FindBusy(_folder));
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task A_process_that_was_killed_and_not_yet_taken_note_of_is_no_instance()
    {
        // The shell becomes a program that never asks how its child ended.
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 600 & echo $!; exec sleep 600"]) { RedirectStandardOutput = true })!;
        try
        {
            var child = int.Parse((await parent.StandardOutput.ReadLineAsync())!, System.Globalization.CultureInfo.InvariantCulture);
            using var process = Process.GetProcessById(child);
            InstanceFile.Write(_folder, Info(child, process.StartTime));
            Assert.NotNull(InstanceFile.FindRunning(_folder));
            process.Kill();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (InstanceFile.FindRunning(_folder) is not null)
            {
                await Task.Delay(10, patience.Token);
            }

            Assert.True(Directory.Exists($"/proc/{child}"));
        }
        finally
        {
            parent.Kill();
        }
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void The_data_folder_is_its_owners_alone()
    {
        _folder.Create();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Root));
        Assert.Equal(Path.Combine(_folder.Root, "x.duckdb"), _folder.Resolve("x.duckdb"));
        Assert.Equal("/srv/x.duckdb", _folder.Resolve("/srv/x.duckdb"));
    }

    [Fact]
    public void Arguments_win_over_the_environment_and_the_environment_over_defaults()
    {
        Assert.Equal(new ServiceArguments("streamsync.yaml", ".streamsync"), ServiceArguments.Parse([], _ => null));
        Assert.Equal(new ServiceArguments("STREAMSYNC_CONFIG", "STREAMSYNC_DATA"), ServiceArguments.Parse([], n => n));
        Assert.Equal(new ServiceArguments("a", "b"), ServiceArguments.Parse(["--config", "a", "--data=b"], n => n));
        Assert.Equal("there is no argument '--confg'", Assert.Throws<ArgumentException>(() => ServiceArguments.Parse(["--confg", "a"], n => n)).Message);
        Assert.Equal("'--data' needs a value", Assert.Throws<ArgumentException>(() => ServiceArguments.Parse(["--data"], n => n)).Message);
    }

    [Fact]
    public void The_board_keeps_the_latest_report_of_each_item()
    {
        var clock = new FakeTimeProvider();
        var board = new ProgressBoard(clock);
        board.Report("sinks", "entity_person", 1);
        board.Report("connectors", "van/people", 5, 7, "the file to grow");
        clock.Advance(TimeSpan.FromSeconds(1));
        board.Report("sinks", "entity_person", 2, 0);
        Assert.Equal(
            [new ProgressEntry("connectors", "van/people", 5, 7, "the file to grow", clock.Start), new ProgressEntry("sinks", "entity_person", 2, 0, null, clock.Start.AddSeconds(1))],
            board.Snapshot());
    }

    [Fact]
    public async Task Every_common_service_can_be_built()
    {
        var config = StreamSyncConfig.Parse("", "streamsync.yaml");
        var connection = new KafkaConnection { BootstrapServers = "127.0.0.1:1", SchemaRegistryUrl = "http://127.0.0.1:1" };
        var services = new ServiceCollection().AddLogging().AddStreamSync(config, connection, _folder);
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        Assert.All(services.Where(s => s.ServiceType.Namespace!.StartsWith("StreamSync", StringComparison.Ordinal)), s => Assert.NotNull(provider.GetService(s.ServiceType)));
        Assert.NotNull(provider.GetRequiredService<ILogger<TransactionalPublisher>>());
    }

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(2, "--nonsense")]
    [InlineData(2, "--config", "/no/such/file.yaml")]
    public async Task The_exit_code_tells_how_it_ended(int code, params string[] args) =>
        Assert.Equal(code, await StreamSyncHost.RunAsync(args, "test", (_, _) => { }));

    public void Dispose()
    {
        if (Directory.Exists(_folder.Root))
        {
            Directory.Delete(_folder.Root, true);
        }
    }

    static InstanceInfo Info(int pid, DateTimeOffset processStartedAt) => new()
    {
        Pid = pid,
        ProcessStartedAt = processStartedAt,
        StartedAt = processStartedAt.AddSeconds(3),
        BootstrapServers = "127.0.0.1:9092",
        SchemaRegistryUrl = "http://127.0.0.1:8081",
        ConsoleUrl = "http://127.0.0.1:8080",
    };
}
