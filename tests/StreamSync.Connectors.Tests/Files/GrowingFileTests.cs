using System.Text;
using FsCheck.Fluent;
using FsCheck.Xunit;
using StreamSync.Connectors.Tests.Support;

namespace StreamSync.Connectors.Tests.Files;

public class GrowingFileTests
{
    const string Name = "people.csv";

    /// <summary>Rows as they come: good, quoted over lines, with stray and unclosed quotes, too short, too long, empty, without an id.</summary>
    static readonly string[] Rows =
    [
        "1,Ana,Ruiz\n", "2,\"Lee\",\"O\"\"Hara\"\r\n", "3,\"two\nlines\",x\n", "4,\"unclosed,x\n", "5\n", "6,a,b,c\n", "\n", ",no,id\n", "7,5\" pipe,x\n", "8,José,x\n",
        "9,\"a \"stray\" quote\nover lines\",x\n", "10,,\n", "11,x,y,,\n", "\"12\",\"\",\"\"\n",
    ];

    [Property(MaxTest = 60)]
    public void A_file_written_in_any_pieces_and_read_in_between_gives_what_it_gives_at_once(byte[] rows, byte[] cuts, bool endsOpen)
    {
        var text = "id,first_name,last_name\n" + string.Concat(rows.Select(r => Rows[r % Rows.Length])) + (endsOpen ? "99,last" : string.Empty);
        var bytes = Encoding.UTF8.GetBytes(text);
        var whole = ReadAsync(bytes, []).GetAwaiter().GetResult();
        var pieces = ReadAsync(bytes, cuts).GetAwaiter().GetResult();
        Assert.Equal(whole, pieces);
    }

    /// <summary>A copy that pauses so long that its file seems whole, wherever that is: what was made of its last rows is made good by the rest.</summary>
    [Property(MaxTest = 60)]
    public void A_file_that_pauses_anywhere_ends_as_what_it_gives_at_once(byte[] rows, byte[] cuts, bool endsOpen)
    {
        // All but a row that, cut at a delimiter, is a good one: nothing takes that back.
        string[] kinds = [.. Rows.Where(row => row != "6,a,b,c\n")];
        var bytes = Encoding.UTF8.GetBytes("id,first_name,last_name\n" + string.Concat(rows.Select(r => kinds[r % kinds.Length])) + (endsOpen ? "99,last,x" : string.Empty));
        var whole = ReadWithPausesAsync(bytes, []).GetAwaiter().GetResult();
        var pieces = ReadWithPausesAsync(bytes, cuts).GetAwaiter().GetResult();
        Assert.Equal(whole, pieces);
    }

    /// <returns>The last record of each id, and the rows that are in quarantine at the end.</returns>
    static async Task<string> ReadWithPausesAsync(byte[] bytes, byte[] cuts)
    {
        await using var files = new FileHarness("csv_people", "people");
        var path = Path.Combine(files.Folder.Path, Name);
        var refused = new SortedDictionary<string, (DateTime At, string What)>(StringComparer.Ordinal);
        var at = 0;
        foreach (var cut in cuts.Take(8).Select(c => (int)c).Append(bytes.Length))
        {
            var piece = Math.Min(cut, bytes.Length - at);
            await using (var stream = new FileStream(path, FileMode.Append))
            {
                await stream.WriteAsync(bytes.AsMemory(at, piece));
            }

            at += piece;
            await SettleAsync();
        }

        return string.Join('\n', files.Records.GroupBy(r => r.Urn).Select(g => $"{g.Key} {g.Last().After!["first_name"]} {g.Last().After!["last_name"]}").Order(StringComparer.Ordinal))
            + "\n--\n" + string.Join('\n', refused.Select(r => $"{r.Key} {r.Value.What}"));

        async Task SettleAsync()
        {
            for (var look = 0; look < 2; look++)
            {
                var (known, mended) = (files.Rejected.Count, files.Mended.Count);
                await files.RunAsync();
                foreach (var place in refused.Where(r => files.Mended.Skip(mended).Any(m => m.Holds(r.Key) && r.Value.At < m.Before)).ToList())
                {
                    refused.Remove(place.Key);
                }

                foreach (var entry in files.Rejected.Skip(known))
                {
                    refused[entry.Place] = (files.Clock.GetUtcNow().UtcDateTime, $"{entry.ReasonCode} {Encoding.UTF8.GetString(entry.Raw.Span)}");
                }

                files.Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    static async Task<string> ReadAsync(byte[] bytes, byte[] cuts)
    {
        await using var files = new FileHarness("csv_people", "people", settled: false);
        var at = 0;
        foreach (var cut in cuts.Take(8))
        {
            var piece = Math.Min(cut, bytes.Length - at);
            Append(bytes.AsSpan(at, piece));
            at += piece;
            await files.RunAsync();
            if (cut % 3 == 0)
            {
                await files.RestartAsync();
            }
        }

        Append(bytes.AsSpan(at));
        await files.RunAsync();
        files.Clock.Advance(TimeSpan.FromHours(1));
        await files.RunAsync();
        return string.Join('\n', files.Records.Select(r => $"{r.Position} {r.Urn} {r.After!["first_name"]} {r.After["last_name"]}"))
            + "\n--\n" + string.Join('\n', files.Rejected.Select(r => $"{r.Place} {r.ReasonCode} {Encoding.UTF8.GetString(r.Raw.Span)}"));

        void Append(ReadOnlySpan<byte> piece)
        {
            using var stream = new FileStream(Path.Combine(files.Folder.Path, Name), FileMode.Append);
            stream.Write(piece);
        }
    }
}
