using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The letter of the option that an answer settles on.</summary>
internal static class ChoiceReader
{
    /// <summary>The rest of an announcement names the option; weaker than <see cref="Wording.Declaration"/>, since it can also announce a step.</summary>
    private static readonly Regex Announcement = Pattern.Of(
        @"\b(?:i|we)(?:'d| would| will|'ll| should| must| have to)? (?:\w+ )?(?:choose|pick|select|go with|answer|say|opt for|vote for|settle on)\s+"
        + @"|\b(?:so|thus|hence|therefore|then|clearly|conclusion|conclude|consequently)\b[,:]?\s*(?:that )?(?:it(?:'s| is| must be| should be)\s*|we (?:get|have)\s+)?(?:the )?"
        + @"|\b(?:it|that|this|which)(?:'s| is| was| must be| should be| has to be)\s+(?:definitely |clearly |actually |indeed |certainly |therefore )?"
        + @"|(?:^|[:;,.\n]|\bthus|\bhence|\bso)\s*(?:the |my )?(?:ans|answer|pick|correct(?: option| answer| choice)?)\b[.:]?[ -]*"
        + @"|(?:^|[.!?\n])\s*(?:choose|pick|select)\s+(?:option |answer )?"
        + @"|\b(?:leaves|leaving)\s+(?:us with )?(?:only )?|\bremaining(?: option| choice| answer| one)?(?:\s+is|\s*:)\s*"
        + @"|(?:选择|選擇|选|選)(?:的是|择)?(?:选项|選項)?[\s:]*|(?:所以|因此|故|因而|可见|显然|即|综上所述|综上|只有|应为|应是|应该是|应当是|因为)[,:\s]*(?:是|为|答案)?[:\s]*(?:选项)?");

    private static readonly Regex OptionLines = Pattern.Of(@"\n[ \t]*(?:Options|选项)[ \t]*:", @"\n[ \t]*(?:\(A\)|A[.):、])");
    private static readonly Regex Right = Pattern.Of(
        @"^[\)\]\.""']*\s*(?:\([^()\n]{0,60}\)\s*)?(?:[a-z, ]{0,30}\b)?(?:is|would be|must be|should be|seems|as) (?:therefore |thus |clearly |indeed |definitely |obviously )?"
        + @"(?:the )?(?:only |most |best )?(?:correct|right|best|true|answer|one\b|appropriate|accurate)"
        + @"|^\s*the (?:right|correct|best) (?:answer|option|choice|one)|^[\)\]""']*\s*(?:项|选项)?(?:的?说法)?(?:才)?(?:是|为)?(?:唯一|全部|完全|全|均|都)?(?:正确|對|对的|对[。,;]|符合)");

