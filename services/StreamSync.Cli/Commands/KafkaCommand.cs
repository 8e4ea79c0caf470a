using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StreamSync.Cli.Output;
using StreamSync.LocalKafka;
using StreamSync.LocalKafka.Registry;

namespace StreamSync.Cli.Commands;

/// <summary><c>streamsync kafka</c>: the embedded broker and registry alone, in the foreground.</summary>
static class KafkaCommand
{
    const string Purpose =
        """
        Run the embedded Kafka broker and schema registry alone, in the foreground.

        Meant for laptops, tests and CI on this machine. Not meant for production: it is one node without replication, it
        listens on the loopback address only, and it knows no TLS, no authentication and no quotas. Use Apache Kafka or
        another Kafka-compatible cluster there; nothing else has to change.

        Topics are made on purpose, never by writing to them: a client that names an unknown topic gets "unknown topic or
        partition". Make them with any admin client, for example
          kafka-topics.sh --bootstrap-server 127.0.0.1:9092 --create --topic mine --partitions 1
        or AdminClient.CreateTopics of your client library.
        """;

    public static Command Create()
    {
        var data = SharedOptions.Data();
        var port = new Option<int>("--port") { Description = "Port of the broker; 0 picks a free one.", DefaultValueFactory = _ => 9092, HelpName = "P" };
        var registry = new Option<int>("--registry-port") { Description = "Port of the schema registry; 0 picks a free one.", DefaultValueFactory = _ => 8081, HelpName = "R" };
        var command = new Command("kafka", Purpose) { data, port, registry };
        command.SetAction((parsed, _) => RunAsync(new Options(
            SharedOptions.Folder(parsed.GetValue(data)).Root,
            parsed.GetValue(port),
            parsed.GetValue(registry))));
        return command;
    }

    /// <summary>Reads the three options without the parser; null when there is anything else.</summary>
    public static Options? TryParse(ReadOnlySpan<string> args)
    {
        string? data = null;
        int port = 9092, registry = 8081;
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--data":
                    data = args[i + 1];
                    break;
                case "--port" when int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out port):
                    break;
                case "--registry-port" when int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out registry):
                    break;
                default:
                    return null;
            }
        }

        return args.Length % 2 == 0 ? new Options(data ?? SharedOptions.Folder(null).Root, port, registry) : null;
    }

    public static async Task<int> RunAsync(Options options)
    {
        foreach (var (name, port) in new[] { ("--port", options.Port), ("--registry-port", options.RegistryPort) })
        {
            if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                throw new CommandException($"{name} {port} is no TCP port: give one from 1 to {IPEndPoint.MaxPort}, or 0 for any free one.");
            }
        }

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }

        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        try
        {
            using var loggers = new ErrorStreamLoggers(System.Console.Error);
            await using var broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = options.Data, Port = options.Port, LockPatience = Platform.LockPatience }, loggers);
            // Reading the schemas starts a client, which takes as long as all the rest: the first requests wait for it instead.
            var schemas = new SchemaRegistryOptions { BootstrapServers = broker.BootstrapServers, Port = options.RegistryPort, WaitForStore = false };
            await using var registry = await SchemaRegistryServer.StartAsync(schemas, loggers);
            System.Console.WriteLine($"ready {broker.BootstrapServers}");
            System.Console.WriteLine($"registry {registry.Url}");
            await stop.Task;
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or SocketException)
        {
            throw new CommandException(e.Message);
        }
    }

    /// <summary>What to run.</summary>
    public sealed record Options(string Data, int Port, int RegistryPort);
}
