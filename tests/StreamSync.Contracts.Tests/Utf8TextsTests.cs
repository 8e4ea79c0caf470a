using System.Text;

namespace StreamSync.Contracts.Tests;

public class Utf8TextsTests
{
    [Fact]
    public void A_short_text_that_repeats_is_one_object()
    {
        var first = Utf8Texts.Of("Not Home"u8);
        Assert.Equal("Not Home", first);
        Assert.Same(first, Utf8Texts.Of("Not Home"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Quiñones")]
    [InlineData("李")]
    [InlineData("a text that is longer than what is kept")]
    public void Any_text_comes_back(string text)
    {
        Assert.Equal(text, Utf8Texts.Of(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, Utf8Texts.Of(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void More_texts_than_places_stay_apart_on_threads_in_parallel() =>
        Parallel.For(0, 100_000, i => Assert.Equal($"n{i}", Utf8Texts.Of(Encoding.UTF8.GetBytes($"n{i}"))));
}