    /// <summary>Says of an option that it is the one which is not so.</summary>
    private static readonly Regex Exception = Pattern.Of(
        @"^[)\]""']*\s*(?:\([^()\n]{0,60}\)\s*)?(?:is |would be |must be )(?:therefore |thus |clearly )?(?:the )?(?:exception|odd one|outlier|(?:correct |right |best )?(?:answer|choice|option)\b|one that (?:is|does|do|has)(?: not|n't))",
        @"^[)\]""']*\s*(?:does not|doesn't) (?:belong|fit)", "^(?:项|选项)?(?:是例外|符合题意|才?是答案)");
    private static readonly Regex AskedForWrong = Pattern.Of(@"\bnot\b|\bexcept\b|\bincorrect\b|\bfalse\b|\bleast\b|错误的|不正确|不属于|不是|不对|不包括|不能|有误|不符合");
    private static readonly Regex WrongIs = Pattern.Of(@"(?:的是|的为|的选项是|的一项是|的说法是)[:\s]*(?:选项)?");
    private static readonly Regex Most = Pattern.Of("最[一-鿿]");
    private static readonly Regex Superlative = Pattern.Of("最|第一个");
    private static readonly char[] ClauseEnds = [',', ';', '。', '\n', ':'];
    private static readonly Regex InlineLabel = Pattern.Of(@"(?:^|[,;\s])\(?[A-Z]\)?:");
    private static readonly Regex ArrowLabel = Pattern.Of(@"(?:^|[,;\s])[A-Z] *->");
    private static readonly Regex ItemLabel = Pattern.Of("(?:^|[,;。\\s])[A-Z]项");
    private static readonly Regex OwnLetter = Pattern.Of(@" ?\((?:option |choice |选项)?[a-z]\)[.。]?$");
    private static readonly Regex LoneEnd = Pattern.Of(@"[.!?。]\s+\(?([A-Z])\)?[.!。]?\s*$");
    private static readonly Regex LabelEnd = Pattern.Of(@"^\s*$", "^ *\n", @"^[.)\]:,;\n、。""}!】项选]", "^ because", "^ since", "^ -", @"^ \(");
    private static readonly Regex NotThis = Pattern.Of(@"^[\s:""'(]*(?:not|不是)\s*(?:option |choice )?[(""']*[a-z](?:[^a-z]|$)");
    private static readonly Regex None = Pattern.Of(@"^[\s:""'(]*(?:none of|neither|not (?:listed|given|among|any|clear|certain|possible)|unclear|unknown|not\b|没有正确|以上都不)");

    private static readonly Regex NoneOfThem = Pattern.Of(@"^[\s:""'(]*(?:none of|neither of|以上都不)");

