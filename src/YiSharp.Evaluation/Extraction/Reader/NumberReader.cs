using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>The number that an answer settles on, in the unit that the question asks for.</summary>
internal static class NumberReader
{
    private static readonly Regex Total = Pattern.Of(
        @"\b(?:(?:grand |final )?total|sum|in total|altogether|final (?:price|amount|cost|value|profit|result|number|temperature|answer))\s*(?:is|was|:|=|comes to)\s*",
        @"(?:总计|共计|合计|总共|总数)\s*(?:是|为|:)\s*");

    private static readonly Regex First = Pattern.Of(@"^\s*(?:(?:about|exactly|roughly|约|大约)\s*)?[$¥€£]?$");
    private static readonly Regex UnitThenEnd = Pattern.Of(@"^\s*(?:[a-z/°%²³]+(?: (?:per|a|an|of)? ?[a-z/]+)?|[一-鿿]{1,4})?\s*(?:[.,;。!]|\bbecause|\bsince|\(|,? as\b|$)");
    private static readonly Regex Verb = Pattern.Of(@"^ (?:is|are|was|were|will|has|have|had|can|do|does|did)\b");
    private static readonly Regex Label = Pattern.Of(@"(?:^|\n)[ \t]*(?:\(?[0-9]{1,2}[.)]|[-•]|step [0-9]{1,2}\s*[:.]|第[0-9一二三四五六七八九十]{1,2}步)(?:[ \t]|[一-鿿:])");
    private static readonly Regex LossBefore = Pattern.Of(@"\b(?:loss|deficit|debt) (?:is |was |of |comes to )?(?:about |exactly )?[$¥€£]*$", @"\b(?:lost|loses?|losing) (?:about |exactly )?[$¥€£]*$", @"(?:亏损?|负债|下降|减少)了?(?:是|为)?[¥ ]*$", "地下第?$");
    private static readonly Regex LossBehind = Pattern.Of("^ (?:dollar )?(?:loss|deficit)", "^ (?:floors?|levels?|stor(?:ey|ie)s?)? ?(?:below|underground)");

    /// <summary>Between an exact value and one that comes near to it.</summary>
    private static readonly Regex Nearly = Pattern.Of(@"^ *[,(]? *(?:≈|(?:or |which is )?(?:about|roughly|approximately)|约(?:等于|为|是)?) *[$¥€£]?$");
    private static readonly Regex LastWord = Pattern.Of("[0-9] ([a-z]{2,})$");
    private static readonly Regex Word = Pattern.Of("[a-z]{2,}");

    /// <summary>One of two answers that hold under opposite conditions.</summary>
    private static readonly Regex Otherwise = Pattern.Of(@"\b(?:if not|otherwise|if (?:it|they|he|she|that|this|we|you) (?:is|are|does|do|did|was|were)(?:n't| not))\b", "否则|如果不|若不");
    private static readonly Regex AgainIf = Pattern.Of(@"[.;\n] *(?:and |but |or )?if\b|, (?:but|while|whereas|or) if\b", "[。;,\n] *(?:而|但)?(?:如果|若|假如)");
    private static readonly Regex Further = Pattern.Of(@"\b(?:then|also|again|next|too)\b", "再|又|接着|然后");
    private static readonly Regex Condition = Pattern.Of(@"\bif\b", "如果|若|假如");
    private const int MostParts = 8, LongestEcho = 40, LongestAlternative = 300;

    /// <summary>The rule that finds a number of more than <see cref="PlainDecimal.MostDigits"/> digits, which is no answer.</summary>
    private const string TooLong = "too_long";

    private const int LongestRest = 30, LongestChineseRest = 5;

    private static readonly Regex Method = Pattern.Of(@"^\s*(?:to (?:find|get|solve|compute|calculate)|we know|start with|subtract|add|multiply|divide)\b");
    /// <summary>At the end of a text that is cut off: a verb that wants a number, a product that is not worked out, a list's number without its noun.</summary>
    private static readonly Regex WithoutResult = Pattern.Of("[一-鿿](?:需要?|应为|应是)$", @"[a-z] [$¥€£]?[0-9.]+ ?[×*÷+] ?[$¥€£]?[0-9.]+$", "[0-9]+ [a-z]+, and [0-9]+$");
    private static readonly Regex Unsolved = Pattern.Of(@"=[^=]*[0-9] ?\(?[jnpqtwxyz](?:[^a-z=][^=]*)?$");
    private static readonly Regex Parts = Pattern.Of(@"^\s*(?:of (?:this|these|that|those|them|which)|including|among them)\b", "^\\s*其中");
    private static readonly Regex Comparison = Pattern.Of(@"\b(?:than|compared|instead of|as many as)\b", "[比相]");

