using System.Text;
using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class TokenizerTests
{
    private static readonly string[] ChatTokens = ["<|im_start|>", "<|im_end|>", "<|im_sep|>"];
    private static readonly Lazy<Tokenizer> YiFile = new(() => Tokenizer.FromFile(Path.Combine(YiFolder, "tokenizer.json")));
    private static readonly Lazy<Tokenizer> YiChat = new(() => YiFile.Value.WithSpecial(ChatTokens));

    private static string YiFolder => Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi");

    private static string SharedTokenizers => Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers");

    /// <summary>Texts of everything that has ever been hard: scripts, joiners, digits of all kinds, control tokens, unpaired surrogates left out.</summary>
    private static Gen<string> Texts => Pick.From("a", " ", "  ", "\n", "\r\n", "\t", "'s", "'ll", "1", "½", "Ⅷ", "你好", "嗯", "é", "e\u0301", "😀", "👩‍🔬", "𠮷", "▁", "<|im_end|>", "<|im_start|>", "<|im_", "end|>",
        "<0x41>", "\0", "\u0085", "\u3000", "\uFEFF", "\uFFFD", "word", " The", "ﬁ", "한국", "٣", "🇨🇳", "#", "()", "\u2028").Array[0, 24].Select(string.Concat);

    [Fact]
    public void Yi_as_its_file_is() => Assert.Equal(167, new TokenizerGoldens("yi.json").AssertEqual(YiFile.Value));

    [Fact]
    public void Yi_with_its_chat_tokens() => Assert.Equal(167, new TokenizerGoldens("yi-chat-tokens-split.json").AssertEqual(YiChat.Value));

    [Fact]
    public void Yi_on_difficult_texts() => Assert.Equal(605, new TokenizerGoldens("edge/yi.json").AssertEqual(YiChat.Value));

    [Fact]
    public void A_folder_of_Yi_splits_off_its_chat_tokens_and_a_bare_file_does_not()
    {
        Assert.Equal([6, 765, 13611, 144], Tokenizer.FromFile(YiFolder).Encode("<|im_start|>assistant\n"));
        Assert.DoesNotContain(6, YiFile.Value.Encode("<|im_start|>assistant\n"));
    }

    [Theory]
    [InlineData("llama2.json", "llama2/tokenizer.json")]
    [InlineData("minimind.json", "sentencepiece/minimind_tokenizer.json")]
    [InlineData("edge/llama2.json", "llama2/tokenizer.json")]
    [InlineData("edge/minimind.json", "sentencepiece/minimind_tokenizer.json")]
    [InlineData("edge/ggml-gpt-2.json", "ggml-vectors/ggml-vocab-gpt-2.gguf")]
    [InlineData("edge/ggml-deepseek-llm.json", "ggml-vectors/ggml-vocab-deepseek-llm.gguf")]
    [InlineData("edge/ggml-llama-spm.json", "ggml-vectors/ggml-vocab-llama-spm.gguf")]
    public void Other_tokenizers_are_equal_too(string golden, string file)
    {
        string path = Path.Combine(SharedTokenizers, file);
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: other models' tokenizers stay outside the repository.");
        Assert.True(TokenizerGoldens.Shared(golden).AssertEqual(Tokenizer.FromFile(path)) > 100);
    }

    [Fact]
    public void Decoding_gives_the_text_back_and_so_does_streaming() => Texts.Sample(text =>
    {
        int[] ids = YiChat.Value.Encode(text);
        string expected = text.Replace('▁', ' ');
        IncrementalDecoder decoder = YiChat.Value.CreateDecoder();
        return YiChat.Value.Decode(ids) == expected && string.Concat(ids.Select(decoder.Push)) + decoder.Flush() == expected;
    }, iter: 2000);

    [Fact]
    public void What_the_caller_wrote_never_becomes_a_control_token() => Gen.Select(Texts, Gen.Bool).Array[1, 6].Sample(parts =>
    {
        string text = string.Concat(parts.Select(part => part.Item1));
        var spans = new List<TextSpan>();
        int at = 0;
        foreach ((string part, bool template) in parts)
        {
            if (template) spans.Add(new TextSpan(at, part.Length));
            at += part.Length;
        }
        var templated = new TemplatedText(text, spans);
        int[] ids = YiChat.Value.Encode(templated);
        int controlTokens = templated.TemplateSpans.Sum(span => ChatTokens.Sum(token => Count(text.Substring(span.Start, span.Length), token)));
        Assert.Equal(controlTokens, ids.Count(YiChat.Value.IsSpecial));
        Assert.Equal(text.Replace('▁', ' '), YiChat.Value.Decode(ids));
        if (controlTokens == ChatTokens.Sum(token => Count(text, token))) Assert.Equal(YiChat.Value.Encode(text), ids);
    }, iter: 1000);

    [Fact]
    public void Many_threads_share_a_tokenizer()
    {
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"Text number {i} 你好 {i * 7919}")];
        int[][] alone = [.. texts.Select(text => YiFile.Value.Encode(text))];
        Parallel.For(0, 2000, i => Assert.Equal(alone[i % texts.Length], YiFile.Value.Encode(texts[i % texts.Length])));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("嗯")]
    [InlineData("<|")]
    public void Long_repetitions_take_linear_time(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        Assert.NotEmpty(YiChat.Value.Encode(text));
    }

    [Fact]
    public void A_component_that_is_not_known_is_refused_by_name()
    {
        string json = Small("\"normalizer\": {\"type\": \"AlbertNormalizer\"}");
        string message = Assert.Throws<NotSupportedException>(() => Read(json)).Message;
        Assert.Contains("normalizer.type", message, StringComparison.Ordinal);
        Assert.Contains("\"AlbertNormalizer\"", message, StringComparison.Ordinal);
        Assert.Contains("known: Sequence, Replace, Prepend", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"vocab\": {\"a\": 0, \"b\": 0}, \"merges\": []", "already")]
    [InlineData("\"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": [\"a c\"]", "not in the vocabulary")]
    [InlineData("\"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": [\"a b\"]", "\"ab\" is not in the vocabulary")]
    [InlineData("\"vocab\": {\"a\": 0, \"b\": -1}, \"merges\": []", "id -1")]
    [InlineData("\"vocab\": {\"a\": 0, \"b\": 2000000000}, \"merges\": []", "id 2000000000")]
    [InlineData("\"vocab\": {\"a\": 0.5}, \"merges\": []", "expected an integer")]
    [InlineData("\"vocab\": [], \"merges\": []", "expected an object")]
    [InlineData("\"vocab\": {\"a\": 0}, \"merges\": [\"ab\"]", "one space between")]
    [InlineData("\"vocab\": {\"a\": 0}, \"merges\": 7", "expected an array")]
    [InlineData("\"vocab\": {\"a\": 0}", "is missing")]
    [InlineData("\"vocab\": {\"\\ud800\": 0}, \"merges\": []", "unpaired surrogate")]
    public void A_damaged_vocabulary_is_refused_in_one_sentence(string model, string part)
    {
        string json = $"{{\"model\": {{\"type\": \"BPE\", {model}}}, \"decoder\": {{\"type\": \"ByteLevel\"}}}}";
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Read(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_but_never_crash()
    {
        byte[] valid = Encoding.UTF8.GetBytes(Small(
            "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"_\"}]}, " +
            "\"pre_tokenizer\": {\"type\": \"Digits\", \"individual_digits\": true}"));
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 12], Pick.From("", "{", "}", "[", "]", "null", "-1", "\"", "99999999999", "1e999", "true", "\\ud800", "Sequence"))
            .Array[1, 3].Sample(edits =>
            {
                List<byte> bytes = [.. valid];
                foreach ((int at, int length, string insert) in edits)
                {
                    int from = Math.Min(at, bytes.Count);
                    bytes.RemoveRange(from, Math.Min(length, bytes.Count - from));
                    bytes.InsertRange(from, Encoding.UTF8.GetBytes(insert));
                }
                try
                {
                    Tokenizer tokenizer = Read([.. bytes]);
                    tokenizer.Decode(tokenizer.Encode("ab ab 12 <s> ½"));
                }
                catch (Exception e) when (e is InvalidDataException or NotSupportedException)
                {
                    Assert.DoesNotContain('\n', e.Message);
                }
            }, iter: 3000, threads: 1);
    }

    private static Tokenizer Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    private static Tokenizer Read(byte[] json)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, json);
            return Tokenizer.FromFile(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Small(string parts) =>
        "{\"added_tokens\": [{\"id\": 0, \"content\": \"<s>\", \"special\": true, \"normalized\": false}], " + parts + ", \"decoder\": {\"type\": \"Sequence\", \"decoders\": [{\"type\": \"ByteFallback\"}, {\"type\": \"Fuse\"}]}, " +
        "\"model\": {\"type\": \"BPE\", \"unk_token\": \"<s>\", \"byte_fallback\": true, \"vocab\": {\"<s>\": 0, \"a\": 1, \"b\": 2, \"ab\": 3, \"1\": 4, \"_\": 5}, \"merges\": [\"a b\"]}}";

    private static int Count(string text, string part)
    {
        int count = 0;
        for (int at = 0; (at = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length) count++;
        return count;
    }
}