    private const double RoundingShare = 1e-9;

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        string stem = StemOf(question.Input ?? "");
        var ordinals = new OrdinalOptions(text, question, stem);
        return Read(question, ordinals.Text, stem) is { } found ? ordinals.InOriginal(found) : null;
    }

    private static Finding? Read(ExtractionQuestion question, FoldedText text, string stem)
    {
        var options = new OptionTexts(question.Choices);
        var letters = new OptionLetters(text, question.Letters, options);
        bool wrongIsAsked = AskedForWrong.IsMatch(stem);
        if (text.Lower.AsSpan().IsWhiteSpace()) return null;

        if ((options.Exactly(text.Lower) ?? options.Nearly(text.Lower)) is int whole) return Named(question, new Claim(whole, 0, text.Text.TrimEnd().Length, "option_text"));
        if (Boxed(text, letters) is { } boxed) return Named(question, boxed);
        (List<Claim> strong, List<Claim> weak, bool open) = Claims(text, letters, options, stem, wrongIsAsked);
        var wholes = new WholeOptions(question, stem);
        bool isNone = strong.Count > 0 && strong[^1].Option < 0 && wholes.NoneOfThem is not null && NoneOfThem.IsMatch(text.Lower[strong[^1].From..]);
        if (isNone) return Named(question, strong[^1] with { Option = wholes.NoneOfThem!.Value, To = strong[^1].From + 1 });
        if (strong.Count > 0) return strong[^1].Option < 0 ? null : Named(question, strong[^1]);
        bool refused = Wording.Refusal.IsMatch(text.Lower);
        if (!refused && !wrongIsAsked && wholes.Read(text, letters) is { } together) return Named(question, new Claim(together.Option, together.From, together.To, "together"));
        if (weak.Count > 0) return weak[^1].Option < 0 ? null : Named(question, weak[^1]);

        if (!refused && StatementTruths.Of(question.Choices, stem)?.Read(text) is int held) return Named(question, new Claim(held, 0, 0, "truths"));
        var list = new ListedOptions(text, letters, options, wrongIsAsked);
        if (list.Marked() is { } marked) return Named(question, new Claim(marked.Option, marked.At, marked.At + 1, "marked"));
        if (list.OnlyRestates || list.IsUndecided) return null;
        if (Ticked(text, letters, options, wrongIsAsked) is { } ticked) return Named(question, ticked);
        if (list.Options.Count < 2 && !refused && Leading(text, letters, wrongIsAsked) is { } leading) return Named(question, leading);
        if (LastLine(text, letters) is { } last) return Named(question, last);
        if (!refused && FirstSentence(text, options) is { } first) return Named(question, first);
        if (!refused && !wrongIsAsked && Remaining(question, letters) is { } remaining) return Named(question, remaining);
        var mentions = new ChoiceMentions(text, stem, options, letters, list.Lines, wrongIsAsked);
        if (!refused && mentions.NotEnumerated() is int other) return Named(question, new Claim(other, 0, 0, "remaining"));
        if (refused || open) return null;
        if (mentions.Opposite is int opposite) return Named(question, new Claim(opposite, 0, 0, "remaining"));
        if (mentions.Ranked() is { } ranked) return Named(question, new Claim(ranked.Option, ranked.From, ranked.To, "ranked"));
        if (Wording.IsUnfinished(text, mentions.IsIn) || (!wrongIsAsked && letters.Dismissed.Count > 1)) return null;
        if ((list.IsInline || mentions.Told() is null) && list.Row(mentions.Asked) is { } row) return Named(question, new Claim(row.Option, row.At, row.At + 1, "row"));
        if (letters.NamedCount > 1 && text.Text.TrimEnd()[^1] is not ('.' or '。' or '!' or ')' or '"')) return null;
        if (text.Text.Contains('=', StringComparison.Ordinal) && ByNumber(question, text) is { } result) return result;
        return mentions.Told() is { } told ? Named(question, new Claim(told.Option, told.From, told.To, told.Rule))
            : ByNumber(question, text) ?? (options.Nearest(text.Lower) is int nearest ? Named(question, new Claim(nearest, 0, 0, "nearest")) : null);
    }

    /// <summary>Where all options are numbers: the one that the text settles on as the answer to a question for a number.</summary>
    private static Finding? ByNumber(ExtractionQuestion question, FoldedText text)
    {
        double[] values = OptionTexts.NumbersOf(question.Choices.Take(question.Letters.Length));
        if (values.Length < 2 || values.Distinct().Count() < values.Length) return null;
        if (NumberReader.Read(question, text) is not { } found || !double.TryParse(found.Answer, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)) return null;
        int option = Array.FindIndex(values, other => Math.Abs(other - value) <= RoundingShare * Math.Abs(value));
        return option < 0 ? null : new Finding(question.Letters[option].ToString(), "number", found.From, found.To, true);
    }

    /// <summary>The question in lower case without its options, if some of it stands before them.</summary>
    private static string StemOf(string input)
    {
        string folded = FoldedText.Of(input).Text;
        return (OptionLines.Match(folded) is { Success: true, Index: > 0 } options ? folded[..options.Index] : folded).ToLowerInvariant();
    }

    /// <summary>An option that is claimed to be the answer; -1 for a claim that none or several are.</summary>
    private sealed record Claim(int Option, int From, int To, string Rule);

    private static Finding Named(ExtractionQuestion question, Claim claim) =>
        new(question.Letters[claim.Option].ToString(), claim.Rule, claim.From, claim.To, claim.Rule is "option_text" or "alone" or "row" or "remaining" or "ranked" or "truths" or "together" or "nearest");

    private static Claim? Boxed(FoldedText text, OptionLetters letters)
    {
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            int first = from + text.Text[from..to].Length - text.Text[from..to].TrimStart().Length;
            if (text.Text[from..to].Trim().Length == 1 && letters.LetterAt(first, lowerToo: true) is int alone) return new Claim(alone, first, first + 1, rule);
            if (letters.Resolve(from) is { } found && found.To <= to) return new Claim(found.Option, found.From, found.To, rule);
        }
        return null;
    }

    private static (List<Claim> Strong, List<Claim> Weak, bool Open) Claims(FoldedText text, OptionLetters letters, OptionTexts options, string stem, bool wrongIsAsked)
    {
        var strong = new List<Claim>();
        var weak = new List<Claim>();
        bool open = false;
        int excluded = -1;
        var named = new HashSet<int>();
        void Try(Match match, List<Claim> claims, string rule, bool strict)
        {
            int at = Wording.PastDenied(text.Lower, match.Index + match.Length);
            if (letters.Resolve(at, strict) is { } found)
            {
                if (Wording.IsNotOwn(text.Lower, match.Index) || letters.IsListed(found.Option, found.From)) return;
                if (found.To - found.From > 1 && options.IsOneOfSeveral(text.Lower, found.Option, found.To)) return;
                if (found.To - found.From > 1 || wrongIsAsked || !letters.IsDismissed(found.To)) claims.Add(new Claim(found.Option, found.From, found.To, rule));
            }
            else if (!strict && NotThis.IsMatch(text.Lower[at..Math.Min(text.Lower.Length, at + 30)])) return; // only what it is not
            else if (!strict && None.IsMatch(text.Lower[at..Math.Min(text.Lower.Length, at + 30)])) claims.Add(new Claim(-1, at, at, rule));
            else if (!strict && Within(text, letters, at) is { } within && !Wording.IsNotOwn(text.Lower, match.Index)) claims.Add(within with { Rule = rule });
        }
        foreach (Match match in Wording.Declaration.Matches(text.Lower)) Try(match, strong, "declared", strict: false);
        foreach (Match match in WrongIs.Matches(text.Lower).Where(match => IsOfQuestion(text.Lower, match.Index, stem))) Try(match, strong, "declared", strict: true);
        foreach (Match match in Announcement.Matches(text.Lower)) Try(match, weak, "announced", strict: true);
        for (int at = 0; at < text.Text.Length; at++)
        {
            if (letters.LetterAt(at) is not int option) continue;
            named.Add(option);
            if (letters.IsDismissed(at + 1)) letters.Dismissed.Add(option);
            bool isExcluded = letters.IsExcluded(at) || (excluded >= 0 && excluded < at && OptionLetters.IsJoint(text.Lower[excluded..at]));
            excluded = isExcluded ? at + 1 : -1;
            if (isExcluded) letters.Excluded.Add(option);
            if (letters.IsOneOfSeveral(at))
            {
                open |= !isExcluded;
                continue;
            }
            string after = text.Lower[(at + 1)..Math.Min(text.Lower.Length, at + 90)];
            bool isRight = Right.IsMatch(after) && letters.IsMeant(at, wrapped: text.Text[Math.Max(at - 1, 0)] == '(') && !letters.IsDenied(at, at + 1);
            bool verdict = wrongIsAsked ? letters.IsDismissed(at + 1) || Exception.IsMatch(after) : isRight;
            if (verdict && !Wording.IsNotOwn(text.Lower, at)) weak.Add(new Claim(option, at, at + 1, "verdict"));
        }
        letters.NamedCount = named.Count;
        strong.Sort((a, b) => a.From - b.From);
        weak.Sort((a, b) => a.From - b.From);
        if (weak.Count > 1 && weak.All(claim => claim.Rule == "verdict") && weak.Any(claim => claim.Option != weak[0].Option)) weak = [new Claim(-1, 0, 0, "verdict")];
        return (strong, weak, open);
    }

    /// <summary>Whether the clause before a place speaks of the most of what the question asks, not of the most of something else: "延续时间最长的是C".</summary>
    private static bool IsOfQuestion(string lower, int at, string stem)
    {
        if (!Superlative.IsMatch(stem)) return true;
        int from = lower.LastIndexOfAny(ClauseEnds, Math.Max(0, at - 1)) + 1;
        return Most.Matches(lower[from..at]).All(most => stem.Contains(most.Value, StringComparison.Ordinal));
    }

    /// <summary>The one option that the rest of a declaring sentence names in brackets or by letter and noun.</summary>
    private static Claim? Within(FoldedText text, OptionLetters letters, int at)
    {
        Claim? found = null;
        for (int i = at, end = Sentences.EndOf(text.Text, at); i < end; i++)
        {
            if (letters.LetterAt(i) is not int option || i == 0 || text.Text[i - 1] is not '(' || letters.IsDenied(i, i + 1)) continue;
            if (found is not null && found.Option != option) return null;
            found = new Claim(option, i, i + 1, "declared");
        }
        return found;
    }

    /// <summary>The one option that is not called wrong where all others are.</summary>
    private static Claim? Remaining(ExtractionQuestion question, OptionLetters letters)
    {
        HashSet<int> wrong = [.. letters.Dismissed, .. letters.Excluded, .. letters.DismissedTogether()];
        return question.Choices.Count > 2 && wrong.Count == question.Letters.Length - 1 ? new Claim(Enumerable.Range(0, question.Letters.Length).First(option => !wrong.Contains(option)), 0, 0, "remaining") : null;
    }

    private static Claim? Ticked(FoldedText text, OptionLetters letters, OptionTexts options, bool wrongIsAsked)
    {
        List<(int Option, int From, int To)> named = [.. letters.Meant().Select(letter => (letter.Option, letter.At, letter.At + 1)), .. options.Mentions(text.Lower, shorter: false)];
        named.Sort((a, b) => a.From - b.From);
        return new TickMarks(text, named, options.Count).Singled(wrongIsAsked) is { } singled ? new Claim(singled.Option, singled.From, singled.To, "marked") : null;
    }

    private static Claim? Leading(FoldedText text, OptionLetters letters, bool wrongIsAsked)
    {
        if (letters.Resolve(0, strict: true) is not { } found || found.From > 16 || letters.IsDismissed(found.To)) return null;
        string after = text.Lower[found.To..Math.Min(text.Lower.Length, found.To + 12)];
        if (wrongIsAsked && Right.IsMatch(after)) return null;
        if (letters.NamedCount > 2 && ((after.StartsWith(':') && InlineLabel.Count(text.Text) > 2) || (after.StartsWith('项') && ItemLabel.Count(text.Text) > 2) || (after.StartsWith(" ->", StringComparison.Ordinal) && ArrowLabel.Count(text.Text) > 2))) return null;
        bool label = LabelEnd.IsMatch(after) || (text.Lower.Length <= 40 && letters.NamedCount < 2);
        if (!label || (Wording.IsUnfinished(text) && text.Lower.Length > 40)) return null;
        return new Claim(found.Option, found.From, found.To, "leading");
    }

    /// <summary>The option that the first sentence is, where no other sentence is an option.</summary>
    private static Claim? FirstSentence(FoldedText text, OptionTexts options)
    {
        List<(int From, int To)> sentences = Sentences.Of(text.Text);
        if (sentences.Count < 2 || text.Text[sentences[0].To - 1] is '?' || options.Exactly(OwnLetter.Replace(text.Lower[sentences[0].From..sentences[0].To], "")) is not int option) return null;
        return sentences.Skip(1).Any(sentence => options.Exactly(text.Lower[sentence.From..sentence.To]) is not null) ? null
            : new Claim(option, sentences[0].From, sentences[0].From + text.Text[sentences[0].From..sentences[0].To].TrimEnd('.', '!', '。', ' ').Length, "option_text");
    }

    private static Claim? LastLine(FoldedText text, OptionLetters letters)
    {
        int from = text.Text.TrimEnd().LastIndexOf('\n') + 1;
        string line = text.Text[from..].Trim(' ', '\n', '(', ')', '.', '[', ']', '"', '#', ':');
        if (LoneEnd.Match(text.Text) is { Success: true } end && letters.LetterAt(end.Groups[1].Index) is int lone) return new Claim(lone, end.Groups[1].Index, end.Groups[1].Index + 1, "last_line");
        if (from == 0 || line.Length != 1 || letters.Resolve(from + text.Text[from..].IndexOf(line[0], StringComparison.Ordinal), strict: true) is not { } found || letters.IsListed(found.Option, found.From)) return null;
        return new Claim(found.Option, found.From, found.To, "last_line");
    }
}