    public static Finding? Read(ExtractionQuestion question, FoldedText text)
    {
        var asked = new AskedAmount(question.Input);
        foreach ((int from, int to, string rule) in Boxes.Of(text))
        {
            if (NumberClause.Pick(text.Lower, from, to, asked) is { Numeral: { } inside }) return Found(inside, rule);
        }
        if (Last(Wording.Declaration, text, asked, out bool several) is { } declared) return Found(declared, "declared");
        if (several) return null;
        if (Last(Total, text, asked, out _) is { } total) return Found(total, "total");
        if (text.Bold is (int boldFrom, int boldTo) && NumberClause.Pick(text.Lower, boldFrom, boldTo, asked).Numeral is { } bold && !IsLabel(text, bold))
            return Found(Extended(text, bold), "bold");
        if (Wording.Refusal.IsMatch(text.Lower) || Wording.IsUnfinished(text, (from, to) => Numerals.In(text.Lower, from, to).Count > 0) || LacksResult(text) || IsCutWord(text, question.Input)) return null;

        if (AreAlternatives(text, asked)) return null;
        List<(int From, int To)> sentences = Sentences.Of(text.Text);
        bool isList = Label.Matches(text.Lower).Count >= 2;
        if (sentences.Count > 0 && !isList && Leading(text, sentences[0], asked) is { } first) return Found(first, "leading");
        if (isList) sentences = sentences.ConvertAll(sentence => (PastLabel(text, sentence), sentence.To));
        if ((PartsBelow(text, sentences, asked) ?? PartsBehind(text, sentences, asked)) is { } whole) return Found(whole, "sum");
        if (EchoOf(text, asked) is { } echoed) return Found(echoed, "echo");
        return (BeforeQuestion(text, sentences, asked) ?? Telling(text, sentences, asked)) is { Numeral: { } told } choice ? Found(told, choice.Rule) : null;

        Finding Found(Numeral reached, string rule) => (ExactOf(text, reached, asked) ?? reached) is var numeral && asked.Write(IsLoss(text, numeral, asked) ? numeral with { Value = -numeral.Value } : numeral) is { } answer ? new(answer, rule, numeral.From, numeral.To, rule is "last_number") : new(null, TooLong, numeral.From, numeral.To);
    }

    /// <summary>The number before the last colon that ends a line, where every line below tells one part of it.</summary>
    private static Numeral? PartsBelow(FoldedText text, List<(int From, int To)> sentences, AskedAmount asked)
    {
        int head = sentences.FindLastIndex(sentence => text.Text[sentence.To - 1] == ':');
        if (head < 0 || sentences.Count - head < 3) return null;
        List<Numeral> all = NumberClause.In(text.Lower, sentences[head].From, sentences[head].To, asked);
        foreach ((int from, int to) in sentences[(head + 1)..])
        {
            if (NumberClause.In(text.Lower, from, to, asked) is not [var part]) return null;
            all.Add(part);
        }
        return NumberSums.OfParts(text.Lower, sentences[head].From, sentences[^1].To, all, asked);
    }

    /// <summary>The number of a sentence with no other that the numbers of all later ones add up to, where a total is asked for.</summary>
    private static Numeral? PartsBehind(FoldedText text, List<(int From, int To)> sentences, AskedAmount asked)
    {
        for (int i = Math.Max(0, sentences.Count - MostParts); asked.IsTotal && i + 1 < sentences.Count; i++)
        {
            List<Numeral> all = NumberClause.In(text.Lower, sentences[i].From, sentences[^1].To, asked);
            if (all.Count(numeral => numeral.To <= sentences[i].To) == 1 && NumberSums.OfParts(text.Lower, sentences[i].From, sentences[^1].To, all, asked) is { } whole && whole.To <= sentences[i].To) return whole;
        }
        return null;
    }

