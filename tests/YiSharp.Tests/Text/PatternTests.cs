using CsCheck;
using YiSharp.Text;
using YiSharp.Text.Regex;

namespace YiSharp.Tests.Text;

public sealed class PatternTests
{
    private static readonly Gen<string> Atoms = Pick.From("a", "b", "s", "ab", " ", "𠮷", "[ab]", "[^a]", "\\s", "\\S", "\\p{L}", "\\w", ".", "(?i:s)", "(?=a)", "(?!b)", "(?<=a)", "(?<!ab|𠮷)", "^", "$", "\\b");

    private static readonly Gen<string> Quantifiers = Pick.From("", "", "", "*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{2,}", "{,2}?");

    private static readonly Gen<string> Texts = Pick.From("a", "a", "b", "s", "S", "ſ", " ", "\n", "1", "𠮷", "e\u0301", "²").Array[0, 12].Select(string.Concat);

    /// <summary>Every expectation is Oniguruma 6.9's (matches joined by |).</summary>
    [Theory]
    [InlineData("'s| ?\\p{L}+|\\s+(?!\\S)|\\s+", "it's  𠮷野 x\n", "it|'s| | 𠮷野| x|\n")]
    [InlineData("(?i:'s|'t)", "'ſ 'S 't", "'ſ|'S|'t")]
    [InlineData("(?i:k)", "kK\u212A", "k|K|\u212A")]
    [InlineData("[a-w&&[^c-g]z]+", "abcdhz", "ab|h")]
    [InlineData("a++a", "aaa", "")]
    [InlineData("a{2}?", "aaa", "aa|")]
    [InlineData("a{1,2}+", "aaaa", "aaaa")]
    [InlineData("a{3,1}a", "aaaa", "aaaa")]
    [InlineData("\\h+", "beef xyz 09", "beef|09")]
    [InlineData("^.", "a\nb\n", "a|b")]
    [InlineData("\\w+", "a²b", "a²b")]
    [InlineData("[\\w]+", "a²b", "a|b")]
    [InlineData("a(?i)b|c", "aB aC c", "aB|aC")]
    [InlineData("(?m:.)+", "a\nb", "a\nb")]
    [InlineData("(?x: a b # comment\n )", "ab a b", "ab")]
    [InlineData("[\\p{Han}\\p{^Latin}]+", "ab漢字1", "漢字1")]
    [InlineData("[[:alpha:]--]+", "ab-c1", "ab-c")]
    [InlineData("\\x{20AC}|\\u20AC|\\x41|\\101", "€A", "€|A")]
    [InlineData("(?<word>a)(?#c)(?'n'b)", "ab", "ab")]
    [InlineData("\\R", "\r\n\n\u2028", "\r\n|\n|\u2028")]
    [InlineData("(?<=a|bb)c", "ac bbc bc", "c|c")]
    [InlineData("x*", "axb", "|x|")]
    public void Matches_what_Oniguruma_matches(string pattern, string text, string expected) =>
        Assert.Equal(expected, string.Join('|', FindAll(pattern, text).Select(match => text.Substring(match.Start, match.Length))));

    [Fact]
    public void Equals_the_plain_reference() => Gen.Select(Atoms, Quantifiers).Select((atom, quantifier) => IsPlace(atom) ? atom : atom + quantifier).Array[1, 3].Select(string.Concat).Array[1, 2].Select(parts => string.Join('|', parts))
        .SelectMany(inner => Gen.Select(Pick.From("(?:#)", "(#)", "(?>#)", "(?!#)", "a?(#)*b?", "(#)+?a", "(?:(#)?a)*", "(?>(#)*)s", "(#|a)*+"), Texts, (outer, text) => (Pattern: outer.Replace("#", inner, StringComparison.Ordinal), text)))
        .Sample(sample => Assert.Equal(PatternReference.FindAll(sample.Pattern, sample.text), FindAll(sample.Pattern, sample.text)), iter: 4000);

