using System.Globalization;

namespace StreamSync.Identity.Bench;

static class Figure
{
    public static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {Math.Round(value, value < 10 ? 4 : 0)} {unit}"));
}
