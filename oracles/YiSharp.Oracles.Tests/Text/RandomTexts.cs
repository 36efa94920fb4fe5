using System.Globalization;
using System.Text;
using YiSharp.Tensors;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>Texts that are hard on tokenizers: a few stretches of different kinds each, and mutations of ordinary ones.</summary>
/// <param name="controlTokens">Tokens that are to be met within a text.</param>
internal sealed class RandomTexts(params string[] controlTokens)
{
    private const int LastCodePoint = 0x10FFFF;
    private const int MostStretches = 5;
    private const int LongestStretch = 24;

    private static readonly string[] Spaces =
        [" ", "  ", "    ", "\t", "\n", "\r\n", "\r", "\u000b", "\f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029", "\u202f", "\u3000", "\u200b", "\ufeff", "\u180e", "\u001c"];

    private static readonly string[] Fragments =
    [
        "for (int i = 0; i < n; ++i) {\n\t\tsum += x[i] * 0x1F;\n}", "def f(x):\n    return {'a': [1, 2.5e-3], \"b\": None}\n", "<div class=\"x\">&amp;</div>", "SELECT * FROM t WHERE a='b';--",
        "it's we'LL I'd they've 'tis don't 's 'S 're", "http://例え.jp/?q=%E4%BD%A0&x=1#y", "C:\\temp\\new", "1234567890 3.14159 1,000,000 ½ ²³ Ⅷ ㊿", "____====----****", "▁▁ ▁a", "Ġ Ċ âĢ", "<0x0A><0xE4>",
        "你好，世界！這是一個測試。", "日本語のテキスト、カタカナ。", "한국어 문장입니다.", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया १२३", "สวัสดีชาวโลก ๑๒๓", "Привет, мир!", "Ελληνικά", "שלום",
        "é e\u0301 ﬁ Å A\u030a", "👨‍👩‍👧‍👦 🇨🇳 👍🏽 ❤️", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚", "\0\u0001\u007f", "The quick brown fox jumps over the lazy dog.",
    ];

    private static readonly int[] Digits = OfCategories(UnicodeCategory.DecimalDigitNumber, UnicodeCategory.LetterNumber, UnicodeCategory.OtherNumber);
    private static readonly int[] Marks = OfCategories(UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark);
    private static readonly int[] Letters = OfCategories(
        UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter, UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter);

    /// <summary>A text of some stretches, a third of them mutated; surrogates are paired.</summary>
    public string Next(RandomStream random)
    {
        var text = new StringBuilder();
        for (int left = 1 + random.NextBelow(MostStretches); left > 0; left--) AppendStretch(text, random);
        return random.NextBelow(3) == 0 ? Mutate(text.ToString(), random) : text.ToString();
    }

    /// <summary>The text with a surrogate put where it has no partner, at one to three places.</summary>
    public static string BreakSurrogates(string text, RandomStream random)
    {
        for (int left = 1 + random.NextBelow(3); left > 0; left--)
        {
            var surrogate = (char)(0xD800 + random.NextBelow(0x800));
            text = text.Insert(random.NextBelow(text.Length + 1), surrogate.ToString());
        }
        return text;
    }

    /// <summary>The text with U+FFFD for each unpaired surrogate: what every tokenizer of UTF-8 sees.</summary>
    public static string Repair(string text)
    {
        var repaired = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes()) repaired.Append(rune.ToString());
        return repaired.ToString();
    }

    private void AppendStretch(StringBuilder text, RandomStream random)
    {
        int length = 1 + random.NextBelow(LongestStretch);
        switch (random.NextBelow(10))
        {
            case 0: Repeat(length, () => text.Append(Character(random.NextBelow(LastCodePoint + 1)))); break;
            case 1: Repeat(length, () => text.Append(Character(random.NextBelow(0x10000)))); break;
            case 2: Repeat(length, () => text.Append((char)random.NextBelow(0x80))); break;
            case 3: Repeat(length, () => text.Append(Pick(Spaces, random))); break;
            case 4: Repeat(length, () => text.Append(Character(Pick(Digits, random)))); break;
            case 5: Repeat(length, () => text.Append(Character(Pick(Letters, random))).Append(random.NextBelow(4) == 0 ? Character(Pick(Marks, random)) : "")); break;
            case 6: text.Append(Pick(Spaces, random)).Append(Pick(controlTokens, random)).Append(Pick(Spaces, random)); break;
            case 7: string repeated = Repair(Pick(Fragments, random)[..1]); Repeat(random.NextBelow(4) == 0 ? 20 * length : length, () => text.Append(repeated)); break;
            default: text.Append(Pick(Fragments, random)); break;
        }
    }

    /// <summary>Drops, doubles, moves and inserts characters at a few places.</summary>
    private string Mutate(string text, RandomStream random)
    {
        List<string> characters = [.. text.EnumerateRunes().Select(rune => rune.ToString())];
        for (int left = 1 + random.NextBelow(6); left > 0 && characters.Count > 0; left--)
        {
            int index = random.NextBelow(characters.Count);
            switch (random.NextBelow(5))
            {
                case 0: characters.RemoveAt(index); break;
                case 1: characters.Insert(index, characters[index]); break;
                case 2: characters.Insert(index, characters[random.NextBelow(characters.Count)]); break;
                case 3: characters.Insert(index, Pick(Spaces, random)); break;
                default: characters.Insert(index, Pick(controlTokens, random)[..^random.NextBelow(2)]); break;
            }
        }
        return string.Concat(characters);
    }

    private static void Repeat(int count, Action action)
    {
        for (; count > 0; count--) action();
    }

    private static T Pick<T>(T[] items, RandomStream random) => items[random.NextBelow(items.Length)];

    private static string Character(int codePoint) => Rune.IsValid(codePoint) ? new Rune(codePoint).ToString() : "\uFFFD";

    private static int[] OfCategories(params UnicodeCategory[] categories) =>
        [.. Enumerable.Range(0, LastCodePoint + 1).Where(c => Rune.IsValid(c) && categories.Contains(CharUnicodeInfo.GetUnicodeCategory(c)))];
}
