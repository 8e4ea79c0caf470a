namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class FetchRequest : IFields
{
    public int ReplicaId = -1;
    public int MaxWaitMs;
    public int MinBytes;
    public int MaxBytes = int.MaxValue;
    public int SessionId;
    public int SessionEpoch = -1;
    public List<Topic> Topics = [];
    public List<Forgotten> ForgottenTopics = [];
    public string RackId = "";

    /// <summary>0 for every record, 1 for those of committed transactions only; there are no others.</summary>
    public sbyte IsolationLevel;

    public bool ReadCommitted
    {
        get => IsolationLevel == 1;
        set => IsolationLevel = (sbyte)(value ? 1 : 0);
    }

    public void Visit(Wire w)
    {
        if (w.Version <= 14)
        {
            w.Int32(ref ReplicaId);
        }

        w.Int32(ref MaxWaitMs);
        w.Int32(ref MinBytes);
        w.Int32(ref MaxBytes);
        w.Int8(ref IsolationLevel);
        if (w.Version >= 7)
        {
            w.Int32(ref SessionId);
            w.Int32(ref SessionEpoch);
        }

        w.Array(ref Topics);
        if (w.Version >= 7)
        {
            w.Array(ref ForgottenTopics);
        }

        if (w.Version >= 11)
        {
            w.String(ref RackId);
        }
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 13, ref Name, ref TopicId);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public int CurrentLeaderEpoch = -1;
        public long FetchOffset;
        public int LastFetchedEpoch = -1;
        public long LogStartOffset = -1;
        public int MaxBytes;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            if (w.Version >= 9)
            {
                w.Int32(ref CurrentLeaderEpoch);
            }

            w.Int64(ref FetchOffset);
            if (w.Version >= 12)
            {
                w.Int32(ref LastFetchedEpoch);
            }

            if (w.Version >= 5)
            {
                w.Int64(ref LogStartOffset);
            }

            w.Int32(ref MaxBytes);
        }
    }

    internal sealed class Forgotten : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<int> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 13, ref Name, ref TopicId);
            w.Int32s(ref Partitions);
        }
    }
}

sealed class FetchResponse : IFields
{
    public int ThrottleTimeMs;
    public ErrorCode Error;
    public int SessionId;
    public List<Topic> Topics = [];

    public void Visit(Wire w)
    {
        w.Int32(ref ThrottleTimeMs);
        if (w.Version >= 7)
        {
            w.Error(ref Error);
            w.Int32(ref SessionId);
        }

        w.Array(ref Topics);
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 13, ref Name, ref TopicId);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public ErrorCode Error;
        public long HighWatermark = -1;
        public long LastStableOffset = -1;
        public long LogStartOffset = -1;
        public List<AbortedTransaction>? Aborted;
        public int PreferredReadReplica = -1;
        public ReadOnlyMemory<byte>? Records = ReadOnlyMemory<byte>.Empty;

        /// <summary>Where the reader's history leaves the broker's, for a reader that told the epoch of its last record (KIP-595).</summary>
        public EndOfEpoch? Diverging;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Error(ref Error);
            w.Int64(ref HighWatermark);
            w.Int64(ref LastStableOffset);
            if (w.Version >= 5)
            {
                w.Int64(ref LogStartOffset);
            }

            w.NullableArray(ref Aborted);
            if (w.Version >= 11)
            {
                w.Int32(ref PreferredReadReplica);
            }

            w.Records(ref Records);
            w.TaggedStruct(0, ref Diverging);
        }
    }

    internal sealed class EndOfEpoch : IFields
    {
        public int Epoch = -1;
        public long EndOffset = -1;

        public void Visit(Wire w)
        {
            w.Int32(ref Epoch);
            w.Int64(ref EndOffset);
        }
    }

    internal sealed class AbortedTransaction : IFields
    {
        public long ProducerId;
        public long FirstOffset;

        public void Visit(Wire w)
        {
            w.Int64(ref ProducerId);
            w.Int64(ref FirstOffset);
        }
    }
}
