using System.Globalization;
using StreamSync.Identity.Bench;

// Prints "name value unit" lines. Arguments pick what is measured, all of it without any: accuracy, batch[=SIZE,...], stream[=SIZE,...], live[=SIZE,SECONDS at 1,000 a second].
if (args.Length == 0)
{
    args = ["accuracy", "batch", "stream", "live"];
}

foreach (var argument in args)
{
    var parts = argument.Split('=', 2);
    var sizes = parts.Length == 2 ? parts[1].Split(',').Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray() : null;
    switch (parts[0])
    {
        case "accuracy":
            if (Environment.GetEnvironmentVariable("STREAMSYNC_IDENTITY_DATA") is { Length: > 0 } folder)
            {
                Accuracy.Measure(folder);
            }
            else
            {
                Console.Error.WriteLine("STREAMSYNC_IDENTITY_DATA names no folder with labelled sets; only invented people are measured.");
            }

            Accuracy.MeasureInvented(10_000);
            break;
        case "batch":
            Speed.Batch(sizes ?? [10_000, 100_000]);
            break;
        case "stream":
            Speed.Stream(sizes ?? [10_000, 100_000]);
            break;
        case "live":
            await LiveTopology.MeasureAsync(sizes?[0] ?? 100_000, pace: 1_000, paced: TimeSpan.FromSeconds(sizes?.ElementAtOrDefault(1) ?? 20));
            break;
        default:
            Console.Error.WriteLine("usage: bench [accuracy] [batch[=SIZE,...]] [stream[=SIZE,...]] [live[=SIZE,SECONDS]]");
            return 2;
    }
}

return 0;