    [Theory]
    [InlineData("(a+)+b", "a", 0)]
    [InlineData("a*b", "a", 0)]
    [InlineData("(?>a*)b", "a", 0)]
    [InlineData("a(?=[^b]*b)", "a", 0)]
    [InlineData("(a|aa)+$x", "a", 0)]
    [InlineData("(?:a?){30}a{30}b", "a", 0)]
    [InlineData("(.*)(.*)(.*)(.*)[0-9]z", "q", 0)]
    [InlineData("(?<=a{1,200})b", "a", 0)]
    [InlineData("(?=(?:a|ab)*c)a", "ab", 0)]
    [InlineData("\\s+(?!\\S)|\\s+x", " ", 1)]
    public void Any_pattern_takes_linear_time(string pattern, string unit, int count)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 200_000 / unit.Length));
        Assert.Equal(count, FindAll(pattern, text).Count); // tenths of a second; backtracking without a memory would take years
    }

    [Theory]
    [InlineData("(", "leaves a group open")]
    [InlineData("a)", "closes a group that is not open")]
    [InlineData("[a", "leaves a class open")]
    [InlineData("[]", "has an empty class")]
    [InlineData("*a", "repeats nothing")]
    [InlineData("^*", "repeats a place")]
    [InlineData("a{100001}", "repeats more than")]
    [InlineData("(?:a{1000}){1000}", "comes to more than")]
    [InlineData("[b-a]", "from b down to a")]
    [InlineData("[a-\\d]", "ends a range")]
    [InlineData("a\\", "ends in a backslash")]
    [InlineData("\\p{L", "leaves \\p{ open")]
    [InlineData("\\pQ", "has \\p without a property")]
    [InlineData("\\u12", "four hexadecimal digits")]
    [InlineData("\\x{110000}", "code point that is none")]
    [InlineData("(?<1a>b", "leaves a group open")]
    [InlineData("(?<>b)", "names a group badly")]
    public void A_broken_pattern_is_refused(string pattern, string part)
    {
        PatternException error = Assert.Throws<PatternException>(() => new Pattern(pattern));
        Assert.False(error.IsUnknown);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(a)\\1", "the back-reference \\1")]
    [InlineData("\\k<a>", "the back-reference \\k")]
    [InlineData("\\p{Klingon}", "the property \\p{Klingon}")]
    [InlineData("(?~a)", "an absent group")]
    [InlineData("(?(a)b)", "a condition")]
    [InlineData("(?{a})", "a callout")]
    [InlineData("(*FAIL)", "a callout")]
    [InlineData("(?s:a)", "the option (?s)")]
    [InlineData("\\X", "\\X")]
    [InlineData("\\xE4", "the byte E4")]
    [InlineData("(?<=a*)b", "a look-behind of more than")]
    [InlineData("(?<=a?+)b", "a possessive or atomic part")]
    public void What_is_not_known_is_refused_by_name(string pattern, string part)
    {
        PatternException error = Assert.Throws<PatternException>(() => new Pattern(pattern));
        Assert.True(error.IsUnknown);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        foreach ((string open, string close) in ((string, string)[])[("(", ")"), ("[", "]"), ("(?=", ")"), ("(?:a|", ")*")])
        {
            string deep = string.Concat(Enumerable.Repeat(open, 1000)) + "a" + string.Concat(Enumerable.Repeat(close, 1000));
            Assert.Throws<PatternException>(() => new Pattern(deep));
        }
        Assert.Throws<PatternException>(() => new Pattern(new string('a', 10_000)));
    }

    private static bool IsPlace(string atom) => atom is "^" or "$" or "\\b" || atom.StartsWith("(?=", StringComparison.Ordinal) || atom.StartsWith("(?!", StringComparison.Ordinal) || atom.StartsWith("(?<", StringComparison.Ordinal);

    private static List<TextSpan> FindAll(string pattern, string text)
    {
        var matches = new List<TextSpan>();
        new Pattern(pattern).FindAll(text, matches);
        return matches;
    }
}
