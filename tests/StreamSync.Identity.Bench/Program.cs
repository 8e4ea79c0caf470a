using System.Globalization;
using StreamSync.Identity.Bench;

// Prints "name value unit" lines. Arguments: sizes of the growth curve, e.g. 10000 100000 1000000.
var sizes = args.Length > 0 ? args.Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray() : [10_000, 100_000];
if (Environment.GetEnvironmentVariable("STREAMSYNC_IDENTITY_DATA") is { Length: > 0 } folder)
{
    Accuracy.Measure(folder);
}
else
{
    Console.Error.WriteLine("STREAMSYNC_IDENTITY_DATA names no folder with labelled sets; only invented people are measured.");
}

Accuracy.MeasureInvented(10_000);
Speed.Measure(sizes);
