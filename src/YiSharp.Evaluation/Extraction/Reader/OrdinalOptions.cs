using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// Options named by their place in the list: "the third option", "option number two", 第四个选项. In a copy of the text their letters stand there, a character for a
/// character, so that whatever is said of letters (denied, joined, declared) is said of them too.
/// </summary>
internal sealed class OrdinalOptions
{
    private const string Place = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|1st|2nd|3rd|[4-9]th|10th";
    private const string Count = "one|two|three|four|five|six|seven|eight|nine|ten|[1-9]|10";
    private const string Chinese = "第[一二三四五六七八九十]|第(?:[1-9]|10)|最后一";

    /// <summary>With the noun; the first group becomes "option C".</summary>
    private static readonly Regex WithNoun = Pattern.Of(
        $@"((?:\bthe )?\b(?:very )?({Place})(?: listed| given| answer)? (?:option|choice|alternative))\b",
        $@"\b((?:answer )?(?:option|choice)(?: number| no\.?)? ?#?({Count}))\b",
        $"(({Chinese})(?:个|种|项)?(?:选项|选择|答案))");

    /// <summary>The first of two with one noun.</summary>
    private static readonly Regex Joined = Pattern.Of($@"((?:\bthe )?\b({Place})) (?:and|or|nor) (?:the )?(?:{Place}) (?:options?|choices?|alternatives?)\b");

    /// <summary>Without it, where the words beside it tell that an option is meant.</summary>
    private static readonly Regex Alone = Pattern.Of(
        $@"(?:answer is|answer:|choose|pick|select|go with|it's|it is|must be|should be) (the ({Place})(?: one)?)[.!,]*(?:\s*$|\n)",
        $@"^\s*((?:the )?({Place}) one)[.!]*\s*$",
        $@"^\s*(the ({Place}) one) (?:is|has|was|does)\b",
        $@"(the ({Place}) one) (?:is|would be) (?:the )?(?:correct|right|best|wrong|incorrect)",
        $"(?:选择?|答案[是为]|选项[是为]|应[是为])(({Chinese})[个项])",
        $"(({Chinese})[个项](?:的?(?:说法|表述|叙述|描述))?)(?:才?是|为)?(?:正确|错误|不正确|对|错|有误|不对)");

    /// <summary>Questions about an order, in which "the last one" is no option.</summary>
    private static readonly Regex OrderAsked = Pattern.Of($@"\b(?:{Place})\b", @"\b(?:left|right|old|new|cheap|tall|short|heav|light)[a-z]*(?:est|most)\b", @"\border\b", "第[一二三四五六七八九十0-9]|最[左右后前]");

    private static readonly string[] Places = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    private static readonly string[] Counts = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    private readonly List<(int From, int To)> _named = [];

    /// <param name="text">The text.</param>
    /// <param name="question">Its question; options that speak of options, or are numbers, are left alone.</param>
    /// <param name="stem">The question without its options, in lower case.</param>
    public OrdinalOptions(FoldedText text, ExtractionQuestion question, string stem)
    {
        Text = text;
        if (question.Choices.Any(choice => choice.Contains("option", StringComparison.OrdinalIgnoreCase) || choice.Contains("choice", StringComparison.OrdinalIgnoreCase))) return;
        char[]? lettered = null;
        foreach (Regex regex in OrderAsked.IsMatch(stem) ? [WithNoun, Joined] : (Regex[])[WithNoun, Joined, Alone])
        {
            foreach (Match match in regex.Matches(text.Lower))
            {
                Group[] groups = [.. match.Groups.Values.Skip(1).Where(group => group.Success)];
                if (IndexOf(groups[1].Value, question.Letters.Length) is not int option || question.Choices.Contains(groups[1].Value)) continue;
                Group name = groups[0];
                string word = name.Value[0] < '\u3400' && name.Length >= 8 ? "option " : "";
                $"{word}{question.Letters[option]}".PadLeft(name.Length).CopyTo(0, lettered ??= text.Text.ToCharArray(), name.Index, name.Length);
                _named.Add((name.Index, name.Index + name.Length));
            }
        }
        if (lettered is not null) Text = text.With(new string(lettered));
    }

    /// <summary>The text with letters in place of such names.</summary>
    public FoldedText Text { get; }

    /// <summary>A finding in <see cref="Text"/> as one in the text itself: where a letter stands for a name, the whole name.</summary>
    public Finding InOriginal(Finding found) =>
        _named.Find(name => found.From >= name.From && found.To <= name.To) is { To: > 0 } whole && found.To > found.From ? found with { From = whole.From, To = whole.To } : found;

    private static int? IndexOf(string place, int options)
    {
        string word = place.TrimStart('第');
        int index = word is "last" or "最后一" ? options - 1
            : Array.IndexOf(Places, word) is >= 0 and var ordinal ? ordinal
            : Array.IndexOf(Counts, word) is >= 0 and var count ? count
            : word.Length == 1 && "一二三四五六七八九十".IndexOf(word[0], StringComparison.Ordinal) is >= 0 and var numeral ? numeral
            : int.TryParse(string.Concat(word.TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture, out int number) ? number - 1 : -1;
        return index >= 0 && index < options ? index : null;
    }
}
