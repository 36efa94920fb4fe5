using YiSharp.Tests.Cli;

namespace YiSharp.Tests.Evaluation;

/// <summary><c>yi eval extract</c> as scripts call it.</summary>
public sealed class EvalExtractVerbTests
{
    [Fact]
    public void Answers_come_with_rule_and_span()
    {
        YiResult result = Yi.RunLines(
        [
            """{"kind": "choice", "input": "Which?", "choices": ["red", "blue"], "output": "The answer is (B)."}""",
            """{"kind": "number", "input": null, "choices": [], "output": "👋 十二"}""",
            """{"kind": "yesno", "output": "I'm sorry, I can't say."}""",
        ], "eval", "extract", "--jsonl");
        Assert.Equal(
        [
            """{"answer":"B","rule":"declared","span":[15,16]}""", """{"answer":"12","rule":"single_number","span":[3,5]}""", """{"answer":null,"rule":null,"span":null}""",
        ], result.Lines);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("""{"id": "q-7", "kind": "free", "output": "fig", "truth": null, "tags": ["a"], "output2": "x"}""", """{"id":"q-7","answer":"fig","rule":"whole","span":[0,3]}""")]
    [InlineData("""{"kind": "free", "output": "fig", "id": {"row": [7.50, true]}}""", """{"id":{"row":[7.50,true]},"answer":"fig","rule":"whole","span":[0,3]}""")]
    [InlineData("""{"id": null, "lang": "en", "kind": "free", "output": "fig", "choices": [], "question": "?"}""", """{"answer":"fig","rule":"whole","span":[0,3]}""")]
    public void An_id_goes_along_and_other_fields_are_passed_over(string line, string expected)
    {
        YiResult result = Yi.RunLines([line], "eval", "extract", "--jsonl");
        Assert.Equal((0, expected), (result.ExitCode, Assert.Single(result.Lines)));
    }

    [Theory]
    [InlineData("lm_eval/gsm8k/strict-match", """{"answer":"[invalid]","rule":null,"span":null}""")]
    [InlineData("lm_eval/gsm8k/flexible-extract", """{"answer":"18.","rule":"regex","span":[14,17]}""")]
    [InlineData("opencompass/gsm8k", """{"answer":"18","rule":"last_number","span":[14,16]}""")]
    [InlineData("opencompass/first_number", """{"answer":"18.0","rule":"first_number","span":[14,16]}""")]
    public void Another_pack_answers_in_its_own_words(string pack, string expected) =>
        Assert.Equal([expected], Yi.RunLines(["""{"kind": "number", "output": "The answer is 18."}"""], "eval", "extract", "--jsonl", "--pack", pack).Lines);

    [Theory]
    [InlineData("""{"kind": "maybe", "output": ""}""", "Field \"kind\" is \"maybe\"; one of choice, number, yesno, bool, sort, free was expected.")]
    [InlineData("""{"output": ""}""", "The line has no kind; one of choice, number, yesno, bool, sort, free was expected.")]
    [InlineData("""{"kind": "free"}""", "The line has no output; the model's words were expected.")]
    [InlineData("""{"kind": "choice", "choices": ["a", 2], "output": ""}""", "Field \"choices\" has 2 at index 1; a string was expected.")]
    [InlineData("""{"kind": "choice", "choises": [], "output": ""}""", "Field \"choises\" is not known, and \"choices\", which it looks like, is absent; rename it, or leave it out.")]
    [InlineData("""{"Kind": "choice", "output": ""}""", "Field \"Kind\" is not known, and \"kind\", which it looks like, is absent; rename it, or leave it out.")]
    public void A_line_that_does_not_hold_is_answered_by_a_sentence(string line, string sentence)
    {
        YiResult result = Yi.RunLines([line, """{"kind": "free", "output": "so"}"""], "eval", "extract", "--jsonl");
        Assert.Equal((1, 2, sentence), (result.ExitCode, result.Objects.Length, result.Objects[0].GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("lm_eval/gsm8k/strict-mach", "the nearest are lm_eval/gsm8k/strict-match")]
    [InlineData("first_option", "the nearest are opencompass/first_option, opencompass/first_option_no_cushion.")]
    [InlineData("?", "known are yisharp, lm_eval/TASK/FILTER and opencompass/NAME.")]
    public void An_unknown_pack_is_refused_with_the_nearest_names(string name, string hint)
    {
        YiResult result = Yi.RunLines([], "eval", "extract", "--jsonl", "--pack", name);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"--pack is '{name}', which is no extraction pack; {hint}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pack_that_needs_the_question_says_so()
    {
        YiResult result = Yi.RunLines(["""{"kind": "sort", "input": "pear fig", "output": "fig pear"}"""], "eval", "extract", "--jsonl", "--pack", "lm_eval/bbh_cot_zeroshot_word_sorting/flexible-extract");
        Assert.Equal("The question's input has no \"List:\"; the words to sort were expected after it.", Assert.Single(result.Objects).GetProperty("error").GetString());
    }
}
