using System.Text;
using StreamSync.LocalKafka.Admin;

namespace StreamSync.LocalKafka.Tests.Admin;

public sealed class CatalogFileTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("catalog-test-").FullName;

    string Stored => Path.Combine(_directory, "topics.json");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_stored_is_read_again()
    {
        var file = Write();
        var read = CatalogFile.Open(_directory).Content;
        Assert.Equal((file.Content.ClusterId, 4000L), (read.ClusterId, read.NextProducerId));
        Assert.Equal(file.Content.Topics["accounts"].Id, read.Topics["accounts"].Id);
        Assert.Equal(3, read.Topics["accounts"].Partitions);
        Assert.Equal("compact", read.Topics["accounts"].Configs["cleanup.policy"]);
        Assert.Equal(["gone"], read.Deleting);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_told_with_place_and_remedy()
    {
        Write();
        var whole = File.ReadAllBytes(Stored);
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(Stored, damaged);
            Refused($"bit {bit} of {Encoding.UTF8.GetString(whole)}");
        }
    }

    [Fact]
    public void A_file_that_ends_early_is_told()
    {
        Write();
        var whole = File.ReadAllBytes(Stored);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Stored, whole[..length]);
            Refused($"{length} bytes of {whole.Length}");
        }
    }

    [Fact]
    public void A_file_of_before_there_was_a_checksum_gets_one_with_the_next_change()
    {
        File.WriteAllText(Stored, """{"clusterId":"c","nextProducerId":7,"topics":{},"deleting":[]}""");
        var file = CatalogFile.Open(_directory);
        Assert.Equal(("c", 7L), (file.Content.ClusterId, file.Content.NextProducerId));
        file.Update(c => c.NextProducerId++);
        Assert.Contains("checksum", File.ReadAllText(Stored), StringComparison.Ordinal);
        Assert.Equal(8, CatalogFile.Open(_directory).Content.NextProducerId);
    }

    CatalogFile Write()
    {
        var file = CatalogFile.Open(_directory);
        file.Update(c =>
        {
            c.NextProducerId = 4000;
            c.Topics["accounts"] = new StoredTopic { Id = Guid.NewGuid(), Partitions = 3, Configs = new() { ["cleanup.policy"] = "compact" } };
            c.Topics["contacts"] = new StoredTopic { Id = Guid.NewGuid(), Partitions = 1 };
            c.Deleting.Add("gone");
        });
        return file;
    }

    void Refused(string what)
    {
        try
        {
            CatalogFile.Open(_directory);
        }
        catch (IOException e)
        {
            Assert.StartsWith(Stored, e.Message, StringComparison.Ordinal);
            Assert.Contains("restore it from a copy", e.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Fail($"taken for whole: {what}");
    }
}
