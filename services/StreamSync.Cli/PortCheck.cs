using System.Net;
using System.Net.Sockets;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Cli;

/// <summary>A port that the configuration names.</summary>
/// <param name="Section">Section of the configuration.</param>
/// <param name="Key">Key in it.</param>
/// <param name="Use">What it is for.</param>
/// <param name="Address">Address to listen on.</param>
/// <param name="Port">Port; 0 takes a free one.</param>
sealed record NamedPort(string Section, string Key, string Use, IPAddress Address, int Port);

/// <summary>
/// Tries the ports of a configuration before anything starts: a part that finds its port taken later fails in the middle of the others, where
/// nobody knows the place in the file.
/// </summary>
static class PortCheck
{
    /// <summary>The system gives no word when a port becomes free.</summary>
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Ports that this process will listen on in any case.</summary>
    public static IReadOnlyList<NamedPort> Of(StreamSyncConfig config)
    {
        var ports = new List<NamedPort>();
        if (config.Kafka.Bootstrap == KafkaSettings.Embedded)
        {
            ports.Add(new NamedPort("broker", "port", "the embedded broker", IPAddress.Loopback, config.Broker.Port));
        }

        if (config.Kafka.Registry == KafkaSettings.Embedded)
        {
            ports.Add(new NamedPort("broker", "registry_port", "the embedded schema registry", IPAddress.Loopback, config.Broker.RegistryPort));
        }

        ports.Add(new NamedPort("console", "port", "the web console", IPAddress.Parse(config.Console.Address), config.Console.Port));
        if (config.Warehouse.Port is { } queries)
        {
            ports.Add(new NamedPort("warehouse", "port", "queries of the warehouse", IPAddress.Parse(config.Warehouse.Address), queries));
        }

        return ports;
    }

    /// <summary>The port of the webhook listener.</summary>
    public static NamedPort Webhooks(StreamSyncConfig config) => new("webhooks", "port", "webhooks", IPAddress.Parse(config.Webhooks.Address), config.Webhooks.Port);

    /// <summary>Requires that all can be listened on, at the same time.</summary>
    /// <param name="config">Configuration, for the places.</param>
    /// <param name="ports">Ports.</param>
    /// <param name="patience">How long ports may be taken, where a process that held them is on its way out.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ConfigException">Some can't be used; names each with its place and remedy.</exception>
    public static async Task RequireAsync(StreamSyncConfig config, IReadOnlyList<NamedPort> ports, TimeSpan patience, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (Errors(config, ports) is { Count: > 0 } errors)
        {
            if (TimeProvider.System.GetElapsedTime(begun) >= patience)
            {
                throw new ConfigException(errors);
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }

    static List<ConfigError> Errors(StreamSyncConfig config, IReadOnlyList<NamedPort> ports)
    {
        var errors = new List<ConfigError>();
        var held = new List<TcpListener>();
        try
        {
            foreach (var port in ports.Where(p => p.Port != 0))
            {
                var probe = new TcpListener(port.Address, port.Port);
                held.Add(probe);
                try
                {
                    probe.Start();
                }
                catch (SocketException e)
                {
                    errors.Add(Error(config, port, e.SocketErrorCode));
                }
            }
        }
        finally
        {
            foreach (var probe in held)
            {
                probe.Dispose();
            }
        }

        return errors;
    }

    static ConfigError Error(StreamSyncConfig config, NamedPort port, SocketError why)
    {
        var another = $"set another '{port.Key}' below '{port.Section}', or 0 for any free one";
        return why switch
        {
            SocketError.AddressAlreadyInUse => new ConfigError(config.PlaceOf(port.Section, port.Key), $"port {port.Port} for {port.Use} is taken already", $"stop the program that listens there, or {another}"),
            SocketError.AccessDenied => new ConfigError(config.PlaceOf(port.Section, port.Key), $"port {port.Port} for {port.Use} may not be used by this user", another),
            SocketError.AddressNotAvailable => new ConfigError(config.PlaceOf(port.Section, "address"), $"{port.Address} for {port.Use} is no address of this machine", "write 127.0.0.1 for this machine only, or 0.0.0.0 for all"),
            _ => new ConfigError(config.PlaceOf(port.Section, port.Key), $"port {port.Port} for {port.Use} can't be listened on ({why})", another),
        };
    }
}
