using System.Globalization;

namespace StreamSync.Bench;

/// <summary>Prints figures, one a line: name, value, unit. Every bench prints through it.</summary>
static class Figures
{
    public static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}"));
}
