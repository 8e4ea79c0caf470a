using StreamSync.Processors.Streaming;

namespace StreamSync.Processors.Identity.Sharing;

/// <summary>A space that a record is in, and the partitions of match keys that know it there.</summary>
/// <param name="Space">Space.</param>
/// <param name="Partitions">Partitions.</param>
sealed record PlacedIn(string Space, IReadOnlyList<int> Partitions);

/// <summary>What the first stage of sharing remembers of a record, or of a steward's decision.</summary>
/// <param name="Content">Features of the record in the engine's binary form, or the encoded decision.</param>
/// <param name="Spaces">Where it is.</param>
sealed record ShareEntry(byte[] Content, IReadOnlyList<PlacedIn> Spaces)
{
    public byte[] ToBytes(PackWriter writer)
    {
        writer.Clear();
        writer.Bytes(Content);
        writer.Count(Spaces.Count);
        foreach (var (space, partitions) in Spaces)
        {
            writer.Text(space);
            writer.Count(partitions.Count);
            foreach (var partition in partitions)
            {
                writer.Count(partition);
            }
        }

        return writer.ToArray();
    }

    public static ShareEntry Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new PackReader(bytes);
        var content = reader.Bytes().ToArray();
        var spaces = new PlacedIn[reader.Count()];
        for (var i = 0; i < spaces.Length; i++)
        {
            var space = reader.Text();
            var partitions = new int[reader.Count()];
            for (var j = 0; j < partitions.Length; j++)
            {
                partitions[j] = reader.Count();
            }

            spaces[i] = new PlacedIn(space, partitions);
        }

        return new ShareEntry(content, spaces);
    }
}
