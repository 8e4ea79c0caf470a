using StreamSync.LocalKafka.Admin;
using StreamSync.LocalKafka.Log;
using StreamSync.LocalKafka.Protocol;
using StreamSync.LocalKafka.Protocol.Messages;

namespace StreamSync.LocalKafka.Server;

/// <summary>
/// Gives records to consumers; waits for them up to the time that the client allows, and answers the moment enough is there. Every answer
/// is a whole one: there are no fetch sessions (KIP-227 lets a broker refuse them by answering session 0).
/// </summary>
sealed class FetchHandler(TopicCatalog catalog, FrameMemory memory, TimeProvider clock)
{
    /// <summary>Most bytes of records in one answer, but for a single larger batch (<c>fetch.max.bytes</c>).</summary>
    public const int MaxResponseBytes = 55 * 1024 * 1024;

    /// <summary>Least that a reader takes of the memory. A first batch of up to this size comes from the small share if need be.</summary>
    const int LeastGrant = 64 * 1024;

    /// <summary>How long a reader waits for memory at least, however little it wants to wait for records.</summary>
    static readonly TimeSpan MemoryPatience = TimeSpan.FromSeconds(1);

    public void Register(ApiTable apis) => apis.AddAsync<FetchRequest>(ApiKey.Fetch, 4, 18, FetchAsync);

    async ValueTask<IFields?> FetchAsync(RequestContext context, FetchRequest request)
    {
        if (request.SessionEpoch is not (0 or -1))
        {
            return new FetchResponse { Error = ErrorCode.FetchSessionIdNotFound };
        }

        if (request.IsolationLevel is not (0 or 1))
        {
            return Refuse(request);
        }

        var wanted = Resolve(context, request);
        if (request.MaxWaitMs > 0 && !IsReady(wanted, request))
        {
            await WaitAsync(wanted, request, context.Gone);
        }

        return await ReadAsync(context, wanted, request);
    }

    static FetchResponse Refuse(FetchRequest request) => new()
    {
        Error = ErrorCode.UnknownServerError,
        Topics = request.Topics.ConvertAll(t => new FetchResponse.Topic
        {
            Name = t.Name,
            TopicId = t.TopicId,
            Partitions = t.Partitions.ConvertAll(p => new FetchResponse.Partition { Index = p.Index, Error = ErrorCode.UnknownServerError, Aborted = [] }),
        }),
    };

    List<Wanted> Resolve(RequestContext context, FetchRequest request)
    {
        var wanted = new List<Wanted>();
        foreach (var asked in request.Topics)
        {
            Topic? topic;
            var byId = context.Version >= 13;
            var known = byId ? catalog.TryGet(asked.TopicId, out topic) : catalog.TryGet(asked.Name, out topic);
            var unknown = !known && byId ? ErrorCode.UnknownTopicId : ErrorCode.UnknownTopicOrPartition;
            foreach (var partition in asked.Partitions)
            {
                var log = known ? topic!.Partition(partition.Index) : null;
                wanted.Add(new Wanted(asked, partition, log, log is null ? unknown : Check(log, partition, request)));
            }
        }

        return Once(wanted);
    }

    /// <summary>Of a partition that is named twice the last mention counts, as in Apache Kafka.</summary>
    static List<Wanted> Once(List<Wanted> wanted)
    {
        if (wanted.Count < 2)
        {
            return wanted;
        }

        var places = new Dictionary<(string, Guid, int), int>(wanted.Count);
        var once = new List<Wanted>(wanted.Count);
        foreach (var w in wanted)
        {
            if (places.TryAdd((w.Topic.Name, w.Topic.TopicId, w.Asked.Index), once.Count))
            {
                once.Add(w);
            }
            else
            {
                once[places[(w.Topic.Name, w.Topic.TopicId, w.Asked.Index)]] = w;
            }
        }

        return once;
    }

