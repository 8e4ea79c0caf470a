using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using StreamSync.LocalKafka.Protocol;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>A connection that speaks the protocol frame by frame, for what no client library lets one send. One request at a time.</summary>
sealed class RawClient : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    readonly Socket _socket;
    readonly string _clientId;
    int _correlation;

    RawClient(Socket socket, string clientId)
    {
        _socket = socket;
        _clientId = clientId;
    }

    public static async Task<RawClient> ConnectAsync(string bootstrap, string clientId = "raw")
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPEndPoint.Parse(bootstrap));
        return new RawClient(socket, clientId);
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<TResponse> SendAsync<TResponse>(ApiKey key, short version, IFields request)
        where TResponse : class, IFields, new()
    {
        await WriteAsync(Encode(key, version, request));
        return Decode<TResponse>(key, version, await ReadFrameAsync() ?? throw new EndOfStreamException($"no answer to {key} {version}"));
    }

    /// <summary>Sends a request for which no answer comes.</summary>
    public Task SendOnlyAsync(ApiKey key, short version, IFields request) => WriteAsync(Encode(key, version, request));

    /// <summary>The whole frame of a request.</summary>
    public byte[] Encode(ApiKey key, short version, IFields request)
    {
        using var writer = new WireWriter();
        var (size, number, correlation, client) = (0, (short)key, ++_correlation, (string?)_clientId);
        writer.Int32(ref size);
        writer.Int16(ref number);
        writer.Int16(ref version);
        writer.Int32(ref correlation);
        writer.NullableString(ref client);
        writer.Layout(version, key.IsFlexible(version));
        writer.NoTags();
        writer.Struct(request);
        writer.Patch(0, (int)(writer.Length - 4));
        return writer.ToArray();
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Reads one frame without its length; null when the broker has closed the connection.</summary>
    public async Task<byte[]?> ReadFrameAsync()
    {
        var head = new byte[4];
        if (!await FillAsync(head))
        {
            return null;
        }

        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
        return await FillAsync(frame) ? frame : null;
    }

    /// <summary>Whether the broker closes the connection, as it does upon what is no valid request.</summary>
    public async Task<bool> IsClosedByBrokerAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            return await _socket.ReceiveAsync(new byte[1], patience.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }

    TResponse Decode<TResponse>(ApiKey key, short version, byte[] frame)
        where TResponse : class, IFields, new()
    {
        var reader = new WireReader(frame);
        reader.Layout(0, flexible: false);
        var correlation = 0;
        reader.Int32(ref correlation);
        Assert.Equal(_correlation, correlation);
        reader.Layout(version, key.IsFlexible(version));
        if (key != ApiKey.ApiVersions)
        {
            reader.SkipTags();
        }

        return reader.Body<TResponse>();
    }

    async Task<bool> FillAsync(Memory<byte> buffer)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (buffer.Length > 0)
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(buffer, patience.Token);
            }
            catch (SocketException)
            {
                return false;
            }

            if (read == 0)
            {
                return false;
            }

            buffer = buffer[read..];
        }

        return true;
    }
}
