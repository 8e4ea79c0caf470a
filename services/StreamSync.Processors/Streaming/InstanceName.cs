using System.Text.RegularExpressions;
using StreamSync.Kafka.Hosting;

namespace StreamSync.Processors.Streaming;

/// <summary>The name under which this installation takes part in consumer groups and transactions, kept in the data folder.</summary>
static partial class InstanceName
{
    public static string Of(DataFolder data)
    {
        var file = Path.Combine(data.State, "processors.id");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is var known && Shape().IsMatch(known))
        {
            return known;
        }

        Directory.CreateDirectory(data.State);
        var name = Guid.NewGuid().ToString("n");
        var written = file + ".new";
        File.WriteAllText(written, name);
        File.Move(written, file, overwrite: true);
        return name;
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Shape();
}
