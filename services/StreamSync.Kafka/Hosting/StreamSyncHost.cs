using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using StreamSync.Contracts;
using StreamSync.Kafka.Clients;
using StreamSync.Kafka.Configuration;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Hosting;

/// <summary>What a service's <c>Program.cs</c> and <c>streamsync up</c> share: arguments, configuration, logging and the common services.</summary>
public static class StreamSyncHost
{
    const int Stopped = 0;
    const int Failed = 1;
    const int Misused = 2;
    const string LevelVariable = "STREAMSYNC_LOG";

    /// <summary>How long broker and registry may take to answer at start: in a compose file they start at the same time.</summary>
    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Runs one service alone until SIGINT or SIGTERM: reads <c>--config FILE</c> and <c>--data DIR</c> (or <c>STREAMSYNC_CONFIG</c>, <c>STREAMSYNC_DATA</c>),
    /// checks that broker and registry answer, and prints errors for people.
    /// </summary>
    /// <param name="args">Arguments of the process.</param>
    /// <param name="service">Name of the service.</param>
    /// <param name="configure">Adds the service's own services.</param>
    /// <returns>Exit code: 0 stopped, 1 failed, 2 wrong arguments or configuration.</returns>
    public static async Task<int> RunAsync(string[] args, string service, Action<IServiceCollection, StreamSyncConfig> configure)
    {
        if (args.Any(a => a is "--help" or "-h"))
        {
            Console.WriteLine(ServiceArguments.Usage(service));
            return Stopped;
        }

        try
        {
            var arguments = ServiceArguments.Parse(args, Environment.GetEnvironmentVariable);
            var config = StreamSyncConfig.Load(arguments.ConfigFile);
            var connection = KafkaConnection.From(config);
            var data = new DataFolder(arguments.DataDirectory);
            await ConnectionCheck.RequireAsync(connection, StartTimeout, CancellationToken.None);
            data.Create();
            var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = service });
            builder.UseStreamSyncLogging();

            // What stops a start is told below, in one line; the host would tell it too, with its stack.
            var started = false;
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => Volatile.Read(ref started) && level >= LogLevel.Warning);
            builder.Services.AddStreamSync(config, connection, data);
            configure(builder.Services, config);
            using var host = builder.Build();
            await host.StartAsync();
            Volatile.Write(ref started, true);
            await host.WaitForShutdownAsync();
            return Stopped;
        }
        catch (Exception e) when (e is ConfigException or ArgumentException)
        {
            Console.Error.WriteLine(e is ConfigException ? e.Message : $"{service}: {e.Message}{Environment.NewLine}{ServiceArguments.Usage(service)}");
            return Misused;
        }
        catch (Exception e) when (e is ClusterUnreachableException or IncompatibleSchemaException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{service}: {e.Message}");
            return Failed;
        }
    }

    /// <summary>
    /// Adds the services that every room takes: configuration, <see cref="KafkaConnection"/>, <see cref="DataFolder"/>, <see cref="TimeProvider"/>,
    /// <see cref="SchemaIds"/>, <see cref="AvroCodecs"/>, <see cref="TopicAdmin"/>, <see cref="SchemaAdmin"/>, <see cref="OpsPublisher"/>,
    /// <see cref="CheckpointStore"/>, <see cref="IDecisions"/>, <see cref="IProgressBoard"/>. What the caller registered before stays.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="config">Configuration.</param>
    /// <param name="connection">The cluster.</param>
    /// <param name="data">Data folder.</param>
    public static IServiceCollection AddStreamSync(this IServiceCollection services, StreamSyncConfig config, KafkaConnection connection, DataFolder data)
    {
        services.TryAddSingleton(config);
        services.TryAddSingleton(connection);
        services.TryAddSingleton(data);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new SchemaIds(connection));
        services.TryAddSingleton<AvroCodecs>();
        services.TryAddSingleton<TopicAdmin>();
        services.TryAddSingleton<SchemaAdmin>();
        services.TryAddSingleton<OpsPublisher>();
        services.TryAddSingleton<CheckpointStore>();
        services.TryAddSingleton<IDecisions, DecisionLog>();
        services.TryAddSingleton<IProgressBoard, ProgressBoard>();
        return services;
    }

    /// <summary>Sets logging: one line an event, to the error stream, from <c>information</c> up for our own rooms; <c>STREAMSYNC_LOG</c> (trace, debug, information, warning, error) sets another level.</summary>
    /// <param name="builder">Builder of the host.</param>
    public static IHostApplicationBuilder UseStreamSyncLogging(this IHostApplicationBuilder builder)
    {
        var level = Enum.TryParse<LogLevel>(Environment.GetEnvironmentVariable(LevelVariable), ignoreCase: true, out var named) ? named : LogLevel.Information;
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(level > LogLevel.Warning ? level : LogLevel.Warning);
        builder.Logging.AddFilter("StreamSync", level);
        builder.Logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            options.UseUtcTimestamp = true;
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }
}
