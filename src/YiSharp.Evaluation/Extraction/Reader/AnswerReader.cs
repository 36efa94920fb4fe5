using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// Our reader of final answers: rules by kind in order of confidence, the first that finds an answer names it. Who corrects himself is read from his last
/// correction on; a refusal, several answers or a text that stops before its answer give nothing. The rules with their accuracy: docs/extraction.md.
/// </summary>
internal static class AnswerReader
{
    private static readonly Regex QuestionParagraph = Pattern.Of(
        @"\n[ \t]*\n[ \t]*((?:how|what|which|who|when|where|why|is|are|do|does|did|can|could|would)\b[^\n?]{8,300}\?)[^\n]*\n");

    /// <summary>A line that asks, or that a list of options follows: the second group.</summary>
    private static readonly Regex RunOn = Pattern.Of(@"\n\s*([^\n]+?)" + LinearRegex.Anywhere + @"(?:\??[ \t]*(\n[ \t]*\(?a[.):、][^\n]+\n[ \t]*\(?b[.):、][^\n]+\n(?:[ \t]*\(?[c-j][.):、][^\n]+\n){0,8})|\?[ \t]*\n)");
    private static readonly string[] Plain = ["declared", "boxed", "hash", "tag", "field", "leading", "last_line", "announced", "whole", "last_word"];
    private const int MaxRunOns = 8;
    private static readonly Regex No = Pattern.Of("no,$", "不是", "不对");
    private static readonly Regex Number = Pattern.Of("[0-9]+");

    public static Extraction Read(ExtractionQuestion question, string output)
    {
        FoldedText text = FoldedText.Of(output);
        if (text.IsUnfinished) return Extraction.Nothing;
        if (OtherQuestion(text, question.Input) is int asked) text = text.UpTo(asked);
        if (CutRepetition(text) is int repeated) text = text.UpTo(repeated);
        Func<ExtractionQuestion, FoldedText, Finding?> reader = question.Kind switch
        {
            AnswerKind.Choice => ChoiceReader.Read,
            AnswerKind.Number => NumberReader.Read,
            AnswerKind.YesNo => YesNoReader.Read,
            AnswerKind.Bool => BoolReader.Read,
            AnswerKind.Sort => SortReader.Read,
            _ => FreeReader.Read,
        };
        if (BeforeRunOn(question, text, reader) is { } first) return ToExtraction(text, first);
        if (question.Kind is not (AnswerKind.Sort or AnswerKind.Free) && LastRetraction(text, question.Kind) is int at)
        {
            FoldedText corrected = text.From(at);
            if (reader(question, corrected) is { } found) return ToExtraction(corrected, found);
        }
        return reader(question, text) is { } finding ? ToExtraction(text, finding) : Extraction.Nothing;
    }

    /// <summary>Where, in a paragraph of its own, another question begins that the model asks itself: one with a number or mostly words that the asked one does not have.</summary>
    private static int? OtherQuestion(FoldedText text, string? input)
    {
        if (input is null) return null;
        string own = FoldedText.Of(input).Lower;
        HashSet<string> words = ContentWords.Of(own);
        return QuestionParagraph.Matches(text.Lower).FirstOrDefault(match => IsOther(match.Groups[1].Value, own, words))?.Groups[1].Index;
    }

    /// <summary>Whether a question in lower case has mostly other words than the asked one, or other numbers.</summary>
    private static bool IsOther(string asking, string own, HashSet<string> words)
    {
        HashSet<string> others = ContentWords.Of(asking);
        return others.Count(words.Contains) * 2 < others.Count || Number.Matches(asking).Any(number => !own.Contains(number.Value, StringComparison.Ordinal));
    }

    /// <summary>
    /// What the text answers before it asks itself something else, in a line that ends with a question mark or stands before a list of options, and answers that
    /// too: both answers plain ones, so that a question on the way to the asked one's answer ends nothing. Null without such a line.
    /// </summary>
    private static Finding? BeforeRunOn(ExtractionQuestion question, FoldedText text, Func<ExtractionQuestion, FoldedText, Finding?> reader)
    {
        if (question.Input is null) return null;
        string own = FoldedText.Of(question.Input).Lower;
        HashSet<string> words = ContentWords.Of(own);
        foreach (Match match in RunOn.Matches(text.Lower).Take(MaxRunOns))
        {
            bool isListed = match.Groups[2].Success;
            if (isListed ? question.Choices.Count(choice => match.Groups[2].Value.Contains(choice, StringComparison.OrdinalIgnoreCase)) * 2 >= question.Choices.Count : !IsOther(match.Groups[1].Value, own, words)) continue;
            Finding? before = reader(question, text.UpTo(match.Index));
            return before is { IsLowConfidence: false } found && Plain.Contains(found.Rule) && reader(question, text.From(match.Index + match.Length)) is { } after && Plain.Contains(after.Rule) ? found : null;
        }
        return null;
    }

    /// <summary>Where the last sentence begins, if it is the first half or more of the one before it: of a text that says the same again and again until it is cut off.</summary>
    private static int? CutRepetition(FoldedText text)
    {
        if (Sentences.Of(text.Text) is not [.., var before, var last] || text.Text[before.To - 1] is not ('.' or '。' or '!' or '?')) return null;
        int said = before.To - before.From, again = last.To - last.From;
        return again < said && again * 2 >= said && text.Text.AsSpan(before.From, said).StartsWith(text.Text.AsSpan(last.From, again)) ? last.From : null;
    }

    private static Extraction ToExtraction(FoldedText text, Finding found) =>
        new(found.Answer, found.Rule, found.To > found.From ? text.Origin(found.From, found.To) : null) { IsLowConfidence = found.IsLowConfidence };

    /// <summary>Where the last correction ends; null without one. "No," corrects nothing where the answer may be no.</summary>
    private static int? LastRetraction(FoldedText text, AnswerKind kind)
    {
        int? last = null;
        foreach (Match match in Wording.Retraction.Matches(text.Lower))
        {
            if (match.Index == 0 || (kind is AnswerKind.YesNo && No.IsMatch(match.Value))) continue;
            last = match.Index + match.Length;
        }
        return last;
    }
}
