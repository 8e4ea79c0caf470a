using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Server;
using StreamSync.LocalKafka.Tests.Conformance;
using StreamSync.LocalKafka.Tests.Wire;
using Xunit.Abstractions;

namespace StreamSync.LocalKafka.Tests.Hostile;

/// <summary>Valid requests of every API and version, changed here and there: first to the parsers alone, then to a broker that serves others too.</summary>
public sealed partial class RequestFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>What a parser allocates besides what it counts: the request itself, a list's first places, an exception with its message and trace.</summary>
    const long ParserBytes = 32 * 1024;

    /// <summary>Size, API, version, correlation and the client's name.</summary>
    const int HeaderBytes = 4 + 2 + 2 + 4 + 2 + 3;

    static readonly TimeSpan ParserTime = TimeSpan.FromSeconds(10), SocketTime = TimeSpan.FromSeconds(8);
    static readonly int[] Extremes = [int.MinValue, -2, -1, 0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 1 << 20, int.MaxValue - 1, int.MaxValue];

    /// <summary>Requests that a broker may rightly carry out at great length: thousands of partitions, say.</summary>
    static readonly HashSet<ApiKey> Laborious = [ApiKey.CreateTopics, ApiKey.CreatePartitions];

    readonly string _folder = Directory.CreateTempSubdirectory("fuzz-").FullName;
    LocalKafkaBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await LocalKafkaBroker.StartAsync(new LocalKafkaOptions { DataDirectory = _folder });

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The bound by which the broker counts what a request costs, held against the types that requests are made of.</summary>
    [Fact]
    public void No_array_element_takes_more_memory_than_is_counted_for_it()
    {
        // A list that grows has held each place up to four times in all; a text has a header of 22 bytes besides its characters.
        const int PlaceBytes = 4 * 8, TextBytes = 24;
        var elements = typeof(IFields).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IFields)) && t.IsClass && t.IsNested
            && t.GetConstructor(Type.EmptyTypes) is not null);
        foreach (var element in elements)
        {
            // The first ones may pay for what the runtime sets up once.
            var bytes = Enumerable.Range(0, 10).Min(_ =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                GC.KeepAlive(Activator.CreateInstance(element));
                return GC.GetAllocatedBytesForCurrentThread() - before;
            });
            var texts = element.GetFields(BindingFlags.Public | BindingFlags.Instance).Count(f => f.FieldType == typeof(string) || f.FieldType == typeof(byte[]));
            Assert.True(bytes + PlaceBytes + texts * TextBytes <= WireReader.ElementBytes, $"{element}: {bytes} bytes and {texts} texts");
        }
    }

    [Fact]
    public void Parsers_refuse_or_read_and_take_no_more_memory_than_they_count()
    {
        var seeds = Seeds();
        var served = _broker.Apis.All.SelectMany(a => Enumerable.Range(a.Min, a.Max - a.Min + 1).Select(v => (a.Key, (short)v))).ToHashSet();
        Assert.Empty(served.Except(seeds.Select(s => (s.Key, s.Version))));

        var start = Stopwatch.GetTimestamp();
        int refused = 0, read = 0, round = 0;
        for (; Stopwatch.GetElapsedTime(start) < ParserTime; round++)
        {
            var random = new Random(round);
            foreach (var seed in seeds)
            {
                _ = Parse(seed, Mutate(random, seed.Frame)) ? read++ : refused++;
            }
        }

        output.WriteLine($"{round} rounds of {seeds.Count} requests: {read} read, {refused} refused");
        Assert.True(round > 0 && read > 0 && refused > 0);
    }

    [Fact]
    public async Task A_broker_that_is_sent_them_goes_on_serving_others()
    {
        await using var good = await GoodClient.StartAsync(_broker.BootstrapServers);
        var seeds = Seeds().Where(s => !Laborious.Contains(s.Key)).ToList();
        var start = Stopwatch.GetTimestamp();
        var sent = 0;
        for (var round = 0; Stopwatch.GetElapsedTime(start) < SocketTime; round++)
        {
            var random = new Random(round);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _broker.Port));
            for (var i = 0; i < 10; i++)
            {
                var frame = Mutate(random, seeds[random.Next(seeds.Count)].Frame);
                BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
                try
                {
                    await socket.SendAsync(frame);
                    sent++;
                }
                catch (SocketException)
                {
                    // The broker has closed the connection upon the one before.
                    break;
                }
            }
        }

        await good.GoOnAsync();
        output.WriteLine($"{sent} changed requests; slowest round of the good client {good.Slowest().TotalMilliseconds:N0} ms");
        Assert.True(sent > 100);
    }

    /// <summary>Every request of the transcripts, in each of its versions.</summary>
    static List<Seed> Seeds() =>
    [
        .. Transcript.All.SelectMany(t => t.Steps).Select(s => Transcript.Request(s.Text)).OfType<TranscriptRequest>().Distinct()
            .SelectMany(r => Enumerable.Range(r.From, r.To - r.From + 1).Select(v => new Seed(
                (ApiKey)ApiDefinition.All[r.Api].Key,
                (short)v,
                JsonClient.Encode(ApiDefinition.All[r.Api], v, 1, JsonNode.Parse(Fill(r.Body))!.AsObject())))),
    ];

    /// <summary>Names and ids in place of those that a run of the transcript would put in.</summary>
    static string Fill(string body) => Name().Replace(
        Number().Replace(body, "$1 7"), m => m.Value.EndsWith(".id", StringComparison.Ordinal) ? Guid.Empty.ToString() : m.Value[1..]);

    bool Parse(Seed seed, byte[] frame)
    {
        var (isRead, allocated, counted) = Measure(seed, frame);
        if (allocated > counted + ParserBytes)
        {
            // The first exception on a way through the parser loads what its trace needs; the same bytes again show what the parser takes.
            (isRead, allocated, counted) = Measure(seed, frame);
        }

        Assert.True(
            allocated <= counted + ParserBytes,
            $"{seed.Key} {seed.Version}: {allocated} bytes allocated, {counted} counted, for {Convert.ToHexString(frame)}");
        return isRead;
    }

    (bool IsRead, long Allocated, long Counted) Measure(Seed seed, byte[] frame)
    {
        Assert.True(_broker.Apis.TryGet(seed.Key, out var api));
        var flexible = seed.Key.IsFlexible(seed.Version);
        var reader = new WireReader(frame.AsMemory(Math.Min(frame.Length, HeaderBytes)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isRead = false;
        try
        {
            reader.Layout(seed.Version, flexible);
            reader.SkipTags();
            api!.Read(reader);
            isRead = true;
        }
        catch (ProtocolException)
        {
            // Refused, which is right for most.
        }

        return (isRead, GC.GetAllocatedBytesForCurrentThread() - before, reader.Cost);
    }

    static byte[] Mutate(Random random, byte[] frame)
    {
        var bytes = (byte[])frame.Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = bytes.Length > HeaderBytes ? random.Next(HeaderBytes, bytes.Length) : random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when at + 4 <= bytes.Length:
                    BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), Extremes[random.Next(Extremes.Length)]);
                    break;
                case 3 when at + 2 <= bytes.Length:
                    BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(at), (short)Extremes[random.Next(Extremes.Length)]);
                    break;
                case 4:
                    // A varint that goes on: a length, a count or a tag of up to 2^35.
                    bytes = [.. bytes[..at], .. Enumerable.Repeat((byte)0xff, random.Next(1, 5)), (byte)random.Next(128), .. bytes[at..]];
                    break;
                default:
                    bytes = random.Next(2) == 0 ? bytes[..Math.Max(HeaderBytes, at)] : [.. bytes[..at], .. bytes[Math.Min(at, frame.Length)..], .. bytes[at..]];
                    break;
            }
        }

        return bytes;
    }

    /// <param name="Key">API.</param>
    /// <param name="Version">Version.</param>
    /// <param name="Frame">A whole valid request with its size.</param>
    sealed record Seed(ApiKey Key, short Version, byte[] Frame);

    [GeneratedRegex(@"\$\w+(?:\.id)?")]
    private static partial Regex Name();

    /// <summary>Fields that hold a number and are given by name.</summary>
    [GeneratedRegex(@"(""(?:\w*[pP]roducerId)"":|""producerIdFilters"":\[)""\$\w+""")]
    private static partial Regex Number();
}
