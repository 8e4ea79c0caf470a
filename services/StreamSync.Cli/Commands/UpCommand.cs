using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using StreamSync.Cli.Demo;
using StreamSync.Cli.Instances;
using StreamSync.Cli.Output;
using StreamSync.Connectors.Runtime;
using StreamSync.Console;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync up</c>: everything in one process, until Ctrl-C.</summary>
static class UpCommand
{
    const string DefaultConfig = "streamsync.yaml";
    const int DemoConsolePort = 8080;

    /// <summary>How long a process that was killed may take to let go of its memory, files and ports.</summary>
    static readonly TimeSpan LeavingPatience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var config = SharedOptions.Config();
        var data = SharedOptions.Data();
        var command = new Command("up", "Run broker, registry, connectors, processors, warehouse and console in this process.") { config, data };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = SharedOptions.Folder(parsed.GetValue(data));
            var file = parsed.GetValue(config)?.FullName ?? SharedOptions.NonEmpty("STREAMSYNC_CONFIG") ?? (File.Exists(DefaultConfig) ? DefaultConfig : null);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            void OnSignal(PosixSignalContext context)
            {
                context.Cancel = true;
                stop.Cancel();
            }

            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
            return await RunAsync(file, folder, stop.Token);
        });
        return command;
    }

    static async Task<int> RunAsync(string? configFile, DataFolder data, CancellationToken stop)
    {
        try
        {
            await RefuseSecondAsync(data, stop);
            using var claim = FolderClaim.Make(data);
            await using var demo = configFile is null ? await DemoBasket.StartAsync(data, FreePort(DemoConsolePort), stop) : null;
            var config = StreamSyncConfig.Load(configFile ?? demo!.ConfigFile);

            // A description that is left behind means a process that was killed: what it held may take a moment to be free.
            await PortCheck.RequireAsync(config, PortCheck.Of(config), File.Exists(data.InstanceFile) ? LeavingPatience : TimeSpan.Zero, stop);
            System.Console.WriteLine(demo is null ? $"StreamSync starts with {configFile}" : "StreamSync starts with the sample tools (for your own: streamsync init)");
            if (config.Syncs.Count == 0)
            {
                System.Console.WriteLine($"{config.FileName} configures no sync, so nothing is read: add one below 'syncs:' and start again ('streamsync init FILE' writes a commented example)");
            }

            await using var platform = await Platform.StartAsync(config, data, stop);
            var webhooks = platform.Services.GetRequiredService<WebhookAddress>();
            if (webhooks.Expected)
            {
                await webhooks.WaitAsync(stop);
            }

            var instance = Describe(platform, config, data);
            InstanceFile.Write(data, instance);
            try
            {
                Announce(instance, data, demo);
                var printing = new ProgressPrinter(platform.Progress, System.Console.Out, TimeProvider.System).RunAsync(stop);
                if (demo is not null && webhooks.Url is { } listener)
                {
                    await demo.PostContributionsAsync(listener, stop);
                }

                await platform.WaitForShutdownAsync(stop);
                await printing;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
            finally
            {
                claim.SayStopping();
                InstanceFile.Remove(data);
            }

            System.Console.WriteLine("stopping; everything is kept in " + data.Root);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            System.Console.WriteLine("stopped before it was up");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CommandException($"{e.Message} Give this user the right to write there, or name another folder with --data DIR");
        }
        catch (Exception e) when (e is ClusterUnreachableException or IncompatibleSchemaException or IOException)
        {
            throw new CommandException(e.Message);
        }

        return 0;
    }

    /// <summary>Refuses to run beside an instance that answers; one that was killed or stopped is given the time to go.</summary>
    static async Task RefuseSecondAsync(DataFolder data, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (running, busy) = (InstanceFile.FindRunning(data), FolderClaim.FindBusy(data));
            if (running is null && busy is null)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(begun) > LeavingPatience || (running is not null && await ConsoleClient.AnswersAsync(running, cancellationToken)))
            {
                throw new CommandException($"{(running is null ? $"{busy}" : $"StreamSync runs already on {data.Root} (process {running.Pid})")}; stop it first, or name another folder with --data DIR");
            }

            // The system gives no word when a process that is no child ends.
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    static InstanceInfo Describe(Platform platform, StreamSyncConfig config, DataFolder data)
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        Instance.RememberWarehouse(data, config);
        return new InstanceInfo
        {
            Pid = self.Id,
            ProcessStartedAt = new DateTimeOffset(self.StartTime.ToUniversalTime(), TimeSpan.Zero),
            StartedAt = TimeProvider.System.GetUtcNow(),
            BootstrapServers = platform.Connection.BootstrapServers,
            SchemaRegistryUrl = platform.Connection.SchemaRegistryUrl,
            ConsoleUrl = platform.Services.GetRequiredService<ConsoleAddress>().Url?.ToString(),
            WebhookUrl = platform.Services.GetRequiredService<WebhookAddress>().Url?.ToString(),
            ConfigFile = Path.GetFullPath(config.FileName),
            Version = typeof(UpCommand).Assembly.GetName().Version?.ToString(3),
        };
    }

    static void Announce(InstanceInfo instance, DataFolder data, DemoBasket? demo)
    {
        System.Console.WriteLine($"""

              console    {instance.ConsoleUrl}
              broker     {instance.BootstrapServers}
              registry   {instance.SchemaRegistryUrl}
              webhooks   {instance.WebhookUrl ?? "none"}
              data       {data.Root}
              config     {instance.ConfigFile}
            """);
        if (demo is not null)
        {
            System.Console.WriteLine($"  drop here  {demo.CanvassFolder}");
        }

        System.Console.WriteLine($"""

              query it   streamsync query "select * from who_talked_to_voters limit 5"{DataOption(data)}
              look at it streamsync status{DataOption(data)}
              stop it    Ctrl-C; starting again goes on where it stopped

            """);
    }

    static string DataOption(DataFolder data) =>
        data.Root == Path.Combine(Environment.CurrentDirectory, DataFolder.DefaultName) ? string.Empty : $" --data {data.Root}";

    /// <summary>The port when it is free, else 0: the sample program must start beside anything.</summary>
    static int FreePort(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return port;
        }
        catch (SocketException)
        {
            return 0;
        }
    }
}