    static ErrorCode Check(PartitionLog log, FetchRequest.Partition asked, FetchRequest request) =>
        asked.CurrentLeaderEpoch > PartitionLog.LeaderEpoch ? ErrorCode.UnknownLeaderEpoch
        : request.ReplicaId >= 0 ? ErrorCode.NotLeaderOrFollower
        : asked.LastFetchedEpoch > PartitionLog.LeaderEpoch ? ErrorCode.OffsetOutOfRange
        : IsAhead(log, asked) ? ErrorCode.None
        : asked.FetchOffset < log.LogStartOffset || asked.FetchOffset > log.LogEndOffset ? ErrorCode.OffsetOutOfRange
        : asked.FetchOffset < log.LogEndOffset && (asked.MaxBytes < 0 || request.MaxBytes < 0) ? ErrorCode.UnknownServerError
        : ErrorCode.None;

    /// <summary>Whether a reader that told the epoch of its last record has read further than this log ever went.</summary>
    static bool IsAhead(PartitionLog log, FetchRequest.Partition asked) =>
        asked.LastFetchedEpoch == PartitionLog.LeaderEpoch && asked.FetchOffset > log.LogEndOffset;

    static bool IsReady(List<Wanted> wanted, FetchRequest request)
    {
        if (wanted.Count == 0)
        {
            return true;
        }

        var bytes = 0L;
        foreach (var (_, asked, log, error) in wanted)
        {
            if (error != ErrorCode.None || asked.FetchOffset < log!.LogStartOffset || asked.FetchOffset > log.LogEndOffset)
            {
                return true;
            }

            bytes += Math.Min(log.AvailableBytes(asked.FetchOffset, request.ReadCommitted), asked.MaxBytes);
        }

        return bytes >= request.MinBytes;
    }

    async Task WaitAsync(List<Wanted> wanted, FetchRequest request, CancellationToken gone)
    {
        var signal = new Signal();
        var registrations = wanted.ConvertAll(w => w.Log!.OnAppend(signal.Set));
        var start = clock.GetTimestamp();
        var longest = TimeSpan.FromMilliseconds(request.MaxWaitMs);
        try
        {
            while (true)
            {
                var appended = signal.Next();
                var left = longest - clock.GetElapsedTime(start);
                if (IsReady(wanted, request) || left <= TimeSpan.Zero)
                {
                    return;
                }

                await appended.WaitAsync(left, clock, gone);
            }
        }
        catch (TimeoutException)
        {
            // The client's time is up: it gets what there is.
        }
        finally
        {
            registrations.ForEach(r => r.Dispose());
        }
    }

    async ValueTask<FetchResponse> ReadAsync(RequestContext context, List<Wanted> wanted, FetchRequest request)
    {
        var left = Math.Min(request.MaxBytes, MaxResponseBytes);
        var any = false;
        var response = new FetchResponse();
        FetchResponse.Topic? topic = null;
        FetchRequest.Topic? last = null;
        foreach (var w in wanted)
        {
            if (topic is null || (last != w.Topic && (topic.Name, topic.TopicId) != (w.Topic.Name, w.Topic.TopicId)))
            {
                topic = new FetchResponse.Topic { Name = w.Topic.Name, TopicId = w.Topic.TopicId };
                response.Topics.Add(topic);
                last = w.Topic;
            }

            var answer = new FetchResponse.Partition { Index = w.Asked.Index, Error = w.Error, Aborted = w.Log is null ? [] : null };
            topic.Partitions.Add(answer);
            if (w.Error == ErrorCode.None && IsAhead(w.Log!, w.Asked))
            {
                answer.HighWatermark = w.Log!.HighWatermark;
                answer.LastStableOffset = w.Log.LastStableOffset;
                answer.LogStartOffset = w.Log.LogStartOffset;
                answer.Diverging = new FetchResponse.EndOfEpoch { Epoch = PartitionLog.LeaderEpoch, EndOffset = w.Log.LogEndOffset };
            }
            else if (w.Error == ErrorCode.None)
            {
                var bytes = await ReadPartitionAsync(context, w, request, answer, Math.Min(left, w.Asked.MaxBytes), minOneBatch: !any);
                left -= bytes;
                any |= bytes > 0;
            }
        }

        return response;
    }

