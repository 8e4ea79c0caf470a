using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StreamSync.LocalKafka.Registry.Http;
using StreamSync.LocalKafka.Registry.Store;

namespace StreamSync.LocalKafka.Registry;

/// <summary>
/// A schema registry for Avro on loopback that speaks the REST API of Confluent's (8.3), and keeps its schemas where and how that
/// one does: in the compacted <c>_schemas</c> topic of a Kafka cluster. Several may serve one cluster at once. It takes no
/// credentials and no other address: it is for one machine, or to be put behind what a group already trusts.
/// </summary>
public sealed class SchemaRegistryServer : IAsyncDisposable
{
    /// <summary>The largest request that is read, in bytes; brokers take messages of 1 MB by default.</summary>
    const long LargestRequest = 10 * 1024 * 1024;

    readonly KestrelServer _server;
    readonly SchemaStore _store;
    readonly Task _opening;
    readonly CancellationTokenSource _stopping;

    SchemaRegistryServer(KestrelServer server, SchemaStore store, Task opening, CancellationTokenSource stopping, int port)
    {
        _server = server;
        _store = store;
        _opening = opening;
        _stopping = stopping;
        Port = port;
    }

    /// <summary>The port it listens on, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where clients find it.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts a registry.</summary>
    /// <param name="options">Where it listens and keeps its schemas.</param>
    /// <param name="loggerFactory">Takes its log; none if null.</param>
    /// <param name="clock">Measures time-outs; the system's if null.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <returns>A registry that answers (see <see cref="SchemaRegistryOptions.WaitForStore"/> for what it has read by then).</returns>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="InvalidOperationException">The topic exists and is not fit to keep schemas in.</exception>
    /// <exception cref="Confluent.Kafka.KafkaException">The cluster cannot be reached or refuses.</exception>
    public static async Task<SchemaRegistryServer> StartAsync(
        SchemaRegistryOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        loggerFactory ??= NullLoggerFactory.Instance;
        var logger = loggerFactory.CreateLogger<SchemaRegistryServer>();
        var stopping = new CancellationTokenSource();
        var store = new SchemaStore(options, clock ?? TimeProvider.System, logger);
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = OpenAsync(store, listening.Task, logger, stopping.Token);
        var server = CreateServer(options.Port, loggerFactory);
        try
        {
            if (options.WaitForStore)
            {
                // Then the two need not wait for each other.
                listening.SetResult();
            }
            try
            {
                await server.StartAsync(new RegistryApplication(new RegistryRoutes(new SchemaRegistry(store)), opening, logger), cancellationToken);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException)
            {
                throw new IOException(
                    $"Port {options.Port} on 127.0.0.1, meant for the schema registry, is taken by another process. Stop that one, or choose another port (0 takes any free one).", e);
            }
            listening.TrySetResult();
            var address = server.Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            var registry = new SchemaRegistryServer(server, store, opening, stopping, new Uri(address).Port);
            if (options.WaitForStore)
            {
                await opening.WaitAsync(cancellationToken);
            }
            return registry;
        }
        catch
        {
            listening.TrySetCanceled(CancellationToken.None);
            await StopAsync(server, store, opening, stopping);
            throw;
        }
    }

    static async Task OpenAsync(SchemaStore store, Task listening, ILogger logger, CancellationToken stop)
    {
        try
        {
            await listening;
            await store.OpenAsync(stop);
        }
        catch (Exception problem) when (!stop.IsCancellationRequested)
        {
            logger.LogError("The schemas cannot be read: {Reason}", problem.Message);
            throw;
        }
    }

    static KestrelServer CreateServer(int port, ILoggerFactory loggerFactory)
    {
        // The bare server without a host around it: nothing else of one is needed, and it starts in a tenth of the time.
        var options = new KestrelServerOptions { AddServerHeader = false, AllowSynchronousIO = false };
        options.Limits.MaxRequestBodySize = LargestRequest;
        options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggerFactory);
        return new KestrelServer(Options.Create(options), transport, loggerFactory);
    }

    static async Task StopAsync(KestrelServer server, SchemaStore store, Task opening, CancellationTokenSource stopping)
    {
        await stopping.CancelAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5)))
        {
            await server.StopAsync(patience.Token);
        }
        server.Dispose();
        // Whatever became of it has been logged or told before.
        await opening.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await store.DisposeAsync();
        stopping.Dispose();
    }

    /// <summary>Stops answering and closes the store; requests under way get five seconds to end.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(_server, _store, _opening, _stopping);
}
