using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>Reads the score that a judge gives. Only a number on the scale is one; of several the last counts, as in all of our rules.</summary>
internal static class ScoreReader
{
    /// <summary>Characters behind a number in which a scale shows.</summary>
    private const int RangeWidth = 12;

    private const string Number = @"(?<score>-?[0-9]{1,7}(?:\.[0-9]{1,6})?)(?:\**\s*(?:/|out of|von|分?,?\s*满分)\s*(?<highest>[0-9]{1,7}))?";

    /// <summary>"Score: 4", "rating (1-5): **4/5**", "评分：4分".</summary>
    private static readonly Regex Named = Pattern.Of($@"(?i)(?:\b(?:score|rating|grade|mark|verdict)\b|评分|得分|分数|打分)(?:(?:[^0-9\n-]|-\s){{0,24}}[0-9]+(?:\.[0-9]+)?\s*(?:-|–|—|~|to|至|到)\s*[0-9]+(?:\.[0-9]+)?)?(?:[^0-9\n-]|-\s){{0,24}}{Number}");

    /// <summary>What makes a number the beginning of a scale: "1-5", "1 to 5".</summary>
    private static readonly Regex Range = Pattern.Of(@"^\**\s*(?:-|–|—|~|to|至|到)\s*[0-9]");

    /// <summary>A number that is all there is, but for a sign around it.</summary>
    private static readonly Regex Alone = Pattern.Of($@"^[\s*\[(""']*{Number}[\s*\])""'.。分]*$");

    /// <summary>The score; null where there is none on the scale.</summary>
    public static (double Value, string Rule, int From, int To, bool IsLowConfidence)? Read(string words, double lowest, double highest)
    {
        (double, int, int)? OnScale(Match match)
        {
            Group score = match.Groups["score"], outOf = match.Groups["highest"];
            double value = double.Parse(score.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
            bool isOn = value >= lowest && value <= highest && (!outOf.Success || double.Parse(outOf.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture) == highest);
            return isOn ? (value, score.Index, score.Index + score.Length) : null;
        }
        Match? named = Named.Matches(words).LastOrDefault(match => !Range.IsMatch(words[(match.Groups["score"].Index + match.Groups["score"].Length)..Math.Min(words.Length, match.Index + match.Length + RangeWidth)]));
        if (named is not null) return OnScale(named) is (double value, int from, int to) ? (value, "score", from, to, false) : null;
        if (Alone.Match(words) is { Success: true } alone) return OnScale(alone) is (double only, int start, int end) ? (only, "score_alone", start, end, false) : null;
        Extraction found = ExtractionPack.Default.Extract(new ExtractionQuestion(AnswerKind.Number, null, []), words);
        if (found.Span is not (int first, int last) || !double.TryParse(words.AsSpan(first, last - first), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) return null;
        return number >= lowest && number <= highest ? (number, found.Rule!, first, last, true) : null;
    }
}
