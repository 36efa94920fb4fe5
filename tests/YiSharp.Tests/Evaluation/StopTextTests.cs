using CsCheck;
using YiSharp.Checkpoints;
using YiSharp.Evaluation;
using YiSharp.Inference;
using YiSharp.Tensors;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Evaluation;

public sealed class StopTextTests
{
    private static readonly string[] Parts = ["Q", ":", "Q:", "\n\n", " the", "ab", "abc", "a", "b", "c", "你好", "🙂", " naïve", "<|im_end|>", "A: "];

    private static readonly string[] Stops = ["Q:", "\n\nQ", "abcab", "bc", "", "好你", "🙂🙂", "c", "the a", "\uFFFD", "aab", "ab", "aaaa"];

    private static Gen<string> Of(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Tokenizer Tokenizer() => new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions())).Tokenizer;

    /// <summary>Ids of texts, among them parts of characters where a token holds only some of their bytes.</summary>
    private static int[] Ids(Tokenizer tokenizer, string text, int[] strays, int at)
    {
        int[] ids = tokenizer.Encode(text);
        at = Math.Min(at, ids.Length);
        return [.. ids[..at], .. strays, .. ids[at..]];
    }

    private static string Text(Tokenizer tokenizer, IEnumerable<int> ids)
    {
        IncrementalDecoder decoder = tokenizer.CreateDecoder(skipSpecial: true);
        return string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
    }

    [Fact]
    public void An_answer_that_ends_early_is_the_whole_one_cut_afterwards()
    {
        Tokenizer tokenizer = Tokenizer();
        int ended = 0;
        Gen.Select(Of(Parts).Array[0, 24].Select(string.Concat), Of(Stops).Array[1, 4], Gen.Int[0, 300].Array[0, 2], Gen.Int[0, 30]).Sample((text, stops, strays, at) =>
        {
            int[] ids = Ids(tokenizer, text, strays, at);
            var check = new StopTextCheck(tokenizer, stops);
            int count = Array.FindIndex(ids, id => check.Ends(id)) + 1;
            if (count > 0) Interlocked.Increment(ref ended);
            Response whole = new Response(Text(tokenizer, ids), FinishReason.Stop).CutAt(stops), early = new Response(Text(tokenizer, count == 0 ? ids : ids[..count]), FinishReason.Stop).CutAt(stops);
            Assert.Equal(whole.Text, early.Text);
        }, iter: 3000);
        Assert.True(ended > 500, $"{ended} answers ended early.");
    }

    [Theory]
    [InlineData("One. Q: two", "Q:", "One. Q:")]
    [InlineData("a\n\nb", "\n\n", "a\n\n")]
    [InlineData("No stop", "Q:", null)]
    [InlineData("xabcdy", "abcde|bc", "xabcdy")] // "abcd" may become "abcde", which would begin earlier
    [InlineData("xabcde", "abcde|bc", "xabcde")]
    [InlineData("anything", "", null)]
    public void An_answer_ends_with_the_token_that_completes_a_stop_text(string text, string stops, string? expected)
    {
        Tokenizer tokenizer = Tokenizer();
        var check = new StopTextCheck(tokenizer, stops.Split('|'));
        int[] ids = [.. text.SelectMany(c => tokenizer.Encode(c.ToString()))];
        int count = Array.FindIndex(ids, id => check.Ends(id)) + 1;
        Assert.Equal(expected, count == 0 ? null : Text(tokenizer, ids[..count]));
    }

    [Fact]
    public void A_model_computes_fewer_tokens_and_gives_the_same_answers()
    {
        Prompt[] prompts = [.. new[] { "Q: What is 2 + 3?\nA:", "Count: 1, 2, 3,", "The capital of France is" }.Select(text => new Prompt([new ChatMessage("user", text)], 40) { Text = text })];
        string[] stops = [" 8,", "\n\n", "is the"];
        (Response[] whole, long wholeTokens) = Ask(prompts);
        (Response[] early, long earlyTokens) = Ask([.. prompts.Select(prompt => prompt with { Stops = stops })]);
        Assert.Equal(whole.Select(response => response.CutAt(stops) with { Usage = null }), early.Select(response => response with { Usage = null }));
        Assert.True(earlyTokens < wholeTokens, $"{earlyTokens} tokens with stop texts and {wholeTokens} without.");
    }

    private static (Response[] Responses, long Tokens) Ask(Prompt[] prompts)
    {
        var model = new LanguageModel(Checkpoint.Open(CheckpointGoldens.Embedded), new CpuBackend(new CpuOptions()));
        using var responder = new LocalResponder(model);
        var responses = new Response[prompts.Length];
        responder.Respond(prompts, (i, response) => responses[i] = response, TestContext.Current.CancellationToken);
        return (responses, model.Engine.TokenCount);
    }
}
