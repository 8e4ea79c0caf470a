using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Standardiser;

/// <summary>
/// Keeps entities that several source records speak of: the newest word counts, the same word twice is no change, and the entity is deleted
/// when the last record that spoke of it is gone.
/// </summary>
sealed class SharedEntityStage(IReadOnlyDictionary<string, EntityCodec> kinds) : IStage
{
    public const string Name = "shared";

    readonly PackWriter _writer = new();
    IStageContext _context = null!;
    PackedTable _states = null!;

    public void Start(IStageContext context)
    {
        _context = context;
        _states = context.State<PackedTable>();
    }

    public void Process(in StageRecord record)
    {
        var word = SharedEntity.FromBytes(record.Value);
        var state = _states.TryGet(record.Key, out var packed) ? State.FromBytes(packed) : new State { Kind = word.Kind };
        if (word.Entity is null)
        {
            Forget(record.Key, state, word);
        }
        else
        {
            Take(record.Key, state, word);
        }
    }

    void Take(byte[] key, State state, SharedEntity word)
    {
        var isNews = !state.Present || (word.Order >= state.Order && word.Content != state.Content);
        var next = state with
        {
            Present = true,
            Order = Math.Max(word.Order, state.Order),
            Holders = state.Holders.Contains(word.Holder) ? state.Holders : [.. state.Holders, word.Holder],
        };
        if (isNews)
        {
            next = next with { Content = word.Content, Refs = state.Refs.MoveTo(word.PersonRef) };
            _context.Send(kinds[word.Kind].Topic, key, word.Entity, next.Refs.ForRecord());
        }

        _states.Put(key, next.ToBytes(_writer));
    }

    void Forget(byte[] key, State state, SharedEntity word)
    {
        if (!state.Holders.Contains(word.Holder))
        {
            return;
        }

        var holders = state.Holders.Where(h => h != word.Holder).ToArray();
        var next = state with { Holders = holders, Present = holders.Length > 0 };
        if (!next.Present)
        {
            // A later word, even an older one, makes it anew.
            next = next with { Order = long.MinValue, Content = 0 };
            _context.Send(kinds[state.Kind].Topic, key, null, state.Refs.ForTombstone());
        }

        _states.Put(key, next.ToBytes(_writer));
    }

    sealed record State
    {
        public required string Kind { get; init; }

        public bool Present { get; init; }

        public long Order { get; init; } = long.MinValue;

        public ulong Content { get; init; }

        public PersonRefs Refs { get; init; } = new(string.Empty, []);

        public ulong[] Holders { get; init; } = [];

        public ReadOnlySpan<byte> ToBytes(PackWriter writer)
        {
            writer.Clear();
            writer.Text(Kind);
            writer.Byte(Present ? (byte)1 : (byte)0);
            writer.Number(Order);
            writer.Fixed(Content);
            Refs.Write(writer);
            writer.Count(Holders.Length);
            foreach (var holder in Holders)
            {
                writer.Fixed(holder);
            }

            return writer.Written;
        }

        public static State FromBytes(ReadOnlySpan<byte> bytes)
        {
            var reader = new PackReader(bytes);
            var (kind, present, order, content, refs) = (reader.Text(), reader.Byte() == 1, reader.Number(), reader.Fixed(), PersonRefs.Read(ref reader));
            var holders = new ulong[reader.Count()];
            for (var i = 0; i < holders.Length; i++)
            {
                holders[i] = reader.Fixed();
            }

            return new State { Kind = kind, Present = present, Order = order, Content = content, Refs = refs, Holders = holders };
        }
    }
}
