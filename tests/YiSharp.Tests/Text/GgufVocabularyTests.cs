using System.Globalization;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class GgufVocabularyTests
{
    private static string Vectors => Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers", "ggml-vectors");

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("deepseek-llm")]
    [InlineData("llama-spm")]
    public void The_vectors_of_llama_cpp_come_out(string name)
    {
        string path = Path.Combine(Vectors, $"ggml-vocab-{name}.gguf");
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: other models' tokenizers stay outside the repository.");
        Tokenizer tokenizer = Tokenizer.FromFile(path);
        string[] texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n"), lines = File.ReadAllText(path + ".out").Split('\n');
        int rows = 0;
        // The file ends with a separator too.
        foreach (string text in texts.Take(47))
        {
            int[] ids = [.. lines[rows++].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
            Assert.Equal(ids, tokenizer.Encode(text, SpecialTokens.AsText));
        }
        Assert.Equal(47, rows);
    }

    [Fact]
    public void Byte_level_vocabularies_follow_their_row_of_the_table()
    {
        Dictionary<string, object> metadata = ByteLevel();
        Assert.Equal([2], Encode(metadata, "ab"));
        metadata["tokenizer.ggml.merges"] = new[] { "b c", "a b", "b c" };
        Assert.Equal([0, 4], Encode(metadata, "abc")); // of equal merges the first counts
        Assert.Equal([5], Encode(metadata, "<|im_end|>")); // a control token by its text
        Assert.NotEqual([5], new Tokenizer(GgufVocabulary.Read(metadata, "test.gguf")).Encode("<|im_end|>", SpecialTokens.AsText));
        metadata.Remove("tokenizer.ggml.token_type");
        Assert.Equal([0, 4], Encode(metadata, "abc"));
    }

    [Fact]
    public void Every_cut_of_the_table_can_be_made()
    {
        string[] names = PreTokenizerTable.Names.Split(", ");
        Assert.Equal(names.Length, names.Distinct().Count());
        foreach (string name in names)
        {
            Dictionary<string, object> metadata = ByteLevel();
            metadata["tokenizer.ggml.pre"] = name;
            Assert.Equal([2, 2], Encode(metadata, "ab\nab").Where(id => id == 2));
            PreTokenizerRule rule = PreTokenizerTable.Find(name)!;
            using JsonDocument cut = JsonDocument.Parse(rule.PreTokenizer), normalizer = JsonDocument.Parse(rule.Normalizer ?? "null");
            string? found = PreTokenizerTable.NameOf(rule.Normalizer is null ? null : normalizer.RootElement, cut.RootElement, rule.IgnoreMerges);
            Assert.Equal(rule.Names[0], found);
        }
    }

    [Theory]
    [InlineData("llama-bpe", "It's IT'S 'ſ", new[] { "It", "'s", " IT", "'S", " '", "ſ" })]
    [InlineData("qwen2", "a  12\u3000好", new[] { "a", " ", " ", "1", "2", "\u3000好" })]
    [InlineData("deepseek-coder", "a\u3000你好 12", new[] { "a", "\u3000", "你好", " ", "1", "2" })]
    [InlineData("gpt-4o", "fooBar éÉ", new[] { "foo", "Bar", " éÉ" })]
    [InlineData("default", "a+1234", new[] { "a", "+", "123", "4" })]
    public void Cuts_are_those_of_llama_cpp(string name, string text, string[] expected)
    {
        using JsonDocument cut = JsonDocument.Parse(PreTokenizerTable.Find(name)!.LlamaCpp);
        var words = new List<Piece>();
        PreTokenizerReader.Read(new JsonField(cut.RootElement, "table", name), modelTakesBytes: true).Split(new Piece(text.AsMemory(), AtStart: true), words);
        Assert.Equal(expected, words.Select(word => word.Text.ToString()));
    }

    [Fact]
    public void Llama_vocabularies_put_a_space_before_every_stretch()
    {
        Dictionary<string, object> metadata = SentencePiece();
        Assert.Equal([3, 4, 1, 3, 4], Encode(metadata, "a<s>a"));
        metadata["tokenizer.ggml.add_space_prefix"] = false;
        Assert.Equal([4, 1, 4], Encode(metadata, "a<s>a"));
        Assert.Equal([4, 6], Encode(metadata, "a\u0007")); // user-defined, and found before anything else
        var tokenizer = new Tokenizer(GgufVocabulary.Read(SentencePiece(), "test.gguf"));
        Assert.Equal("a a ⁇ ", tokenizer.Decode([3, 4, 1, 3, 4, 0]));
        Assert.Equal("\uFFFDa", tokenizer.Decode([5, 4, 7]));
    }

    public static TheoryData<string, object?, string> Broken() => new()
    {
        { "model", "bert", "\"bert\"" }, { "model", "t5", "\"t5\"" }, { "model", "rwkv", "\"rwkv\"" }, { "model", 3, "expected a string" }, { "model", null, "tokenizer.ggml.model is missing" },
        { "pre", "qwen3", "tokenizer.ggml.pre of test.gguf is \"qwen3\"" }, { "pre", 7, "expected a string" },
        { "tokens", new[] { "a", "a", "ab", "c", "bc", "d" }, "already" }, { "tokens", new[] { 1 }, "list of strings" }, { "tokens", null, "is missing" },
        { "token_type", new[] { 1 }, "1 entries" }, { "token_type", "x", "list of 32-bit integers" },
        { "merges", new[] { "a d" }, "not in the vocabulary" }, { "merges", new[] { "ab" }, "one space between" }, { "merges", new[] { "a b c" }, "one space between" }, { "merges", null, "is missing" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_byte_level_vocabularies_are_refused(string key, object? value, string part) => AssertRefused(ByteLevel(), key, value, part);

    public static TheoryData<string, object?, string> BrokenSentencePiece() => new()
    {
        { "scores", null, "tokenizer.ggml.scores is missing" }, { "scores", new[] { 1f }, "1 entries; expected 9" }, { "scores", "x", "list of 32-bit floats" },
        { "scores", new[] { 0f, 0, 0, 0, float.NaN, 0, 0, 0, 0 }, "scores[4] is NaN" }, { "add_space_prefix", "yes", "expected true or false" },
    };

    [Theory]
    [MemberData(nameof(BrokenSentencePiece))]
    public void Broken_llama_vocabularies_are_refused(string key, object? value, string part) => AssertRefused(SentencePiece(), key, value, part);

    private static void AssertRefused(Dictionary<string, object> metadata, string key, object? value, string part)
    {
        if (value is null) metadata.Remove("tokenizer.ggml." + key);
        else metadata["tokenizer.ggml." + key] = value;
        Exception error = Assert.ThrowsAny<Exception>(() => GgufVocabulary.Read(metadata, "test.gguf"));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static int[] Encode(Dictionary<string, object> metadata, string text) => new Tokenizer(GgufVocabulary.Read(metadata, "test.gguf")).Encode(text);

    private static Dictionary<string, object> ByteLevel() => new()
    {
        ["tokenizer.ggml.model"] = "gpt2",
        ["tokenizer.ggml.pre"] = "smollm",
        ["tokenizer.ggml.tokens"] = new[] { "a", "b", "ab", "c", "bc", "<|im_end|>" },
        ["tokenizer.ggml.token_type"] = new[] { 1, 1, 1, 1, 1, 1 },
        ["tokenizer.ggml.merges"] = new[] { "a b" },
    };

    private static Dictionary<string, object> SentencePiece() => new()
    {
        ["tokenizer.ggml.model"] = "llama",
        ["tokenizer.ggml.tokens"] = new[] { "<unk>", "<s>", "</s>", "▁", "a", "<0xE4>", "\u0007", "[unused]", "" },
        ["tokenizer.ggml.token_type"] = new[] { 2, 3, 3, 1, 1, 6, 4, 5, 1 },
        ["tokenizer.ggml.scores"] = new[] { 0f, 0, 0, -1, -2, 0, 0, 0, 0 },
    };
}
