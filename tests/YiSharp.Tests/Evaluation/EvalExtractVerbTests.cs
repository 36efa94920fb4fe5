using System.Text.Json;
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

    [Fact]
    public void An_id_goes_along_with_an_error_too()
    {
        YiResult result = Yi.RunLines(
        [
            """{"id": "题 7", "kind": "maybe", "output": ""}""", """{"id": [1, null], "kind": "free"}""", """{"kind": "free"}""", """{"id": "\ud800", "kind": "free", "output": "fig"}""", "nonsense", """{"id": 9, "kind": "free", "output": "fig"}""",
        ], "eval", "extract", "--jsonl");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("""{"id":"题 7","error":"Field """, result.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith(""","line":1}""", result.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("""{"id":[1,null],"error":"The line has no output""", result.Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("""{"error":"The line has no output""", result.Lines[2], StringComparison.Ordinal);
        Assert.StartsWith("""{"error":"Field \"id\" is no Unicode text""", result.Lines[3], StringComparison.Ordinal);
        Assert.StartsWith("""{"error":"The line is no JSON object""", result.Lines[4], StringComparison.Ordinal);
        Assert.Equal("""{"id":9,"answer":"fig","rule":"whole","span":[0,3]}""", result.Lines[5]);
    }

    [Theory]
    [InlineData("The answer is {0}.", 20)]
    [InlineData("The answer is {0}.", 199)]
    [InlineData("The answer is {0}.", 300)]
    [InlineData("#### {0}", 300)]
    [InlineData("**{0}**", 40)]
    [InlineData("So in the end she has {0} apples.", 250)]
    [InlineData("Well, {1} so in the end she has {0} apples.", 250)]
    public void Every_digit_of_a_long_number_is_kept(string words, int length)
    {
        string digits = new('9', length - 1), output = words.Replace("{0}", digits + "7", StringComparison.Ordinal).Replace("{1}", string.Concat(Enumerable.Repeat("and so on ", 89)), StringComparison.Ordinal);
        JsonElement answer = Assert.Single(Yi.RunLines([$$"""{"kind": "number", "output": "{{output}}"}"""], "eval", "extract", "--jsonl").Objects);
        Assert.Equal(digits + "7", answer.GetProperty("answer").GetString());
        Assert.Equal(length, answer.GetProperty("span")[1].GetInt32() - answer.GetProperty("span")[0].GetInt32());
    }

    [Theory]
    [InlineData("The answer is {0}.", 301)]
    [InlineData("The answer is {0}.", 5000)]
    [InlineData("#### -{0}", 5000)]
    [InlineData("She had 3, and now {0} apples. So the answer is {0}", 400)]
    [InlineData("{0}", 20000)]
    public void A_number_of_more_digits_than_an_answer_has_is_none_and_the_rule_says_so(string words, int length)
    {
        string output = words.Replace("{0}", new string('9', length), StringComparison.Ordinal);
        JsonElement answer = Assert.Single(Yi.RunLines([$$"""{"kind": "number", "output": "{{output}}"}"""], "eval", "extract", "--jsonl").Objects);
        Assert.Equal((JsonValueKind.Null, "too_long"), (answer.GetProperty("answer").ValueKind, answer.GetProperty("rule").GetString()));
        Assert.Equal(length, answer.GetProperty("span")[1].GetInt32() - answer.GetProperty("span")[0].GetInt32() - (words.Contains('-', StringComparison.Ordinal) ? 1 : 0));
    }

    [Theory]
    [InlineData("The answer is 12,345,678,901,234,567,890 cents.", "12345678901234567890")]
    [InlineData("The answer is 007.", "7")]
    [InlineData("The answer is -12345678901234567.", "-12345678901234567")]
    [InlineData("The answer is 3.5 × 10^30.", "3500000000000000000000000000000")]
    [InlineData("The answer is 1.5e-25.", "0.00000000000000000000000015")]
    [InlineData("The answer is 3.0000000000000004.", "3")]
    [InlineData("The answer is 12345678901234567 and a half.", "12345678901234600")]
    [InlineData("The answer is 1234567890123 million.", "1234567890123000000")]
    public void Numbers_are_written_without_an_exponent(string output, string expected) =>
        Assert.Equal(expected, Assert.Single(Yi.RunLines([$$"""{"kind": "number", "output": "{{output}}"}"""], "eval", "extract", "--jsonl").Objects).GetProperty("answer").GetString());

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
