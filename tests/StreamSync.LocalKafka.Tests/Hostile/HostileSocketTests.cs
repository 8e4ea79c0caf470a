using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;
using StreamSync.LocalKafka.Server;
using StreamSync.LocalKafka.Tests.Wire;
using Xunit.Abstractions;

namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>Memory is that of the whole process, so these run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// Whatever comes in at the socket: the broker does not fall, its memory stays within bounds that follow from its limits, and a client that
/// behaves goes on working all the while.
/// </summary>
[Collection(nameof(Alone))]
public sealed class HostileSocketTests(ITestOutputHelper output) : BesideGoodClient
{
    /// <summary>Room for what the collector has not taken back yet, and for the test's own doing.</summary>
    const long Slack = 64L << 20;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public Task Random_bytes() => AttackAsync(extra: 0, async _ =>
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            using var socket = await ConnectAsync();
            var bytes = new byte[random.Next(1, 5000)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
            {
                // A size that the broker takes, so that it looks at the rest.
                BinaryPrimitives.WriteInt32BigEndian(bytes, Math.Max(0, bytes.Length - 4));
            }

            await SendAsync(socket, bytes);
        }
    });

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(Connection.MaxRequestBytes + 1)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public Task A_request_of_an_impossible_size_closes_the_connection(int size) => AttackAsync(extra: 0, async _ =>
    {
        using var socket = await ConnectAsync();
        var bytes = new byte[100];
        BinaryPrimitives.WriteInt32BigEndian(bytes, size);
        await SendAsync(socket, bytes);
        await ExpectClosedAsync(socket);
    });

    [Fact]
    public Task Frames_that_end_early() => AttackAsync(extra: 0, async _ =>
    {
        var whole = JsonClient.Encode(ApiDefinition.All["Metadata"], 12, 1, []);
        for (var length = 1; length < whole.Length; length++)
        {
            using var socket = await ConnectAsync();
            await SendAsync(socket, whole.AsMemory(0, length));
            socket.Shutdown(SocketShutdown.Send);
            await ExpectClosedAsync(socket);
        }
    });

    [Fact]
    public Task Sizes_that_are_announced_and_never_sent_take_no_memory() => AttackAsync(extra: 0, async hold =>
    {
        for (var i = 0; i < 1000; i++)
        {
            var socket = await ConnectAsync();
            var head = new byte[64];
            BinaryPrimitives.WriteInt32BigEndian(head, Connection.MaxRequestBytes);
            await SendAsync(socket, head);
            hold.Add(socket);
        }
    });

    [Fact]
    public Task Large_requests_that_stop_before_their_end_share_what_there_is() => AttackAsync(
        extra: Listener.MemoryBytes + 10 * Listener.BufferBytes, async hold =>
    {
        var piece = new byte[1 << 20];
        for (var i = 0; i < 10; i++)
        {
            var socket = await ConnectAsync();
            hold.Add(socket);
            var head = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(head, Connection.MaxRequestBytes);
            await SendAsync(socket, head);
            using var enough = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                for (var sent = 0; sent < 90; sent++)
                {
                    await socket.SendAsync(piece, enough.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The broker has no memory left for it and stops reading.
            }
        }
    });

    [Fact]
    public Task Requests_with_huge_arrays() => AttackAsync(extra: 0, async _ =>
    {
        foreach (var count in new[] { int.MaxValue, 1 << 30, 50_000_000, WireReader.MaxElements + 1 })
        {
            // Metadata of version 1 asks for an array of names, each of two bytes at least.
            using var socket = await ConnectAsync();
            var head = new byte[4 + 8 + 2 + 4];
            BinaryPrimitives.WriteInt32BigEndian(head, head.Length - 4 + 2_000_000);
            BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(4), (short)ApiKey.Metadata);
            BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(6), 1);
            BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(12), -1);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(14), count);
            await SendAsync(socket, head);
            await SendAsync(socket, new byte[2_000_000]);
            await ExpectClosedAsync(socket);
        }
    });

    [Fact]
    public Task Waiting_requests_with_as_many_elements_as_are_allowed_share_what_there_is() => AttackAsync(
        extra: Listener.MemoryBytes + Listener.SmallMemoryBytes + 40 * Listener.BufferBytes, async hold =>
    {
        var request = new FetchRequest
        {
            MaxWaitMs = 600_000,
            MinBytes = int.MaxValue,
            Topics = [new() { Name = "good", Partitions = [.. Enumerable.Range(0, WireReader.MaxElements - 10).Select(_ => new FetchRequest.Partition { FetchOffset = 0, MaxBytes = 1 })] }],
        };
        byte[] frame;
        await using (var encoder = await RawClient.ConnectAsync(Broker.BootstrapServers))
        {
            frame = encoder.Encode(ApiKey.Fetch, 4, request);
        }

        var sending = new List<Task>();
        for (var i = 0; i < 40; i++)
        {
            var socket = await ConnectAsync();
            hold.Add(socket);
            sending.Add(SendAsync(socket, frame));
        }

        // The first have taken all there is, the others wait in line.
        await Task.WhenAny(Task.WhenAll(sending), Task.Delay(TimeSpan.FromSeconds(3)));
    });

    /// <summary>Pooled buffers are as large as the next power of two: up to twice what is counted, but hardly more for one batch.</summary>
    [Theory]
    [InlineData(50, int.MaxValue, 2)]
    // One batch is the least that a reader can be given: so many together would take more than there is.
    [InlineData(600, 1, 1)]
    public Task Readers_that_never_read(int readers, int maxBytes, int rounding) => AttackAsync(
        extra: rounding * (Listener.MemoryBytes + Listener.SmallMemoryBytes) + readers * (long)Listener.BufferBytes, async hold =>
    {
        await using var client = await RawClient.ConnectAsync(Broker.BootstrapServers);
        await GoodClient.CreateTopicAsync(client, "large");
        for (var i = 0; i < 60; i++)
        {
            await client.SendAsync<ProduceResponse>(ApiKey.Produce, 9, new ProduceRequest
            {
                Acks = -1,
                Topics = [new() { Name = "large", Partitions = [new() { Records = new TestBatch { Values = [new string('x', 1_000_000)] }.ToBytes() }] }],
            });
        }

        var request = new FetchRequest
        {
            MinBytes = 1,
            MaxWaitMs = 500,
            Topics = [new() { Name = "large", Partitions = [new() { MaxBytes = maxBytes }] }],
        };
        var bytes = client.Encode(ApiKey.Fetch, 12, request);
        for (var i = 0; i < readers; i++)
        {
            var socket = await ConnectAsync();
            socket.ReceiveBufferSize = 4096;
            hold.Add(socket);
            for (var asked = 0; asked < 20; asked++)
            {
                await SendAsync(socket, bytes);
            }
        }

        // Who does read gets a large batch all the same, as soon as one of those has lost its connection.
        var start = Stopwatch.GetTimestamp();
        while ((await client.SendAsync<FetchResponse>(ApiKey.Fetch, 12, request)).Topics[0].Partitions[0].Records is null or { Length: 0 })
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, "one who reads is held up by those who do not");
        }
    });

    /// <summary>The clients are another process, as both ends together are more than one process may hold open here.</summary>
    [Fact]
    public async Task Ten_thousand_idle_connections()
    {
        const int Count = 10_000;
        var start = new ProcessStartInfo("bash", ["-c", $"for ((i = 0; i < {Count}; i++)); do exec {{fd}}<>/dev/tcp/127.0.0.1/{Broker.Port} || exit 1; done; echo open; cat > /dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        await AttackAsync(extra: Count * 16L * 1024, async hold =>
        {
            var crowd = Process.Start(start)!;
            hold.Add(new Ending(crowd));
            Assert.Equal("open", await crowd.StandardOutput.ReadLineAsync().WaitAsync(Patience));

            // A new client is served among them.
            await using var late = await RawClient.ConnectAsync(Broker.BootstrapServers);
            var versions = await late.SendAsync<ApiVersionsResponse>(ApiKey.ApiVersions, 0, new ApiVersionsRequest());
            Assert.Equal(ErrorCode.None, versions.Error);
        });
    }

    [Fact]
    public async Task More_connections_than_the_process_has_files_for_cost_the_idlest()
    {
        const int Limit = 20;
        await RestartAsync(maxConnections: Limit);
        await AttackAsync(extra: 0, async hold =>
        {
            var crowd = new List<Socket>();
            for (var i = 0; i < 3 * Limit; i++)
            {
                crowd.Add(await ConnectAsync());
                hold.Add(crowd[^1]);
            }

            // The first were idle longest; the last ones and whoever works are left alone.
            await ExpectClosedAsync(crowd[0]);
            await using var late = await RawClient.ConnectAsync(Broker.BootstrapServers);
            Assert.Equal(ErrorCode.None, (await late.SendAsync<ApiVersionsResponse>(ApiKey.ApiVersions, 0, new ApiVersionsRequest())).Error);
        });
    }

    /// <summary>Runs an attack, and holds the broker to its promises while the attacker's connections are still open.</summary>
    /// <param name="extra">Bytes that the attack may make the broker hold by its own limits.</param>
    /// <param name="attack">What it does; connections that are to stay open go into the list.</param>
    async Task AttackAsync(long extra, Func<List<IDisposable>, Task> attack)
    {
        var hold = new List<IDisposable>();
        Good.Slowest();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        try
        {
            await attack(hold);
            await Good.GoOnAsync();
            var slowest = Good.Slowest();
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
            output.WriteLine($"live memory grew by {grown >> 10:N0} KiB of {extra + Slack >> 10:N0}; slowest round of the good client {slowest.TotalMilliseconds:N0} ms");
            Assert.True(grown < extra + Slack, $"{grown} bytes more are alive, {extra + Slack} are allowed");
            Assert.True(slowest < LongestRound, $"a round of the good client took {slowest}");
        }
        finally
        {
            hold.ForEach(h => h.Dispose());
        }

        await Good.GoOnAsync();
    }

    async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Broker.Port));
        return socket;
    }

    static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket.SendAsync(bytes)..];
            }
        }
        catch (SocketException)
        {
            // The broker has seen enough and closed the connection.
        }
    }

    static async Task ExpectClosedAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }
    }

    sealed class Ending(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.StandardInput.Close();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
