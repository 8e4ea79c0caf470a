using Avro.IO;
using FsCheck;
using FsCheck.Xunit;
using StreamSync.Kafka.Serdes;

namespace StreamSync.Kafka.Tests.Serdes;

/// <summary>Our buffers against Apache.Avro's own encoder and decoder.</summary>
public class AvroBufferTests
{
    [Property(MaxTest = 300)]
    public void Every_primitive_is_written_and_read_as_Apache_Avro_does(long number, int small, double real, float single, bool flag, NonNull<string> text, byte[] bytes)
    {
        Same(e => e.WriteLong(number), d => d.ReadLong(), number);
        Same(e => e.WriteInt(small), d => d.ReadInt(), small);
        Same(e => e.WriteDouble(real), d => d.ReadDouble(), real);
        Same(e => e.WriteFloat(single), d => d.ReadFloat(), single);
        Same(e => e.WriteBoolean(flag), d => d.ReadBoolean(), flag);
        Same(e => e.WriteBytes(bytes), d => d.ReadBytes(), bytes);
        Same(e => e.WriteEnum(small), d => d.ReadEnum(), small);
        if (!text.Get.Any(char.IsSurrogate))
        {
            Same(e => e.WriteString(text.Get), d => d.ReadString(), text.Get);
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-64)]
    [InlineData(64)]
    [InlineData(int.MinValue)]
    public void Numbers_at_the_edges_are_too(long number) => Same(e => e.WriteLong(number), d => d.ReadLong(), number);

    [Fact]
    public void A_text_longer_than_the_buffer_is_written_whole() => Same(e => e.WriteString(new string('ä', 3_000_000)), d => d.ReadString(), new string('ä', 3_000_000));

    [Theory]
    [InlineData("a number has no end", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)]
    [InlineData("the bytes end 1 too early", 0x80)]
    public void A_number_that_does_not_end_is_refused(string message, params int[] bytes) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => Reader(bytes).ReadLong()).Message);

    [Theory]
    [InlineData(0xfe, 0xff, 0xff, 0xff, 0x0f)]
    [InlineData(0x01)]
    [InlineData(0x04, 0x61)]
    public void A_length_that_is_not_there_costs_nothing(params int[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => Reader(bytes).ReadString());
        Assert.Throws<InvalidDataException>(() => Reader(bytes).ReadBytes());
        Assert.Throws<InvalidDataException>(() => Reader(bytes).ReadArrayStart());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void An_int_of_more_than_32_bits_and_a_boolean_of_2_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => Reader([0xfe, 0xff, 0xff, 0xff, 0x7f]).ReadInt());
        Assert.Throws<InvalidDataException>(() => Reader([2]).ReadBoolean());
    }

    static AvroReadBuffer Reader(int[] bytes)
    {
        var reader = new AvroReadBuffer();
        reader.Begin([.. bytes.Select(b => (byte)b)]);
        return reader;
    }

    static void Same<T>(Action<Encoder> write, Func<Decoder, T> read, T value)
    {
        var ours = new AvroWriteBuffer();
        ours.Begin(0);
        write(ours);
        var theirs = new MemoryStream();
        write(new BinaryEncoder(theirs));
        Assert.Equal(theirs.ToArray(), ours.ToArray());
        var reader = new AvroReadBuffer();
        reader.Begin(ours.ToArray());
        Assert.Equal(value, read(reader));
        Assert.Equal(0, reader.Remaining);
    }
}