    /// <summary>The number behind the question's own words before 多少, the only one that the text has there, where no conclusion with another follows; null without one.</summary>
    private static Numeral? EchoOf(FoldedText text, AskedAmount asked)
    {
        if (asked.Echo is not { } words) return null;
        Numeral? echoed = null;
        for (int at = text.Lower.IndexOf(words, StringComparison.Ordinal); at >= 0; at = text.Lower.IndexOf(words, at + 1, StringComparison.Ordinal))
        {
            int from = at + words.Length, to = Math.Min(Sentences.EndOf(text.Text, from), from + LongestEcho);
            if (IsInBrackets(text.Text, at)) continue;
            while (from < to && text.Text[from] is ' ' or '约' or '要' or ':' or '了') from++;
            if (NumberClause.In(text.Lower, from, to, asked) is not [{ From: var start } numeral, ..] || start != from || (to < text.Text.Length && Expressions.IsOperand(text.Lower, numeral))) continue;
            if ((echoed is { } other && other.Value != numeral.Value) || Wording.Hypothesis.IsMatch(text.Lower[Sentences.StartOf(text.Text, at)..at])) return null;
            echoed = numeral;
        }
        return echoed is { } found && Clauses.LastConclusion(text.Lower, found.To, text.Lower.Length) == found.To && text.Lower.AsSpan(found.To).IndexOf('=') < 0 ? found : null;
    }

    private static bool IsInBrackets(string text, int at)
    {
        ReadOnlySpan<char> before = text.AsSpan(Math.Max(0, at - LongestEcho), Math.Min(at, LongestEcho));
        return before.LastIndexOf('(') > before.LastIndexOf(')');
    }

    /// <summary>Whether a number is called a loss where the question wants it negative.</summary>
    private static bool IsLoss(FoldedText text, Numeral numeral, AskedAmount asked) =>
        asked.IsSigned && numeral.Value > 0
        && (LossBefore.IsMatch(text.Lower[Math.Max(0, numeral.From - 40)..numeral.From]) || LossBehind.IsMatch(text.Lower[numeral.To..Math.Min(text.Lower.Length, numeral.To + 16)]));

    /// <summary>What is told, in the question's words, before another question that the text asks itself.</summary>
    private static NumberClause.Choice? BeforeQuestion(FoldedText text, List<(int From, int To)> sentences, AskedAmount asked)
    {
        int other = sentences.FindLastIndex(sentence => text.Text[sentence.To - 1] == '?' && !asked.IsAskedAgain(text.Lower[sentence.From..sentence.To]));
        if (other <= 0 || Telling(text, sentences[..other], asked) is not { Numeral: { } before } choice) return null;
        return asked.IsSpokenOf(text.Lower[Sentences.StartOf(text.Text, before.From)..before.To]) ? choice : null;
    }

    /// <summary>
    /// What the last sentence with numbers tells, those aside that only restate the question, suppose, compare, or speak of another kind of amount; a conclusion
    /// before it where that alone speaks in the question's words.
    /// </summary>
    private static NumberClause.Choice Telling(FoldedText text, List<(int From, int To)> sentences, AskedAmount asked)
    {
        NumberClause.Choice other = default, comment = default;
        for (int i = sentences.Count - 1; i >= 0; i--)
        {
            (int from, int to) = sentences[i];
            string sentence = text.Lower[from..to];
            if (Wording.Note.IsMatch(sentence)) continue;
            NumberClause.Choice choice = NumberClause.Pick(text.Lower, from, to, asked);
            if (choice.IsSeveral) return choice;
            if (choice.Numeral is not { } numeral || Parts.IsMatch(sentence)) continue;
            bool concludes = Clauses.LastConclusion(text.Lower, from, to) > from;
            if (!concludes && asked.IsGiven(numeral) && Method.IsMatch(sentence)) continue;
            if (!concludes && (asked.IsRestatedBy(sentence, numeral) || IsOnlyGiven(text, sentences, i, asked))) continue;
            bool speaks = asked.IsSpokenOf(sentence);
            bool isAside = !asked.Fits(numeral) || Wording.Hypothesis.IsMatch(sentence) || (Comparison.IsMatch(sentence) && i > 0 && !asked.Compares);
            if (isAside && !concludes) other = other.Numeral is null ? choice : other;
            else if (comment.Numeral is not null && !(concludes && speaks) && !Outspeaks(choice, sentence)) continue;
            else if (comment.Numeral is not null || concludes || speaks || choice.Rule == "equation") return choice;
            else comment = choice;
        }
        return comment.Numeral is null ? other : comment;

        bool Outspeaks(NumberClause.Choice choice, string sentence) =>
            choice is { Rule: "single_number", Numeral: { } told } && !asked.IsGiven(told) && asked.SharedWords(sentence) >= Math.Max(2, asked.Words.Count / 2) && comment.Rule is "single_number" && text.Lower.IndexOf('=') < 0;
    }

