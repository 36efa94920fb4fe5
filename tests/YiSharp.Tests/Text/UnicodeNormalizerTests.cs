using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>What Unicode Standard Annex 15 promises of its forms, beside the goldens of <see cref="TokenizerPartTests"/>.</summary>
public sealed class UnicodeNormalizerTests
{
    private static readonly UnicodeNormalizer Nfc = new(compatible: false, compose: true), Nfd = new(compatible: false, compose: false);

    private static readonly UnicodeNormalizer Nfkc = new(compatible: true, compose: true), Nfkd = new(compatible: true, compose: false);

    private static readonly Gen<string> Texts = Pick.From("a", "é", "e\u0301", "\u0323", "\u0307", "\u0345", "q\u0307\u0323", "ẛ\u0323", "Å", "ﬁ", "²", "한", "\u1112\u1161", "\u11AB", "が", "か\u3099", "क\u093C", "\u0958", "\U0001D15E", "\U000110AB", "\U000110A5\U000110BA", "😀", "嗯", " ")
        .Array[0, 10].Select(string.Concat);

    [Theory]
    [InlineData("e\u0323\u0302", "\u1EC7", "e\u0323\u0302", "\u1EC7", "e\u0323\u0302")]
    [InlineData("\u1E9B\u0323", "\u1E9B\u0323", "\u017F\u0323\u0307", "\u1E69", "s\u0323\u0307")]
    [InlineData("\u1112\u1161\u11AB", "한", "\u1112\u1161\u11AB", "한", "\u1112\u1161\u11AB")]
    [InlineData("\u0958", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C", "\u0915\u093C")]
    [InlineData("ﬁ²", "ﬁ²", "ﬁ²", "fi2", "fi2")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    public void Forms_of_known_texts(string text, string nfc, string nfd, string nfkc, string nfkd) =>
        Assert.Equal([nfc, nfd, nfkc, nfkd], new[] { Nfc, Nfd, Nfkc, Nfkd }.Select(form => form.Normalize(text)));

    [Fact]
    public void Forms_lead_to_each_other() => Texts.Sample(text =>
    {
        Assert.Equal(Nfc.Normalize(text), Nfc.Normalize(Nfd.Normalize(text)));
        Assert.Equal(Nfd.Normalize(text), Nfd.Normalize(Nfc.Normalize(text)));
        Assert.Equal(Nfkc.Normalize(text), Nfc.Normalize(Nfkd.Normalize(text)));
        Assert.Equal(Nfkd.Normalize(text), Nfd.Normalize(Nfkc.Normalize(text)));
        foreach (UnicodeNormalizer form in (UnicodeNormalizer[])[Nfc, Nfd, Nfkc, Nfkd]) Assert.Equal(form.Normalize(text), form.Normalize(form.Normalize(text)));
    }, iter: 3000);

    [Fact]
    public void A_million_marks_in_a_row_are_ordered_in_no_time()
    {
        string marks = string.Concat(Enumerable.Repeat("\u0307\u0323", 500_000));
        Assert.Equal("a" + new string('\u0323', 500_000) + new string('\u0307', 500_000), Nfd.Normalize("a" + marks));
    }
}
