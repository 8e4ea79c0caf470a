using System.Globalization;
using System.Text;
using StreamSync.Contracts;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Broker;

/// <summary>
/// The strictest customer of exactly-once: counts records by key in two stages. A record lost, doubled, or counted on state that was never
/// committed shows as a wrong number.
/// </summary>
static class CountTopology
{
    public static readonly TopicSpec Input = new("count.in", "any", Avro.Schema.Parse("\"bytes\""), TopicCleanup.Delete);
    public static readonly TopicSpec Output = new("count.out", "any", Avro.Schema.Parse("\"bytes\""), TopicCleanup.Delete);

    public static TopologyDefinition Define() => new("count", [Input, Output, TopicCatalog.Quarantine], builder =>
    {
        var first = builder.Add("first", builder.Read(Input.Name), () => new CountStage("middle", static record => record.Key), () => new PackedTable(), mayWorkBeside: true);
        builder.Add("second", first.Through("middle"), () => new CountStage(Output.Name, static record => record.Key), () => new PackedTable(), mayWorkBeside: true).To(Output.Name);
        return builder.Build();
    });

    public static int CountOf(ReadOnlySpan<byte> value) => int.Parse(value, CultureInfo.InvariantCulture);

    sealed class CountStage(string output, Func<StageRecord, byte[]> keyOf) : IStage
    {
        IStageContext _context = null!;
        PackedTable _counts = null!;

        public void Start(IStageContext context)
        {
            _context = context;
            _counts = context.State<PackedTable>();
        }

        public void Process(in StageRecord record)
        {
            if (record.Value is [(byte)'!'])
            {
                throw new InvalidOperationException("a record that no stage can take");
            }

            var key = keyOf(record);
            var count = Encoding.ASCII.GetBytes(((_counts.TryGet(key, out var known) ? CountOf(known) : 0) + 1).ToString(CultureInfo.InvariantCulture));
            _counts.Put(key, count);
            _context.Send(output, key, count);
        }
    }
}
