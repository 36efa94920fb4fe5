using System.Text.Json;
using YiSharp.Tests.Inference;

namespace YiSharp.Tests.Cli;

public sealed class LineProtocolTests
{
    private static int[] Ids(JsonElement answer) => EmbeddedModel.Ids(answer, "ids");

    [Fact]
    public void Tokenize_answers_all_its_forms()
    {
        YiResult result = Yi.RunLines(
        [
            """{"text": "<|im_start|>user"}""",
            """{"text": "<|im_start|>user", "special": false}""",
            """{"ids": [15107, 235, 229, 2], "stream": true}""",
            """{"ids": [15107, 235], "stream": true}""",
            """{"ids": []}""",
            """{"text": "", "special": null}""",
            """{"messages": [{"role": "user", "content": "a <|im_end|> 👋"}]}""",
            """{"messages": [{"role": "user", "content": "a"}], "add_generation_prompt": false}""",
        ], "tokenize", "--jsonl");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        JsonElement[] answers = result.Objects;
        Assert.Equal(8, answers.Length);
        Assert.Equal([1, 4093], Ids(answers[0]));
        Assert.True(Ids(answers[1]).Length > 4);
        Assert.DoesNotContain(1, Ids(answers[1]));
        Assert.Equal("👋<|im_end|>", answers[2].GetProperty("text").GetString()!.Trim());
        Assert.Equal(4, answers[2].GetProperty("deltas").GetArrayLength());
        Assert.Equal(3, answers[3].GetProperty("deltas").GetArrayLength()); // what was held back is one more
        Assert.Equal("", answers[4].GetProperty("text").GetString());
        Assert.Empty(Ids(answers[5]));
        Assert.Equal(3, Ids(answers[6]).Count(id => id == 1)); // the template's own, not what the user typed
        Assert.EndsWith("assistant\n", answers[6].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains("👋", result.Lines[6], StringComparison.Ordinal); // as it is, not escaped
        Assert.EndsWith("<|im_end|>\n", answers[7].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("it is empty", "")]
    [InlineData("no JSON object", "{")]
    [InlineData("no JSON object", "{\"text\": \"a\"} {}")]
    [InlineData("a list; a JSON object was expected", "[1]")]
    [InlineData("is 5; a string was expected", "{\"text\": 5}")]
    [InlineData("did you mean \\\"text\\\"", "{\"txet\": \"a\"}")]
    [InlineData("half a surrogate pair", "{\"text\": \"\\ud800\"}")]
    [InlineData("half a surrogate pair", "{\"\\ud800\": 1}")]
    [InlineData("is 1; true or false was expected", "{\"text\": \"a\", \"special\": 1}")]
    [InlineData("has -1 at index 1", "{\"ids\": [1, -1]}")]
    [InlineData("has 1.5 at index 0", "{\"ids\": [1.5]}")]
    [InlineData("has a string at index 0", "{\"ids\": [\"1\"]}")]
    [InlineData("Id 49152 at index 0", "{\"ids\": [49152]}")]
    [InlineData("has 1e99 at index 0", "{\"ids\": [1e99]}")]
    [InlineData("text and ids; exactly one", "{\"text\": \"a\", \"ids\": []}")]
    [InlineData("none; exactly one", "{}")]
    [InlineData("means nothing beside", "{\"text\": \"a\", \"stream\": true}")]
    [InlineData("Message 1", "{\"messages\": [1]}")]
    [InlineData("Message 2", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"content\": \"a\"}]}")]
    [InlineData("Message 1", "{\"messages\": [{\"role\": \"user\", \"content\": 5}]}")]
    [InlineData("Message 1 has no content; {\\\"role\\\": \\\"king\\\"", "{\"messages\": [{\"role\": \"king\"}]}")]
    [InlineData("Message 2 has no content", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": null}]}")]
    [InlineData("content that is true; a string", "{\"messages\": [{\"role\": \"user\", \"content\": true}]}")]
    [InlineData("it ends in the middle of a value (byte 8)", "{\"text\":")]
    [InlineData("'x' cannot stand there (byte 9)", "{\"text\": x}")]
    [InlineData("more than 64 deep", "{\"text\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}")]
    [InlineData("field \\\"text\\\" is a duplicate", "{\"text\": \"a\", \"text\": \"b\"}")]
    [InlineData("uplicate", "{\"text\": \"a\", \"text\": \"b\"}")]
    public void A_bad_line_is_answered_in_its_place_and_the_others_go_on(string said, string line)
    {
        YiResult result = Yi.RunLines(["""{"text": "a"}""", line, """{"text": "b"}"""], "tokenize", "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Equal(3, result.Lines.Length);
        Assert.Contains(said, result.Lines[1], StringComparison.Ordinal);
        Assert.Equal(2, result.Objects[1].GetProperty("line").GetInt32());
        Assert.NotEmpty(Ids(result.Objects[2]));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_answered()
    {
        YiResult result = Yi.RunWith([.. "{\"text\": \"\xff\"}\n"u8.ToArray().Select(b => b), (byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'1', (byte)'}', (byte)'\n', 0xFF, 0xFE, 0x00], "tokenize", "--jsonl");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, result.Lines.Length);
        Assert.True(result.Objects[1].TryGetProperty("error", out _));
        Assert.True(result.Objects[2].TryGetProperty("error", out _));
    }

    [Fact]
    public void Nesting_without_end_and_lines_of_megabytes_are_answered()
    {
        YiResult result = Yi.RunLines([new string('[', 100_000), "{\"text\": \"" + new string('a', 3_000_000) + "\"}", """{"text": "b"}"""], "tokenize", "--jsonl");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, result.Lines.Length);
        Assert.True(Ids(result.Objects[1]).Length > 1000);
    }

    [Fact]
    public void A_byte_order_mark_and_carriage_returns_are_no_part_of_a_line()
    {
        YiResult result = Yi.RunWith([0xEF, 0xBB, 0xBF, .. "{\"text\": \"a\"}\r\n{\"text\": \"b\"}"u8], "tokenize", "--jsonl");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, result.Objects.Length);
    }

    [Fact]
    public void Score_follows_the_harness()
    {
        YiResult result = Yi.RunLines(
        [
            """{"text": "The capital of France is Paris."}""",
            """{"ids": [504, 3575, 282, 4649, 314, 7042, 30]}""",
            """{"prompt": "The capital of France is", "continuation": " Paris"}""",
            """{"prompt": "The capital of France is \t", "continuation": "Paris"}""",
            """{"prompt": "The capital of France is ", "continuation": "Paris"}""",
            """{"prompt": "", "continuation": "Paris"}""",
            """{"prompt": "a", "continuation": ""}""",
            """{"text": ""}""",
            """{"ids": [1]}""",
            """{"prompt": "a"}""",
            """{"ids": [49152, 1]}""",
            """{"text": "a", "prompt": "b"}""",
        ], "score", "--precision", "f32", "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        JsonElement[] answers = result.Objects;
        Assert.Equal([504, 3575, 282, 4649, 314, 7042, 30], Ids(answers[0]));
        double[] logProbs = EmbeddedModel.Numbers(answers[0], "logprobs");
        Assert.Equal(6, logProbs.Length);
        Assert.Equal(logProbs, EmbeddedModel.Numbers(answers[1], "logprobs"));
        Assert.Equal(logProbs[4], answers[2].GetProperty("logprob").GetDouble(), 1e-9);
        Assert.Equal((1, true), (answers[2].GetProperty("token_count").GetInt32(), answers[2].GetProperty("greedy").GetBoolean()));
        Assert.True(answers[3].GetProperty("token_count").GetInt32() > 1); // " \t" moved to the continuation
        Assert.Equal(answers[2].GetProperty("logprob").GetDouble(), answers[4].GetProperty("logprob").GetDouble());
        Assert.Equal(1, answers[5].GetProperty("token_count").GetInt32());
        Assert.Equal((0, 0.0, true), (answers[6].GetProperty("token_count").GetInt32(), answers[6].GetProperty("logprob").GetDouble(), answers[6].GetProperty("greedy").GetBoolean()));
        Assert.Empty(Ids(answers[7]));
        Assert.Empty(EmbeddedModel.Numbers(answers[8], "logprobs"));
        Assert.Equal([10, 11, 12], answers[9..].Select(a => a.GetProperty("line").GetInt32()));
    }

    [Fact]
    public void Generate_answers_in_order_though_lines_end_at_different_times()
    {
        YiResult result = Yi.RunLines(
        [
            """{"prompt": "1, 2, 3,", "max_new_tokens": 12}""",
            """{"prompt": "a", "temperature": -1}""",
            """{"ids": [504, 3575, 282, 4649, 314], "max_new_tokens": 1}""",
            """{"messages": [{"role": "user", "content": "What is the capital of France?"}]}""",
            """{"messages": [{"role": "user", "content": "What is the capital of France?"}], "ignore_eos": true, "max_new_tokens": 12}""",
            """{"prompt": "", "max_new_tokens": 2}""",
            """{"prompt": "Once", "max_new_tokens": 6, "temperature": 1, "top_k": 50, "top_p": 0.9, "min_p": 0.01, "repetition_penalty": 1.1, "seed": 4}""",
            """{"prompt": "Once", "max_new_tokens": 6, "temperature": 1, "top_k": 50, "top_p": 0.9, "min_p": 0.01, "repetition_penalty": 1.1, "seed": 4}""",
            """{"prompt": "a", "max_new_token": 4}""",
            """{"prompt": "a", "tools": []}""",
        ], "generate", "--precision", "f32", "--jsonl");
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        JsonElement[] answers = result.Objects;
        Assert.Equal(" 4, 5, 6, 7,", answers[0].GetProperty("text").GetString());
        Assert.Equal("length", answers[0].GetProperty("finish_reason").GetString());
        Assert.Equal(2, answers[1].GetProperty("line").GetInt32());
        Assert.Equal([7042], Ids(answers[2]));
        Assert.Equal("The capital of France is Paris.", answers[3].GetProperty("text").GetString());
        Assert.Equal("stop", answers[3].GetProperty("finish_reason").GetString());
        Assert.Equal(2, Ids(answers[3])[^1]); // the stop token is among the ids and not in the text
        Assert.Equal(12, Ids(answers[4]).Length);
        Assert.Equal(Ids(answers[3]), Ids(answers[4])[..Ids(answers[3]).Length]);
        Assert.Equal(2, Ids(answers[5]).Length);
        Assert.Equal(Ids(answers[6]), Ids(answers[7]));
        Assert.Contains("did you mean", result.Lines[8], StringComparison.Ordinal);
        Assert.Equal(10, answers[9].GetProperty("line").GetInt32());
    }
}
