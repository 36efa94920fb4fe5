using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>
/// OpenCompass's <c>first_option_postprocess</c>: patterns in order, the first that holds an option decides, wherever it stands. Within what a pattern found the option of the lowest letter counts.
/// </summary>
internal static class OpenCompassOptions
{
    /// <summary>The patterns; # stands for one of the options.</summary>
    private static readonly string[] Patterns =
    [
        @"答案是?\s*(#)", @"答案是?\s*：\s*(#)", @"答案是?\s*:\s*(#)", @"答案选项应?该?是\s*(#)", @"答案选项应?该?为\s*(#)", @"答案应该?是\s*(#)", @"答案应该?选\s*(#)",
        @"答案选项为?\s*：\s*(#)", @"答案选项为?\s+\(?\*?\*?(#)\*?\*?\)?", @"答案选项是?\s*:\s*(#)", @"答案为\s*(#)", @"答案选\s*(#)", @"选择?\s*(#)",
        @"故选?\s*(#)只有选?项?\s?(#)\s?是?对", // two patterns that a missing comma made one
        @"只有选?项?\s?(#)\s?是?错", @"只有选?项?\s?(#)\s?不?正确", @"只有选?项?\s?(#)\s?错误", @"说法不?对选?项?的?是\s?(#)", @"说法不?正确选?项?的?是\s?(#)",
        @"说法错误选?项?的?是\s?(#)", @"(#)\s?是正确的", @"(#)\s?是正确答案", @"选项\s?(#)\s?正确", @"所以答\s?(#)", @"所以\s?(#[.。$]?$)", @"所有\s?(#[.。$]?$)",
        @"[\s，：:,](#)[。，,\.]?$", @"[\s，,：:][故即](#)[。\.]?$", @"[\s，,：:]因此(#)[。\.]?$", @"[是为。]\s?(#)[。\.]?$", @"因此\s?(#)[。\.]?$", @"显然\s?(#)[。\.]?$",
        @"答案是\s?(\S+)(?:。|$)", @"答案应该是\s?(\S+)(?:。|$)", @"答案为\s?(\S+)(?:。|$)", @"(?i)ANSWER\s*:\s*(#)", @"[Tt]he answer is:?\s+\(?(#)\)?",
        @"[Tt]he answer is:?\s+\(?\*?\*?(#)\*?\*?\)?", @"[Tt]he answer is option:?\s+\(?(#)\)?", @"[Tt]he correct answer is:?\s+\(?(#)\)?",
        @"[Tt]he correct answer is option:?\s+\(?(#)\)?", @"[Tt]he correct answer is:?.*?boxed{(#)}", @"[Tt]he correct option is:?.*?boxed{(#)}",
        @"[Tt]he correct answer option is:?.*?boxed{(#)}", @"[Tt]he answer to the question is:?\s+\(?(#)\)?", @"^选项\s?(#)", @"^(#)\s?选?项", @"(\s|^)#[\s。，,：:\.$]",
        @"1.\s?(.*?)$", @"1.\s?(#)[.。$]?$",
    ];

    private static readonly string[] Cushion = ["(#):", "(#)"];

    private static readonly ConcurrentDictionary<string, Regex[]> Compiled = new();

    public static Extraction First(string letters, string output, bool cushion)
    {
        Regex[] regexes = Compiled.GetOrAdd(letters, static letters =>
            [.. Patterns.Concat(Cushion).Select(pattern => PythonPattern.Compile(pattern.Replace("#", $"[{letters}]", StringComparison.Ordinal), RegexOptions.Singleline))]);
        Passage text = new Passage(output, 0, null).Strip();
        for (int i = 0; i < (cushion ? regexes.Length : Patterns.Length); i++)
        {
            if (regexes[i].Match(text.Text) is not { Success: true } match) continue;
            Group found = match.Groups[1].Length > 0 ? match.Groups[1] : match.Groups[0];
            string? letter = letters.Select(c => c.ToString()).FirstOrDefault(found.Value.Contains);
            if (letter is null) continue;
            int at = text.From!.Value + found.Index + found.Value.IndexOf(letter, StringComparison.Ordinal);
            return new Extraction(letter, i < Patterns.Length ? Patterns[i] : $"cushion {Cushion[i - Patterns.Length]}", (at, at + 1)) { IsLowConfidence = i >= Patterns.Length };
        }
        return new Extraction("", null, null);
    }
}
