using System.Globalization;
using System.Net;
using System.Net.Sockets;
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
    /// <summary>Bytes that large requests and responses of all connections may hold together, and small ones beside them.</summary>
    public const long MemoryBytes = 256L * 1024 * 1024, SmallMemoryBytes = 64L * 1024 * 1024;

    /// <summary>Bytes that one connection's sockets may buffer in either direction, besides what is counted.</summary>
    public const int BufferBytes = 128 * 1024;

    static readonly TimeSpan SayInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Connections served at a time: three quarters of the files that the process may open, as the log needs the rest. For one more the
    /// one that has been idle longest is closed.
    /// </summary>
    readonly int _maxConnections;

    readonly IConnectionListener _listener;
    readonly ApiTable _apis;
    readonly FrameMemory _memory;
    readonly TimeProvider _clock;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stopping = new();
    readonly Dictionary<Connection, Task> _open = [];
    Task _accepting = Task.CompletedTask;

    // Only the accepting loop touches these.
    int _closedForRoom;
    long _lastSaid;

    Listener(IConnectionListener listener, ApiTable apis, FrameMemory memory, int maxConnections, TimeProvider clock, ILogger logger)
    {
        _maxConnections = maxConnections;
        _listener = listener;
        _apis = apis;
        _memory = memory;
        _clock = clock;
        _logger = logger;
    }

    public static FrameMemory NewMemory() => new(new MemoryBudget(SmallMemoryBytes), new MemoryBudget(MemoryBytes));

    public int Port => ((IPEndPoint)_listener.EndPoint).Port;

    /// <summary>The address as clients write it.</summary>
    public string Host => ((IPEndPoint)_listener.EndPoint).Address is { AddressFamily: AddressFamily.InterNetworkV6 } v6 ? $"[{v6}]" : ((IPEndPoint)_listener.EndPoint).Address.ToString();

    /// <summary>Binds the address. Connections wait in the backlog until <see cref="Start"/>.</summary>
    /// <exception cref="ArgumentException">The address is not a loopback address.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Listener> BindAsync(
        IPAddress address,
        int port,
        ApiTable apis,
        FrameMemory memory,
        int? maxConnections,
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

        var factory = new SocketTransportFactory(Options.Create(new SocketTransportOptions
        {
            Backlog = 1024,
            MaxReadBufferSize = BufferBytes,
            MaxWriteBufferSize = BufferBytes,
        }), loggers);
        try
        {
            var listener = await factory.BindAsync(new IPEndPoint(address, port), cancel);
            return new Listener(listener, apis, memory, maxConnections ?? (int)(OpenFiles() * 3 / 4), clock, loggers.CreateLogger("StreamSync.LocalKafka"));
        }
        catch (AddressInUseException e)
        {
            throw new IOException(
                $"Port {port} on {address} is taken by another process. Stop that one, or choose another port (0 takes any free one).", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"Port {port} on {address} cannot be served: {e.Message}. Choose another port (0 takes any free one).", e);
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
            open = [.. _open.Values];
        }

        await Task.WhenAll(open);
        await _listener.DisposeAsync();
        _stopping.Dispose();
    }

    async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } transport)
        {
            MakeRoom();
            var connection = new Connection(transport, _apis, _memory, _clock, _logger);
            lock (_open)
            {
                _open.Add(connection, ServeAsync(transport, connection));
            }
        }
    }

    void MakeRoom()
    {
        Connection? idlest;
        lock (_open)
        {
            if (_open.Count < _maxConnections)
            {
                return;
            }

            // Those first who have never asked for anything.
            idlest = _open.Keys.MinBy(c => (c.HasAsked, c.IdleSince));
        }

        idlest?.Abort("more connections than the process may open files for");
        SayRoomWasMade();
    }

    /// <summary>Under a flood of connections a line for each would be one more harm: it is told once, and then how many in each minute.</summary>
    void SayRoomWasMade()
    {
        _closedForRoom++;
        var now = _clock.GetTimestamp();
        if (_lastSaid != 0 && _clock.GetElapsedTime(_lastSaid, now) < SayInterval)
        {
            return;
        }

        _logger.LogWarning(
            "{Count} connections are open, the most that the {Files} files allow which this process may open: for each new one the one that has been idle longest is closed, {Closed} since this was last said. Raise the limit (ulimit -n) if clients need more",
            _maxConnections, OpenFiles(), _closedForRoom);
        (_closedForRoom, _lastSaid) = (0, now);
    }

    /// <summary>How many files, sockets among them, this process may open.</summary>
    static long OpenFiles()
    {
        const string Limits = "/proc/self/limits", Name = "Max open files";
        const long Usual = 65_536;
        try
        {
            // The soft limit, which the runtime has raised to the hard one at its start.
            return File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..] && long.TryParse(soft, CultureInfo.InvariantCulture, out var files)
                ? files
                : Usual;
        }
        catch (IOException)
        {
            return Usual;
        }
    }

    async Task ServeAsync(ConnectionContext transport, Connection connection)
    {
        await Task.Yield();
        try
        {
            await using (transport)
            {
                await connection.RunAsync(_stopping.Token);
            }
        }
        finally
        {
            lock (_open)
            {
                _open.Remove(connection);
            }
        }
    }
}
