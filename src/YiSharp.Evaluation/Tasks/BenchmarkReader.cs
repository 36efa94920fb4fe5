using System.Globalization;
using YiSharp.Data;

namespace YiSharp.Evaluation;

/// <summary>Reads the answers to a subject's questions, by our own rules or a peer's, and compares them.</summary>
internal sealed class BenchmarkReader
{
    /// <summary>Takes the kind of answer from the subject's own answers.</summary>
    public const string BySubject = "by_subject";

    /// <summary>The same with OpenCompass's rules.</summary>
    private const string OpenCompassBySubject = "opencompass_by_subject";

    /// <summary>The letter of an option, by our rules.</summary>
    public const string Choice = "choice";

    /// <summary>A number, by our rules.</summary>
    private const string Number = "number";

    private const string SubjectMark = "{subject}";

    private readonly Func<BenchmarkItem, string, Prediction> _read;

    private BenchmarkReader(Func<BenchmarkItem, string, Prediction> read) => _read = read;

    /// <summary>The reader of a subject.</summary>
    /// <param name="extraction">What the protocol says.</param>
    /// <param name="subject">The subject.</param>
    /// <exception cref="InvalidDataException">There are no such rules, or an answer is none that they could find.</exception>
    public static BenchmarkReader Of(string extraction, BenchmarkSubject subject)
    {
        if (AnswerCheck.IsName(extraction)) return OfCheck(extraction, subject);
        AnswerKind kind = KindOf(extraction, subject);
        if (AnswerExpression.IsOne(extraction))
        {
            var expression = AnswerExpression.Of(extraction);
            return new BenchmarkReader((item, output) => expression.Last(output) is { } group
                ? new Prediction(group.Value, "regex", IsRight(item, group.Value, kind, ExtractionPack.Default)) { Span = (group.Index, group.Index + group.Length) } : Prediction.NothingFound);
        }
        ExtractionPack pack = extraction switch
        {
            BySubject or Choice or Number => ExtractionPack.Default,
            OpenCompassBySubject => ExtractionPack.Named(kind == AnswerKind.Choice ? "opencompass/bbh_mcq" : "opencompass/bbh_freeform"),
            _ => Named(extraction.Replace(SubjectMark, subject.Name, StringComparison.Ordinal)),
        };
        return new BenchmarkReader((item, output) => Read(item, output, kind, pack));
    }

    /// <summary>Why no words of a model can be right; null where some could, or where that is not known. A clause about the question's row.</summary>
    /// <param name="extraction">What the protocol says.</param>
    /// <param name="subject">The subject, by whose answers some rules go.</param>
    public static Func<BenchmarkItem, string?> NeverRight(string extraction, BenchmarkSubject subject)
    {
        if (AnswerCheck.IsName(extraction)) return item => AnswerCheck.TryParse(extraction, item.Answer, out _, out string? reason) ? null : reason;
        AnswerKind kind = KindOf(extraction, subject);
        if (AnswerExpression.IsOne(extraction))
        {
            var expression = AnswerExpression.Of(extraction);
            // Numbers are the same in too many forms to try.
            return item => kind == AnswerKind.Number || SameAnswers(Wanted(item), kind).Any(expression.CanGive) ? null
                : $"has the answer \"{Wanted(item)}\", which {extraction} cannot give: {(expression.HasGroup ? "what its first group matches" : "it has no group, and what the whole matches")} is never that text";
        }
        if (extraction is not (Choice or Number or BySubject or ExtractionPack.DefaultName)) return _ => null;
        return item => kind switch
        {
            AnswerKind.Number when PlainNumber.In(Wanted(item)) is null => $"has the answer \"{Wanted(item)}\", in which there is no single number; the extraction {extraction} reads numbers",
            AnswerKind.Choice when Bare(Wanted(item)) is not [_] => $"has the answer \"{Wanted(item)}\", which is no letter; the extraction {extraction} reads letters of options",
            _ => null,
        };
    }

    /// <summary>Whether an extraction reads, or compares, by our own rules.</summary>
    public static bool IsOwn(string extraction) => extraction is Choice or Number or BySubject or ExtractionPack.DefaultName || AnswerCheck.IsName(extraction) || AnswerExpression.IsOne(extraction);

    /// <summary>Reads an answer and says whether it is right.</summary>
    public Prediction Read(BenchmarkItem item, string output) => _read(item, output);

    private static BenchmarkReader OfCheck(string name, BenchmarkSubject subject)
    {
        AnswerCheck Check(BenchmarkItem item) => AnswerCheck.TryParse(name, item.Answer, out AnswerCheck? check, out string? reason)
            ? check : throw new InvalidDataException($"{subject.Name}: item {item.Item} {reason}; correct the answer or the extraction.");
        foreach (BenchmarkItem item in subject.Items) _ = Check(item);
        return new BenchmarkReader((item, output) => Check(item).Judge(output));
    }

