using System.Text;
using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Tests.Streaming;

public sealed class PackedTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_dictionary_holds_after_any_changes(int seed)
    {
        var random = new Random(seed);
        var table = new PackedTable();
        var expected = new Dictionary<string, byte[]>();
        var written = new Dictionary<string, byte[]?>();
        for (var step = 0; step < 60_000; step++)
        {
            var key = "key/" + random.Next(3_000);
            switch (random.Next(10))
            {
                case 0:
                    table.Delete(Encoding.UTF8.GetBytes(key));
                    expected.Remove(key);
                    break;
                case 1:
                    table.WriteChanges((k, v) => written[Encoding.UTF8.GetString(k)] = v);
                    Assert.Equal(expected.Count, written.Count(w => w.Value is not null));
                    break;
                default:
                    // Now and then a value as large as before, or larger than a block.
                    var value = new byte[random.Next(200) == 0 ? random.Next(300_000) : random.Next(4) * 40];
                    random.NextBytes(value);
                    table.Put(Encoding.UTF8.GetBytes(key), value);
                    expected[key] = value;
                    break;
            }
        }

        table.WriteChanges((k, v) => written[Encoding.UTF8.GetString(k)] = v);
        Assert.Equal(expected.Count, table.Count);
        for (var i = 0; i < 3_000; i++)
        {
            var found = table.TryGet(Encoding.UTF8.GetBytes("key/" + i), out var value);
            Assert.Equal(expected.ContainsKey("key/" + i), found);
            Assert.True(value.SequenceEqual(expected.GetValueOrDefault("key/" + i)));
            Assert.Equal(expected.GetValueOrDefault("key/" + i), written.GetValueOrDefault("key/" + i));
        }
    }

    [Fact]
    public void A_value_larger_than_a_block_and_an_empty_one_are_kept()
    {
        var table = new PackedTable();
        var large = new byte[3 * 1024 * 1024];
        large[^1] = 7;
        table.Restore([1], large);
        table.Restore([2], []);
        table.Restore([], [9]);
        Assert.True(table.TryGet([1], out var value));
        Assert.True(value.SequenceEqual(large));
        Assert.True(table.TryGet([2], out value));
        Assert.True(value.IsEmpty);
        Assert.True(table.TryGet([], out value));
        Assert.Equal([9], value.ToArray());
        table.WriteChanges((_, _) => Assert.Fail("what comes from the changelog is not written to it"));
    }

    [Fact]
    public void What_is_replaced_again_and_again_takes_no_more_room()
    {
        var table = new PackedTable();
        for (var i = 0; i < 200_000; i++)
        {
            table.Put(BitConverter.GetBytes(i % 1_000), new byte[100 + (i % 7)]);
        }

        Assert.Equal(1_000, table.Count);
        Assert.InRange(table.UsedBytes, 100_000, 2_500_000);
    }

    [Fact]
    public void Keys_that_come_and_go_leave_their_slots()
    {
        var table = new PackedTable();
        for (var i = 0; i < 500_000; i++)
        {
            table.Put(BitConverter.GetBytes(i), [1, 2, 3]);
            table.Delete(BitConverter.GetBytes(i - 100));
        }

        Assert.Equal(100, table.Count);
        Assert.True(table.TryGet(BitConverter.GetBytes(499_999), out _));
        Assert.False(table.TryGet(BitConverter.GetBytes(499_899), out _));
    }
}