    /// <summary>Whether a sentence has no numbers but the question's, and an earlier one has another in as many of the words that ask.</summary>
    private static bool IsOnlyGiven(FoldedText text, List<(int From, int To)> sentences, int index, AskedAmount asked)
    {
        (int from, int to) = sentences[index];
        if (!NumberClause.In(text.Lower, from, to, asked).TrueForAll(asked.IsGiven) || text.Lower.AsSpan(from, to - from).Contains('=')) return false;
        int words = asked.SharedWords(text.Lower[from..to]);
        return sentences.Take(index).TakeLast(MostParts).Any(sentence => asked.SharedWords(text.Lower[sentence.From..sentence.To]) is > 0 and var shared && shared >= words
            && NumberClause.Pick(text.Lower, sentence.From, sentence.To, asked).Numeral is { } told && !asked.IsGiven(told) && asked.Fits(told));
    }

    /// <summary>Whether the text ends with one number under a condition and another one otherwise.</summary>
    private static bool AreAlternatives(FoldedText text, AskedAmount asked)
    {
        bool isOpposite = Otherwise.Matches(text.Lower).LastOrDefault() is not null;
        if ((isOpposite ? Otherwise : AgainIf).Matches(text.Lower).LastOrDefault() is not { } otherwise) return false;
        int from = Condition.Matches(text.Lower[..otherwise.Index]).LastOrDefault()?.Index ?? -1, to = Sentences.EndOf(text.Text, otherwise.Index + otherwise.Length);
        if (from < 0 || otherwise.Index - from > LongestAlternative || (!isOpposite && GoesOn(otherwise.Index + otherwise.Length)) || Clauses.LastConclusion(text.Lower, to, text.Lower.Length) > to) return false;
        Numeral? one = NumberClause.Pick(text.Lower, from, otherwise.Index, asked).Numeral, other = NumberClause.Pick(text.Lower, otherwise.Index, to, asked).Numeral;
        return one is not null && other is not null && one.Value.Value != other.Value.Value;

        bool GoesOn(int at) => Sentences.EndOf(text.Text, at) is var end && (Further.IsMatch(text.Lower[at..end]) || Numerals.In(text.Lower, end, text.Lower.Length).Count > 0);
    }

    /// <summary>The exact value of which a number comes only near, right before it: 9π of "9π ≈ 28.27", and 1/3 of "1/3 ≈ 0.33" where a share is asked for; null without one, or where the question wants it rounded.</summary>
    private static Numeral? ExactOf(FoldedText text, Numeral near, AskedAmount asked)
    {
        int point = text.Text.IndexOf('.', near.From, near.To - near.From), from = Sentences.StartOf(text.Text, near.From);
        if (asked.IsRounded || point < 0 || Numerals.In(text.Lower, from, near.From) is not [.., { IsFraction: true } exact] || exact.IsPercent != near.IsPercent) return null;
        if (!Nearly.IsMatch(text.Lower[exact.To..near.From]) || Expressions.IsOperand(text.Lower, exact) || !(asked.IsShare || text.Text.AsSpan(exact.From, exact.To - exact.From).ContainsAny('π', '√'))) return null;
        int decimals = text.Text.AsSpan(point + 1, near.To - point - 1).IndexOfAnyExceptInRange('0', '9') is >= 0 and var count ? count : near.To - point - 1;
        return Math.Abs(exact.Value - near.Value) <= 0.51 * Math.Pow(10, -decimals) ? exact : null;
    }

    /// <summary>Whether the text ends within the word behind a number: one that is no word of the question or the text, but the beginning of one.</summary>
    private static bool IsCutWord(FoldedText text, string? input)
    {
        if (LastWord.Match(text.Lower) is not { Success: true } last || Units.Named(last.Groups[1].Value) is not null) return false;
        string word = last.Groups[1].Value;
        string[] words = [.. Word.Matches((input ?? "").ToLowerInvariant() + ' ' + text.Lower[..last.Index]).Select(match => match.Value)];
        return !words.Contains(word) && words.Any(other => other.StartsWith(word, StringComparison.Ordinal) && ContentWords.Stem(other) != ContentWords.Stem(word)) && !words.Any(other => ContentWords.Stem(other) == ContentWords.Stem(word));
    }

