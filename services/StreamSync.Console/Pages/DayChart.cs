using StreamSync.Console.Html;

namespace StreamSync.Console.Pages;

/// <summary>Bars by day, stacked by channel. The table beside it says the same in numbers, so it is hidden from screen readers.</summary>
static class DayChart
{
    const int Width = 720;
    const int Height = 140;

    /// <summary>Channels beyond these share the last colour.</summary>
    const int Colours = 6;

    /// <summary>The chart.</summary>
    /// <param name="days">Days, the latest first.</param>
    /// <param name="channels">Channels, the largest first.</param>
    /// <param name="count">Contacts of a day and channel.</param>
    public static Markup Of(IReadOnlyList<string> days, IReadOnlyList<string> channels, Func<string, string, long> count)
    {
        var top = Math.Max(1, days.Max(d => channels.Sum(c => count(d, c))));
        var step = (double)Width / Math.Max(days.Count, 7);
        return Markup.Of($"""
            <figure aria-hidden="true"><svg class="days" viewBox="0 0 {Width} {Height}" preserveAspectRatio="none">
            {Markup.Each(days.Reverse().Index(), d => Day(d.Item, d.Index * step, step * 0.8, top, channels, count))}
            </svg>
            <figcaption class="range"><span>{days[^1]}</span><span>{days[0]}</span></figcaption>
            <div class="legend">{Markup.Each(channels.Index(), c => Markup.Of($"<span class=\"key c{Colour(c.Index)}\"></span>{c.Item} "))}</div></figure>
            """);
    }

    static Markup Day(string day, double x, double width, long top, IReadOnlyList<string> channels, Func<string, string, long> count)
    {
        var y = (double)Height;
        return Markup.Each(channels.Index(), c =>
        {
            var number = count(day, c.Item);
            var height = (double)Height * number / top;
            y -= height;
            return number == 0
                ? Markup.Empty
                : Markup.Of($"<rect class=\"c{Colour(c.Index)}\" x=\"{Math.Round(x, 1)}\" y=\"{Math.Round(y, 1)}\" width=\"{Math.Round(width, 1)}\" height=\"{Math.Round(height, 1)}\"><title>{day} {c.Item}: {Format.Number(number)}</title></rect>");
        });
    }

    static int Colour(int index) => Math.Min(index, Colours - 1);
}
