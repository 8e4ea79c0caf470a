using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace StreamSync.LocalKafka.Server;

/// <summary>
/// Accepts connections on a loopback address and serves each. It uses Kestrel's socket transport without the web host around it,
/// which would cost more time at the start than all the rest of the broker.
/// </summary>
sealed class Listener : IAsyncDisposable
{
    /// <summary>Bytes that large requests and responses of all connections may hold together.</summary>
    const long MemoryBytes = 256L * 1024 * 1024;

    readonly IConnectionListener _listener;
    readonly ApiTable _apis;
    readonly MemoryBudget _budget;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stopping = new();
    readonly HashSet<Task> _open = [];
    Task _accepting = Task.CompletedTask;

    Listener(IConnectionListener listener, ApiTable apis, MemoryBudget budget, TimeProvider clock, ILogger logger)
    {
        _listener = listener;
        _apis = apis;
        _budget = budget;
        _clock = clock;
        _logger = logger;
    }

    public static MemoryBudget NewBudget() => new(MemoryBytes);

    public int Port => ((IPEndPoint)_listener.EndPoint).Port;

    /// <summary>The address as clients write it.</summary>
    public string Host => ((IPEndPoint)_listener.EndPoint).Address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } v6 ? $"[{v6}]" : ((IPEndPoint)_listener.EndPoint).Address.ToString();

    /// <summary>Binds the address. Connections wait in the backlog until <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Listener> BindAsync(
        IPAddress address,
        int port,
        ApiTable apis,
        MemoryBudget budget,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancel)
    {
        if (!IPAddress.IsLoopback(address))
        {
            throw new ArgumentException(
                $"The embedded broker serves this machine only and refuses the address {address}: it has no authentication and no "
                + "encryption. Use 127.0.0.1, or run Apache Kafka for clients on other machines.", nameof(address));
        }

        var factory = new SocketTransportFactory(Options.Create(new SocketTransportOptions { Backlog = 1024 }), loggers);
        try
        {
            var listener = await factory.BindAsync(new IPEndPoint(address, port), cancel);
            return new Listener(listener, apis, budget, clock, loggers.CreateLogger("StreamSync.LocalKafka"));
        }
        catch (AddressInUseException e)
        {
            throw new IOException(
                $"Port {port} on {address} is taken by another process. Stop that one, or choose another port (0 takes any free one).", e);
        }
    }

    /// <summary>Serves on the thread pool, whatever synchronisation context the caller has.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    public async ValueTask DisposeAsync()
    {
        await _listener.UnbindAsync();
        await _stopping.CancelAsync();
        await _accepting;
        Task[] open;
        lock (_open)
        {
            open = [.. _open];
        }

        await Task.WhenAll(open);
        await _listener.DisposeAsync();
        _stopping.Dispose();
    }

    async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } transport)
        {
            var serving = ServeAsync(transport);
            lock (_open)
            {
                _open.Add(serving);
            }

            _ = serving.ContinueWith(
                done =>
                {
                    lock (_open)
                    {
                        _open.Remove(done);
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    async Task ServeAsync(ConnectionContext transport)
    {
        await Task.Yield();
        await using (transport)
        {
            await new Connection(transport, _apis, _budget, _clock, _logger).RunAsync(_stopping.Token);
        }
    }
}
