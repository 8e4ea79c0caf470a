using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace StreamSync.Console.Html;

/// <summary>A piece of HTML. Whatever is interpolated into one is encoded, unless it is such a piece itself; attributes stand in double quotes.</summary>
readonly record struct Markup(string Text)
{
    /// <summary>Nothing.</summary>
    public static readonly Markup Empty = new(string.Empty);

    /// <summary>HTML with encoded values.</summary>
    public static Markup Of(Builder html) => new(html.ToString());

    /// <summary>A piece for each item, one after the other.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> piece) => new(string.Concat(items.Select(i => piece(i).Text)));

    public override string ToString() => Text;

    /// <summary>Collects literals as they are and values encoded.</summary>
    [InterpolatedStringHandler]
    public readonly struct Builder
    {
        readonly StringBuilder _text;

        public Builder(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Markup value) => _text.Append(value.Text);

        public void AppendFormatted(string? value) => _text.Append(value is null ? null : HtmlEncoder.Default.Encode(value));

        public void AppendFormatted<T>(T value) => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

        public void AppendFormatted<T>(T value, string? format)
            where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

        public override string ToString() => _text.ToString();
    }
}
