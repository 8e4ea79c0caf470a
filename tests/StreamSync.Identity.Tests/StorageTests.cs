using System.Text;

namespace StreamSync.Identity.Tests;

/// <summary>Pools, and what lies in them, against collections of the runtime.</summary>
public class StorageTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(5, 6)]
    [InlineData(7, 8)]
    [InlineData(9, 12)]
    [InlineData(13, 16)]
    [InlineData(97, 128)]
    public void Room_has_two_sizes_for_each_power_of_two(int length, int room)
    {
        Assert.Equal(room, Pool<int>.RoomFor(length));
        Assert.Equal(room, Pool<int>.RoomFor(room));
    }

    [Fact]
    public void Room_that_was_given_back_is_taken_again_and_no_other()
    {
        var pool = new Pool<long>();
        var first = pool.Take(5);
        var second = pool.Take(6);
        Assert.NotEqual(first, second);

        pool.Return(first, 5);

        Assert.NotEqual(first, pool.Take(7));
        Assert.Equal(first, pool.Take(6));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Lists_in_a_pool_hold_what_lists_hold(int seed)
    {
        var random = new Random(seed);
        var pool = new Pool<int>();
        var lists = new PooledList<int>[40];
        var expected = Array.ConvertAll(lists, static _ => new List<int>());
        for (var step = 0; step < 20_000; step++)
        {
            var at = random.Next(lists.Length);
            var list = expected[at];
            switch (random.Next(20))
            {
                case 0:
                    var items = Enumerable.Range(step, random.Next(30)).ToArray();
                    lists[at].Set(items, pool);
                    expected[at] = [.. items];
                    break;
                case < 9 when list.Count > 0:
                    var gone = random.Next(list.Count);
                    lists[at].RemoveAt(gone, pool);
                    list.RemoveAt(gone);
                    break;
                default:
                    var place = random.Next(list.Count + 1);
                    lists[at].Insert(place, step, pool);
                    list.Insert(place, step);
                    break;
            }

            Assert.Equal(expected[at], lists[at].Items(pool).ToArray());
        }

        Assert.All(lists.Zip(expected), pair => Assert.Equal(pair.Second, pair.First.Items(pool).ToArray()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Groups_hold_what_sets_hold(int seed)
    {
        var random = new Random(seed);
        var pool = new Pool<int>();
        var groups = new KeyGroup[30];
        var expected = Array.ConvertAll(groups, static _ => new SortedSet<int>());
        for (var step = 0; step < 20_000; step++)
        {
            var (at, member) = (random.Next(groups.Length), random.Next(12));
            if (random.Next(2) == 0)
            {
                groups[at].Remove(member, pool);
                expected[at].Remove(member);
            }
            else if (expected[at].Add(member))
            {
                groups[at].Add(member, pool);
            }

            Assert.Equal(expected[at], groups[at].Members(pool).ToArray().Order());
        }
    }

    [Fact]
    public void A_list_longer_than_a_block_has_one_of_its_own()
    {
        var pool = new Pool<int>();
        var list = default(PooledList<int>);
        var before = pool.Take(3);
        list.Set([.. Enumerable.Range(0, 100_000)], pool);
        list.Insert(50_000, -1, pool);
        pool.At(before, 3).Fill(7);
        pool.At(pool.Take(3), 3).Fill(8);

        Assert.Equal(100_001, list.Count);
        Assert.Equal([49_999, -1, 50_000], list.Items(pool)[49_999..50_002].ToArray());
        Assert.Equal([7, 7, 7], pool.At(before, 3).ToArray());
    }

    [Fact]
    public void Bytes_are_replaced_by_shorter_and_longer_ones()
    {
        var pool = new BytePool();
        var (one, other) = (default(PooledBytes), default(PooledBytes));
        foreach (var text in (string[])["Ana", "", "Ana Ruiz of the long street by the river", "Ana Ruiz of the long street by the lake!", "A"])
        {
            pool.Replace(ref one, Encoding.UTF8.GetBytes(text), "/ "u8);
            pool.Replace(ref other, "other"u8);
            Assert.Equal(text + "/ ", Encoding.UTF8.GetString(pool.At(one)));
            Assert.Equal("other", Encoding.UTF8.GetString(pool.At(other)));
        }

        pool.Replace(ref one, default);
        Assert.True(one.IsEmpty);
        Assert.True(pool.At(one).IsEmpty);
    }

    [Fact]
    public void Items_of_blocks_stay_as_they_grow()
    {
        var blocks = new Blocks<int>();
        for (var i = 0; i < 20_000; i++)
        {
            blocks.Add();
            blocks[i] = i;
        }

        Assert.Equal(20_000, blocks.Count);
        Assert.All(Enumerable.Range(0, 20_000), i => Assert.Equal(i, blocks[i]));
    }

    [Fact]
    public void A_record_is_known_by_its_urn_until_its_number_is_taken_back()
    {
        var table = new UrnTable();
        var numbers = Enumerable.Range(0, 1000).Select(i => table.Add($"mi-wtp/csv/päivä/person/{i}")).ToList();
        Assert.Equal(numbers, numbers.Distinct());

        table.Remove(numbers[7]);

        Assert.Equal(-1, table.NumberOf("mi-wtp/csv/päivä/person/7"));
        Assert.Equal(-1, table.NumberOf("mi-wtp/csv/päivä/person/" + new string('x', 1000)));
        Assert.Equal(numbers[7], table.Add("mi-wtp/csv/päivä/person/new"));
        Assert.Equal(numbers[8], table.NumberOf("mi-wtp/csv/päivä/person/8"));
        Assert.Equal("mi-wtp/csv/päivä/person/new", table.UrnOf(numbers[7]));
    }
}