    async ValueTask<int> ReadPartitionAsync(
        RequestContext context, Wanted w, FetchRequest request, FetchResponse.Partition answer, int most, bool minOneBatch)
    {
        var log = w.Log!;
        answer.Aborted = request.ReadCommitted ? [] : null;
        if (most <= 0 && !minOneBatch)
        {
            (answer.HighWatermark, answer.LastStableOffset, answer.LogStartOffset) = (log.HighWatermark, log.LastStableOffset, log.LogStartOffset);
            return 0;
        }

        var grant = new Grant(context, memory.Large, memory.Large.TakeUpTo(Math.Min(most, Math.Max(LeastGrant, memory.Large.Left / 8))));
        ReadResult read;
        try
        {
            read = log.Read(w.Asked.FetchOffset, (int)grant.Bytes, request.ReadCommitted, minOneBatch: false);
            if (read.TooLarge > 0 && minOneBatch)
            {
                // It has to be given whole, or the reader would never get past it.
                grant.Keep(0);
                grant = await WaitForMemoryAsync(context, read.TooLarge, request);
                read = grant.Bytes > 0 ? log.Read(w.Asked.FetchOffset, (int)grant.Bytes, request.ReadCommitted, minOneBatch: true) : read;
            }
        }
        catch (ObjectDisposedException)
        {
            answer.Error = ErrorCode.UnknownTopicOrPartition;
            return 0;
        }

        context.Keep(read);
        grant.Keep(read.Records.Length);
        answer.Error = read.Error;
        answer.HighWatermark = read.HighWatermark;
        answer.LastStableOffset = read.LastStableOffset;
        answer.LogStartOffset = read.LogStartOffset;
        if (read.Error != ErrorCode.None)
        {
            return 0;
        }

        foreach (var (producer, first) in read.Aborted ?? [])
        {
            answer.Aborted?.Add(new() { ProducerId = producer, FirstOffset = first });
        }

        answer.Records = read.Records;
        return read.Records.Length;
    }

    sealed record Wanted(FetchRequest.Topic Topic, FetchRequest.Partition Asked, PartitionLog? Log, ErrorCode Error);

    /// <summary>Waits for the memory of one batch.</summary>
    /// <returns>A part of no bytes if there is none in time: the reader gets no records now and asks again.</returns>
    async ValueTask<Grant> WaitForMemoryAsync(RequestContext context, int bytes, FetchRequest request)
    {
        var budget = bytes <= LeastGrant ? memory.Small : memory.Large;
        var longest = TimeSpan.FromMilliseconds(Math.Max(request.MaxWaitMs, MemoryPatience.TotalMilliseconds));
        using var patience = new CancellationTokenSource(longest < Frame.Patience ? longest : Frame.Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.Gone, patience.Token);
        try
        {
            await budget.TakeAsync(bytes, either.Token);
            return new Grant(context, budget, bytes);
        }
        catch (OperationCanceledException) when (!context.Gone.IsCancellationRequested)
        {
            return new Grant(context, budget, 0);
        }
    }

    /// <summary>A part of a budget, held until the answer is sent.</summary>
    sealed class Grant : IDisposable
    {
        readonly MemoryBudget _budget;

        public Grant(RequestContext context, MemoryBudget budget, long bytes)
        {
            (_budget, Bytes) = (budget, bytes);
            context.Keep(this);
        }

        public long Bytes { get; private set; }

        public void Keep(long used)
        {
            var surplus = Math.Max(0, Bytes - used);
            _budget.Return(surplus);
            Bytes -= surplus;
        }

        public void Dispose() => Keep(0);
    }

    /// <summary>Something that may happen again and again, and someone who waits for the next time.</summary>
    sealed class Signal
    {
        TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Set() => Volatile.Read(ref _next).TrySetResult();

        /// <summary>A task that ends at the next <see cref="Set"/>. Look at the state after taking it, not before.</summary>
        public Task Next()
        {
            if (_next.Task.IsCompleted)
            {
                Volatile.Write(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            return _next.Task;
        }
    }
}
