namespace StreamSync.LocalKafka.Protocol.Messages;

sealed class OffsetFetchRequest : IFields
{
    /// <summary>One group up to version 7, any number from version 8 on.</summary>
    public List<Group> Groups = [];
    public bool RequireStable;

    public void Visit(Wire w)
    {
        if (w.Version <= 7)
        {
            var only = Groups.Count > 0 ? Groups[0] : new Group();
            w.String(ref only.GroupId);
            w.NullableArray(ref only.Topics);
            Groups = [only];
        }
        else
        {
            w.Array(ref Groups);
        }

        if (w.Version >= 7)
        {
            w.Bool(ref RequireStable);
        }
    }

    internal sealed class Group : IFields
    {
        public string GroupId = "";
        public string? MemberId;
        public int MemberEpoch = -1;

        /// <summary>Null: every partition with a committed offset.</summary>
        public List<Topic>? Topics = [];

        public void Visit(Wire w)
        {
            w.String(ref GroupId);
            if (w.Version >= 9)
            {
                w.NullableString(ref MemberId);
                w.Int32(ref MemberEpoch);
            }

            w.NullableArray(ref Topics);
        }
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<int> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 10, ref Name, ref TopicId);
            w.Int32s(ref Partitions);
        }
    }
}

sealed class OffsetFetchResponse : IFields
{
    public int ThrottleTimeMs;
    public List<Group> Groups = [];

    public void Visit(Wire w)
    {
        if (w.Version >= 3)
        {
            w.Int32(ref ThrottleTimeMs);
        }

        if (w.Version >= 8)
        {
            w.Array(ref Groups);
            return;
        }

        var only = Groups.Count > 0 ? Groups[0] : new Group();
        w.Array(ref only.Topics);
        if (w.Version >= 2)
        {
            w.Error(ref only.Error);
        }

        Groups = [only];
    }

    internal sealed class Group : IFields
    {
        public string GroupId = "";
        public List<Topic> Topics = [];
        public ErrorCode Error;

        public void Visit(Wire w)
        {
            w.String(ref GroupId);
            w.Array(ref Topics);
            w.Error(ref Error);
        }
    }

    internal sealed class Topic : IFields
    {
        public string Name = "";
        public Guid TopicId;
        public List<Partition> Partitions = [];

        public void Visit(Wire w)
        {
            TopicRef.Visit(w, 10, ref Name, ref TopicId);
            w.Array(ref Partitions);
        }
    }

    internal sealed class Partition : IFields
    {
        public int Index;
        public long Offset = -1;
        public int LeaderEpoch = -1;
        public string? Metadata = "";
        public ErrorCode Error;

        public void Visit(Wire w)
        {
            w.Int32(ref Index);
            w.Int64(ref Offset);
            if (w.Version >= 5)
            {
                w.Int32(ref LeaderEpoch);
            }

            w.NullableString(ref Metadata);
            w.Error(ref Error);
        }
    }
}
