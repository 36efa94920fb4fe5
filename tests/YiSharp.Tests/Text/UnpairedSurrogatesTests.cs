using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class UnpairedSurrogatesTests
{
    [Fact]
    public void Each_becomes_the_replacement_character_and_pairs_stay() =>
        Pick.From("a", "嗯", "😀", "\uD83D", "\uDE00", "\uDBFF", "\uD800").Array[0, 12].Select(string.Concat).Sample(text =>
            UnpairedSurrogates.Replace(text) == string.Concat(text.EnumerateRunes().Select(rune => rune.ToString())));

    [Fact]
    public void A_text_without_them_is_not_copied()
    {
        const string text = "plain 😀 text";
        Assert.Same(text, UnpairedSurrogates.Replace(text));
    }
}
