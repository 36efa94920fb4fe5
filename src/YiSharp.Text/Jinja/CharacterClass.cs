using System.Globalization;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>Python's classes of characters, where they are not a Unicode category alone.</summary>
internal static class CharacterClass
{
    /// <summary>Ideographs that Unihan gives a numeric value; .NET's tables leave them out.</summary>
    private const string NumericIdeographs =
        "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零" +
        "\uF96B\uF973\uF978\uF9B2\uF9D1\uF9D3\uF9FD𠀁𠁤𠃢𠄡𠤪𠦃𠦌𠦜𠫪𠫽𠬙𢎐𢦘𣬛𦉭\U0002F890";

    private static readonly HashSet<int> Numeric = [.. NumericIdeographs.EnumerateRunes().Select(rune => rune.Value)];

    /// <summary>Other_ID_Start and Other_ID_Continue: parts of identifiers that are no letters, marks or digits.</summary>
    private static readonly HashSet<int> OtherStart = [0x1885, 0x1886, 0x2118, 0x212E];

    private static readonly HashSet<int> OtherContinue = [0xB7, 0x387, .. Enumerable.Range(0x1369, 9), 0x19DA];

    /// <summary>Letters that are none in identifiers, since NFKC makes other things of them.</summary>
    private static readonly HashSet<int> NeverPart = [0x37A, 0x2E2F, .. Enumerable.Range(0xFC5E, 6), 0xFDFA, 0xFDFB, 0xFE70, 0xFE72, 0xFE74, 0xFE76, 0xFE78, 0xFE7A, 0xFE7C, 0xFE7E];

    private static readonly HashSet<int> NeverStart = [0xE33, 0xEB3, 0xFF9E, 0xFF9F];

    public static bool IsNumeric(Rune rune) => Rune.IsNumber(rune) || Numeric.Contains(rune.Value);

    public static bool IsIdentifierStart(Rune rune) => rune.Value == '_' || OtherStart.Contains(rune.Value)
        || ((Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.LetterNumber) && !NeverPart.Contains(rune.Value) && !NeverStart.Contains(rune.Value));

    public static bool IsIdentifierPart(Rune rune) => IsIdentifierStart(rune) || NeverStart.Contains(rune.Value) || OtherContinue.Contains(rune.Value)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;

    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
