using System.Text;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Files;

/// <summary>Runs alone: it counts what the process allocates.</summary>
[CollectionDefinition(nameof(LongLineTests), DisableParallelization = true)]
[Collection(nameof(LongLineTests))]
public class LongLineTests
{
    const string Name = "publicusers.csv";
    const string Header = "publicuserid,publicusername,vanid,committeeid,datecreated\n";

    [Fact]
    public async Task A_line_of_many_megabytes_is_passed_over_in_little_memory()
    {
        await using var files = new FileHarness("ngpvan", "publicusers");
        var path = files.Folder.Write(Name, Header + "1,Sam P,1,77,2024-08-20 10:00:00\n");
        var chunk = new byte[1 << 20];
        Array.Fill(chunk, (byte)'x');
        using (var stream = new FileStream(path, FileMode.Append))
        {
            for (var i = 0; i < 64; i++)
            {
                stream.Write(chunk);
            }

            stream.Write(Encoding.UTF8.GetBytes("\n" + "2,Lee,2,77,2024-08-20 10:00:00\n"));
        }

        GC.Collect();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await files.RunAsync();
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 16 << 20);
        Assert.Equal(["77:1", "77:2"], files.Records.Select(r => r.Urn.Split('/')[4]));
        var entry = files.Rejected.Single();
        Assert.Equal("line_too_long", entry.ReasonCode);
        Assert.Equal($"{Name}:3", entry.Place);
        Assert.True(entry.RawTruncated);
        Assert.Equal(64 * 1024, entry.Raw.Length);
        Assert.Equal($"{Name}:4", files.Records[1].Position);
    }
}