    private static Prediction Read(BenchmarkItem item, string output, AnswerKind kind, ExtractionPack pack)
    {
        IReadOnlyList<string> choices = kind == AnswerKind.Choice && item.Choices.Count == 0 ? OptionsIn(item.Question) : item.Choices;
        Extraction found = pack.Extract(new ExtractionQuestion(kind, item.Question, choices), output);
        // A peer says "no match" with a word, which it then compares like an answer: never equal to one.
        if (found.Rule is null) return Prediction.NothingFound;
        if (found.Answer is null) return new Prediction(null, found.Rule, false) { Span = found.Span };
        return new Prediction(found.Answer, found.Rule, IsRight(item, found.Answer, kind, pack)) { Span = found.Span, IsLowConfidence = found.IsLowConfidence };
    }

    /// <summary>What a right answer says: a letter where there are options.</summary>
    private static string Wanted(BenchmarkItem item) => item.Right.Count > 0 ? QuestionText.Letter(item.Right[0]) : item.Answer;

    private static bool IsRight(BenchmarkItem item, string answer, AnswerKind kind, ExtractionPack pack)
    {
        string wanted = Wanted(item);
        if (pack.ExactMatch is { } match) return match.Matches(answer, wanted) || match.Matches(answer, item.Answer);
        return kind switch
        {
            AnswerKind.Choice => Bare(answer).Equals(Bare(wanted), StringComparison.OrdinalIgnoreCase),
            AnswerKind.Number => PlainNumber.In(answer) is { } number && number == PlainNumber.In(wanted),
            _ => Words(answer).SequenceEqual(Words(wanted), StringComparer.OrdinalIgnoreCase),
        };
    }

    private static AnswerKind KindOf(string extraction, BenchmarkSubject subject) => extraction switch { Choice => AnswerKind.Choice, Number => AnswerKind.Number, _ => KindOf(subject) };

    /// <summary>What the answers of a subject are, by all of them.</summary>
    private static AnswerKind KindOf(BenchmarkSubject subject)
    {
        string[] answers = [.. subject.Items.Select(item => item.Answer.Trim()).Distinct(StringComparer.Ordinal)];
        if (subject.Items.Any(item => item.Choices.Count > 0) || answers.Count(IsLetterInBrackets) > answers.Length / 2) return AnswerKind.Choice;
        if (answers.All(a => a is "True" or "False")) return AnswerKind.Bool;
        if (answers.All(a => a.Equals("yes", StringComparison.OrdinalIgnoreCase) || a.Equals("no", StringComparison.OrdinalIgnoreCase))) return AnswerKind.YesNo;
        if (answers.All(a => a.Contains("####", StringComparison.Ordinal) || PlainNumber.In(a) is { } number && number == a)) return AnswerKind.Number;
        return subject.Items.All(item => IsSortingOf(item.Answer, item.Question)) ? AnswerKind.Sort : AnswerKind.Free;
    }

    /// <summary>What was to be expected where a protocol names no rules that there are; null where it does.</summary>
    /// <param name="extraction">What the protocol says.</param>
    /// <param name="others">What it could say besides.</param>
    public static string? WhatElse(string extraction, IReadOnlyList<string> others)
    {
        if (AnswerExpression.IsOne(extraction)) return AnswerExpression.WhatElse(extraction);
        string[] own = [Choice, Number, BySubject, OpenCompassBySubject, .. others];
        // What a subject's name makes of it shows when there is one.
        if (own.Contains(extraction) || AnswerCheck.IsName(extraction) || extraction.Contains(SubjectMark, StringComparison.Ordinal) || ExtractionPack.TryNamed(extraction, out _)) return null;
        string hint = NearestName.Of(extraction, [.. own, .. ExtractionPack.Names]) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
        return $"{string.Join(", ", own)}, a check ({AnswerCheck.Names}), {AnswerExpression.Prefix} and an expression, or one of the packs in docs/extraction.md{hint}";
    }

    private static ExtractionPack Named(string name) => ExtractionPack.TryNamed(name, out ExtractionPack? pack) ? pack
        : throw new InvalidDataException($"There is no extraction '{name}', which the protocol's extraction makes of a subject's name; docs/extraction.md names the packs.");

    /// <summary>The options of a question that holds them as lines, "(A) 12/11/1937".</summary>
    private static string[] OptionsIn(string question) =>
        [.. question.Split('\n').Where(line => line.Length > 4 && IsLetterInBrackets(line[..3]) && line[3] == ' ').Select(line => line[4..])];

    private static bool IsLetterInBrackets(string text) => text.Length == 3 && text[0] == '(' && text[2] == ')' && char.IsAsciiLetterUpper(text[1]);

    private static bool IsSortingOf(string answer, string question)
    {
        string[] words = Words(answer);
        return words.Length > 1 && words.All(char.IsLetter(words[0][0]) ? word => question.Contains(word, StringComparison.Ordinal) : _ => false);
    }

    /// <summary>Texts that <see cref="IsRight"/> takes for the same answer, numbers aside.</summary>
    private static string[] SameAnswers(string wanted, AnswerKind kind) => kind switch
    {
        AnswerKind.Choice => [.. new[] { "{0}", "({0})", "{0})", "({0}", "{0}.", "({0}).", "*{0}*", "**{0}**" }.Select(form => string.Format(CultureInfo.InvariantCulture, form, Bare(wanted)))],
        _ => [wanted, .. new[] { " ", ",", ", ", "\n" }.Select(between => string.Join(between, Words(wanted)))],
    };

    private static string Bare(string letter) => letter.Trim(' ', '(', ')', '.', '*');

    private static string[] Words(string text) => text.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
