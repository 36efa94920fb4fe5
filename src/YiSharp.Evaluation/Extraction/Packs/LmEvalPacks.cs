namespace YiSharp.Evaluation;

/// <summary>
/// lm-evaluation-harness 0.4.13's packs: per task and filter name where a text is cut, the steps, and how the result is compared. The YAML files under lm_eval/tasks say the same; a task whose filters are
/// another's is a name more in its row.
/// </summary>
internal static class LmEvalPacks
{
    private const string Sentence = "((?<=The answer is )(.*)(?=.)|(?<=the answer is )(.*)(?=.)|(?<=The answer: )(.*)(?=.)|(?<=The final answer: )(.*)(?=.))";
    private const string MmluSentence = "((?<=The answer is )(.*)(?=.)|(?<=answer is )(.*)(?=.)|(?<=The answer: )(.*)(?=.)|(?<=The final answer: )(.*)(?=.))";
    private const string LastNumber = "(-?[$0-9.,]{2,})|(-?[0-9]+)";
    private const string Flexible = "flexible-extract", Strict = "strict-match";

    private static readonly string[] ZeroShotUntil = ["</s>", "Q:", "<|im_end|>"];
    private static readonly string[] LineUntil = [.. ZeroShotUntil, "\n"];
    private static readonly string[] LlamaUntil = ["<|eot_id|>", "<|start_header_id|>user<|end_header_id|>", "Q:", "</s>", "<|im_end|>"];

    private static readonly ExactMatch Whole = new();
    private static readonly ExactMatch Letters = new() { IgnoreCase = true, IgnorePunctuation = true };
    private static readonly ExactMatch Bbh = new() { RegexesToIgnore = [@"\.$", ",", @"\\", "\n", "\""], IgnoreCase = true };
    private static readonly ExactMatch Gsm8k = new() { RegexesToIgnore = [",", @"\$", "(?s).*#### ", @"\.$"], IgnoreCase = true };

    private static readonly string[] BbhChoiceTasks =
    [
        "date_understanding", "disambiguation_qa", "geometric_shapes", "hyperbaton", "logical_deduction_five_objects", "logical_deduction_seven_objects",
        "logical_deduction_three_objects", "movie_recommendation", "penguins_in_a_table", "reasoning_about_colored_objects", "ruin_names",
        "salient_translation_error_detection", "snarks", "temporal_sequences", "tracking_shuffled_objects_five_objects",
        "tracking_shuffled_objects_seven_objects", "tracking_shuffled_objects_three_objects",
    ];

    private static readonly (string[] Tasks, LmEvalFilter Flexible)[] BbhFlexible =
    [
        (BbhChoiceTasks, new MultiChoiceFilter(-1, optionsFromInput: true)),
        (["multistep_arithmetic_two", "object_counting"], new NumberParseFilter("([-0-9]+)")),
        (["boolean_expressions"], new RegexFilter(@"\b(True|False)\b", -1)),
        (["causal_judgement", "navigate"], new RegexFilter(@"\b(Yes|No|yes|no)\b", -1)),
        (["formal_fallacies"], new RegexFilter(@"\b(valid|invalid)\b", -1)),
        (["sports_understanding"], new MapRegexFilter((@"\b(no|not plausible)\b", "no"), (@"\b(yes|plausible)\b", "yes"))),
        (["web_of_lies"], new MapRegexFilter((@"\b(no|does not tell the truth|is not telling the truth)\b", "no"), (@"\b(yes|tells the truth|is telling the truth)\b", "yes"))),
        (["word_sorting"], new WordSortFilter()),
        (["dyck_languages"], new RegexFilter(@"(?<= )(["" \[\(<{}>\)\]]+)|(["" \[\(<{}>\)\]]+)", -1)),
    ];

    /// <summary>Every pack.</summary>
    public static IEnumerable<ExtractionPack> All =>
    [
        Pack("mmlu_generative", "get_response", ["</s>", "\n"], Letters, new RegexFilter(@"^(.*?)(?=\n|$)"), new RemoveWhitespace(), new RegexFilter(@"^(.*?)\s*$"), new TakeFirst()),
        Pack("mmlu_flan_cot_zeroshot", Strict, ZeroShotUntil, Letters, new RegexFilter(MmluSentence), new TakeFirst()),
        Pack("mmlu_flan_cot_zeroshot", Flexible, ZeroShotUntil, Letters, new MultiChoiceFilter(-1, optionsFromInput: false), new TakeFirst()),
        Pack("mmlu_flan_n_shot_generative", Strict, LineUntil, Whole, new TakeFirst()),
        Pack("mmlu_flan_n_shot_generative", Flexible, LineUntil, Whole, new MultiChoiceFilter(0, optionsFromInput: false), new TakeFirst()),
        Pack("gsm8k", Strict, ["Question:", "</s>", "<|im_end|>"], Gsm8k, new RegexFilter(@"#### (\-?[0-9\.\,]+)"), new TakeFirst()),
        Pack("gsm8k", Flexible, ["Question:", "</s>", "<|im_end|>"], Gsm8k, new RegexFilter(LastNumber, -1), new TakeFirst()),
        Pack("gsm8k_cot_zeroshot", Strict, ["Q:", "</s>", "<|im_end|>"], Gsm8k, new RegexFilter(@"The answer is (\-?[0-9\.\,]+)."), new TakeFirst()),
        Pack("gsm8k_cot_zeroshot", Flexible, ["Q:", "</s>", "<|im_end|>"], Gsm8k, new RegexFilter(LastNumber, -1), new TakeFirst()),
        Pack("gsm8k_cot_llama", Strict, LlamaUntil, Gsm8k, new RegexFilter("The final answer is ((-?[$0-9.,]{2,})|(-?[0-9]+))", -1), new TakeFirst()),
        Pack("gsm8k_cot_llama", Flexible, LlamaUntil, Gsm8k, new RegexFilter(LastNumber, -1), new TakeFirst()),
        Pack("bbh_cot_fewshot", "get-answer", ["</s>", "Q", "\n\n"], Whole, new RegexFilter("(?<=the answer is )(.*)(?=.)"), new TakeFirst()),
        Pack("bbh_zeroshot_date_understanding", Flexible, ZeroShotUntil, Bbh, new MultiChoiceFilter(0, optionsFromInput: true), new TakeFirst()),
        Pack("bbh_zeroshot_date_understanding", Strict, ZeroShotUntil, Bbh, new TakeFirst()),
        .. BbhFlexible.SelectMany(row => row.Tasks.SelectMany(task => (ExtractionPack[])
        [
            Pack($"bbh_cot_zeroshot_{task}", Flexible, ZeroShotUntil, Bbh, row.Flexible, new TakeFirst()),
            Pack($"bbh_cot_zeroshot_{task}", Strict, ZeroShotUntil, Bbh, new RegexFilter(Sentence), new TakeFirst()),
        ])),
    ];

    private static ExtractionPack Pack(string task, string filter, string[] until, ExactMatch exactMatch, params LmEvalFilter[] steps) =>
        new($"lm_eval/{task}/{filter}", (question, output) => Run(steps, until, question, output)) { Until = until, ExactMatch = exactMatch };

    private static Extraction Run(LmEvalFilter[] steps, string[] until, ExtractionQuestion question, string output)
    {
        foreach (string stop in until)
        {
            int at = output.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0) output = output[..at];
        }
        var text = new Passage(output, 0, "whole");
        foreach (LmEvalFilter step in steps) text = step.Apply(question, text);
        return text.ToExtraction();
    }
}