    /// <summary>Whether the last sentence ends with an unsolved equation, or without a result, or has no end mark and no number near its end, though its other clauses have some.</summary>
    private static bool LacksResult(FoldedText text)
    {
        if (Sentences.Of(text.Text) is not [.., var last]) return false;
        if (Unsolved.IsMatch(text.Lower[last.From..last.To]) || WithoutResult.IsMatch(text.Lower[last.From..last.To])) return true;
        if (!char.IsLetter(text.Text[last.To - 1])) return false;
        (int From, int To)[] clauses = [.. Clauses.Of(text.Lower, last.From, last.To)];
        int room = text.Text[last.To - 1] < '\u3400' ? LongestRest : LongestChineseRest;
        return clauses.Length > 2 && Numerals.In(text.Lower, last.From, last.To) is [.., var numeral] && numeral.To < Math.Max(clauses[^1].From, last.To - room);
    }

    /// <summary>The number behind the last of an announcement's matches that has one in its sentence.</summary>
    private static Numeral? Last(Regex announcement, FoldedText text, AskedAmount asked, out bool several)
    {
        several = false;
        foreach (Match match in announcement.Matches(text.Lower).Reverse())
        {
            int from = Wording.PastDenied(text.Lower, match.Index + match.Length), to = Math.Min(Sentences.EndOf(text.Text, from), Sentences.PastNumber(text.Text, from + 200));
            if (from >= to || Wording.IsNotOwn(text.Lower, match.Index)) continue;
            if (match.Value.AsSpan().TrimStart().StartsWith("in total") && Numerals.In(text.Lower, Sentences.StartOf(text.Text, match.Index), match.Index).Count > 0) continue; // parts follow
            (Numeral? numeral, _, several) = NumberClause.First(text.Lower, from, to, asked);
            if (numeral is not null || several) return numeral;
        }
        return null;
    }

    /// <summary>A number with at most a unit that the text begins with, before a reason or the way to it.</summary>
    private static Numeral? Leading(FoldedText text, (int From, int To) sentence, AskedAmount asked)
    {
        (int from, int to) = (sentence.From, Math.Min(text.Text.Length, sentence.To + 1));
        List<Numeral> numerals = NumberClause.In(text.Lower, from, to, asked);
        if (numerals.Count == 0 || NumberSums.Running(text.Lower, numerals) is not null || text.Lower.AsSpan(from, to - from).ContainsAny('=', '→') || !First.IsMatch(text.Lower[from..numerals[0].From])) return null;
        if (asked.Noun is { } noun && IsOfOther(text.Lower, numerals[0], noun) && Numerals.In(text.Lower, numerals[0].To, text.Lower.Length).Any(numeral => NumberClause.StemBehind(text.Lower, numeral) == noun)) return null;
        if (numerals.Count > 1 && Clauses.LastConclusion(text.Lower, from, to, numerals[^1].From) > from) return null;
        string behind = text.Lower[numerals[0].To..Math.Min(text.Lower.Length, numerals[0].To + 40)];
        return UnitThenEnd.IsMatch(behind) && !Verb.IsMatch(behind) ? numerals[0] : null;
    }

    /// <summary>Whether a word other than a noun stands right behind a number.</summary>
    private static bool IsOfOther(string lower, Numeral numeral, string noun) => NumberClause.StemBehind(lower, numeral) is { Length: > 2 } stem && stem != noun;

    /// <summary>The same number as it stands in the whole text, where a unit or percent sign may follow the bold part.</summary>
    private static Numeral Extended(FoldedText text, Numeral bold)
    {
        List<Numeral> around = Units.Attach(text.Lower, Numerals.In(text.Lower, bold.From, Math.Min(text.Lower.Length, bold.To + 40)));
        return around.Count > 0 && around[0].From == bold.From ? around[0] : bold;
    }

    private static int PastLabel(FoldedText text, (int From, int To) sentence)
    {
        if (Label.Match(text.Lower[sentence.From..sentence.To]) is not { Success: true } label) return sentence.From;
        return sentence.From + label.Length - (char.IsWhiteSpace(text.Text[sentence.From + label.Length - 1]) ? 0 : 1);
    }

    private static bool IsLabel(FoldedText text, Numeral numeral)
    {
        int line = text.Text.LastIndexOf('\n', Math.Max(numeral.From - 1, 0)) + 1;
        return Label.Match(text.Lower[line..Math.Min(text.Lower.Length, numeral.To + 3)]) is { Success: true } label && line + label.Length >= numeral.To;
    }
}
