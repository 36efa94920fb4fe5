using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>Tokenizers in all their files, and on their way from one to another.</summary>
public sealed class TokenizerFileTests
{
    private static readonly (string, float, TokenKind)[] Pieces =
    [
        ("<|im_start|>", 0, TokenKind.Normal), ("▁", -1, TokenKind.Normal), ("a", -2, TokenKind.Normal), ("b", -3, TokenKind.Normal), ("ab", -0.5f, TokenKind.Normal), ("▁ab", -0.25f, TokenKind.Normal),
    ];

    private static string Vectors => Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers", "ggml-vectors");

    private static byte[] Model => ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true).ToArray();

    [Fact]
    public void A_folder_with_only_a_model_splits_its_control_tokens_off()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        Tokenizer bare = Tokenizer.FromFile(folder["tokenizer.model"]), whole = Tokenizer.FromFile(folder.Path);
        Assert.DoesNotContain(1, bare.Encode("<s>ab"));
        Assert.Equal([1, 264], whole.Encode("<s>ab"));
        Assert.Equal([259, 264], whole.Encode("<|im_start|>ab"));
        Assert.Equal(bare.Encode("<s>ab"), whole.Encode("<s>ab", SpecialTokens.AsText));
        Assert.Equal("ab", whole.Decode([259, 264], skipSpecial: true));
    }

    [Fact]
    public void A_user_cannot_type_marks_that_a_model_defines_for_users()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], ModelProto.Of(SentencePieceType.Bpe, [.. Pieces, ("<|im_end|>", 0, TokenKind.UserDefined), ("<tool>", 0, TokenKind.UserDefined)], byteFallback: true).ToArray());
        Tokenizer bare = Tokenizer.FromFile(folder["tokenizer.model"]), whole = Tokenizer.FromFile(folder.Path);
        Assert.Contains(265, bare.Encode("<|im_end|>", SpecialTokens.AsText));
        Assert.Equal([265, 260, 266], whole.Encode("<|im_end|><tool>"));
        Assert.DoesNotContain(265, whole.Encode("<|im_end|>", SpecialTokens.AsText));
        Assert.Contains(266, whole.Encode("<tool>", SpecialTokens.AsText));
        Assert.Equal(TokenKind.Control, FolderVocabulary.Read(new ModelFolder(folder.Path), 267, new TokenizerConfig())!.Kinds[265]);
    }

    [Fact]
    public void Tokens_that_the_files_beside_add_extend_a_model()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        File.WriteAllText(folder["added_tokens.json"], """{"<|im_end|>": 266, "<tool>": 265}""");
        File.WriteAllText(folder["tokenizer_config.json"], """{"bos_token": {"content": "<s>"}, "added_tokens_decoder": {"266": {"content": "<|im_end|>", "special": true}, "259": {"content": "<ab>", "special": false, "rstrip": true}}}""");
        Tokenizer tokenizer = Tokenizer.FromFile(folder.Path);
        Assert.Equal(267, tokenizer.VocabSize);
        Assert.Equal([264, 266, 265, 264], tokenizer.Encode("ab<|im_end|><tool>ab"));
        Assert.Equal([259, 264], tokenizer.Encode("<ab>  ab"));
        Assert.True(tokenizer.IsSpecial(266));
        Assert.False(tokenizer.IsSpecial(265));
    }

    [Fact]
    public void A_tokenizer_json_goes_before_a_model()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        File.WriteAllText(folder["tokenizer.json"], """{"decoder": {"type": "Fuse"}, "model": {"type": "BPE", "vocab": {"z": 0}, "merges": []}}""");
        Assert.Equal([0], Tokenizer.FromFile(folder.Path).Encode("z"));
    }

    [Theory]
    [InlineData("{\"x\": \"y\"}", "added_tokens.json", "\"x\": \"y\"")]
    [InlineData("{\"ab\": 900}", "added_tokens.json", "as pieces[263]")]
    [InlineData("{\"x\": 2000000000}", "added_tokens.json", "the id 2000000000")]
    [InlineData("{\"\": 265}", "added_tokens.json", "a text that is not empty")]
    [InlineData("{\"x\": -1}", "added_tokens.json", "an id from 0")]
    [InlineData("{\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}", "tokenizer_config.json", "names that are ids")]
    [InlineData("{\"added_tokens_decoder\": {\"7\": 3}}", "tokenizer_config.json", "expected an object")]
    [InlineData("{\"bos_token\": 3}", "tokenizer_config.json", "bos_token")]
    public void Added_tokens_that_cannot_be_are_refused(string json, string name, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        File.WriteAllText(folder[name], json);
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Tokenizer.FromFile(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00", "a pointer of Git LFS")]
    [InlineData("<!DOCTYPE html><html>", "an HTML page")]
    [InlineData("IQ== 0\nIg== 1\n", "a vocabulary of tiktoken")]
    [InlineData("PK\u0003\u0004xxxx", "a zip archive")]
    [InlineData("\u0001\u0002\u0003\u0004", "starts with 01020304")]
    public void Files_that_are_no_tokenizer_are_named(string text, string part)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer"], Encoding.Latin1.GetBytes(text));
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => Tokenizer.FromFile(folder["tokenizer"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_told_apart_by_what_is_in_them()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a"], Model);
        File.WriteAllText(folder["b.model"], "\uFEFF \n{\"model\": 1}");
        File.WriteAllBytes(folder["c.json"], [.. "GGUF"u8, 3, 0, 0, 0]);
        File.WriteAllBytes(folder["d.bin"], [0x80, 2, 1]);
        Assert.Equal(TokenizerFileKind.SentencePiece, TokenizerFileKinds.Of(folder["a"]));
        Assert.Equal(TokenizerFileKind.Json, TokenizerFileKinds.Of(folder["b.model"]));
        Assert.Equal(TokenizerFileKind.Gguf, TokenizerFileKinds.Of(folder["c.json"]));
        Assert.Contains("pickle", Assert.Throws<InvalidDataException>(() => TokenizerFileKinds.Of(folder["d.bin"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Llama_s_GGUF_vocabulary_goes_through_tokenizer_json_and_back()
    {
        string path = Path.Combine(Vectors, "ggml-vocab-llama-spm.gguf");
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: other models' tokenizers stay outside the repository.");
        using var folder = new TemporaryFolder();
        using GgufFile file = GgufFile.Open(path);
        LlamaConfig config = Config(32_000) with { BosTokenId = 1, EosTokenIds = [2] };
        BpeVocabulary vocabulary = GgufVocabularyFormat.Read(file, config)!;
        File.WriteAllBytes(folder["tokenizer.json"], TokenizerJsonFormat.Write(vocabulary));
        BpeVocabulary back = TokenizerJsonFormat.Read(folder["tokenizer.json"], 32_000, new TokenizerConfig { BosToken = "<s>", EosToken = "</s>", UnkToken = "<unk>" });
        Dictionary<string, object> metadata = GgufVocabularyFormat.Write(back).ToDictionary(entry => entry.Key, entry => entry.Value);

        Assert.Equal(vocabulary.Tokens, back.Tokens);
        Assert.Equal(vocabulary.Kinds, back.Kinds);
        Assert.Equal(vocabulary.AddSpacePrefix, back.AddSpacePrefix);
        // Runs of spaces all score -1e9 in the file, which a list of merges cannot say; from there on scores stay to the bit.
        float[] scores = (float[])metadata["tokenizer.ggml.scores"];
        Assert.Equal(scores, MergeScores.FromMerges(back.Tokens, back.Kinds, MergeScores.ToMerges(back.Tokens, back.Kinds, scores)));
        (Tokenizer original, Tokenizer json, Tokenizer again) = (Tokenizer.FromFile(path), Tokenizer.FromFile(folder["tokenizer.json"]), new Tokenizer(GgufVocabulary.Read(metadata, "again.gguf")));
        foreach (JsonElement row in TokenizerGoldens.SharedRows("edge/ggml-llama-spm.json"))
        {
            string text = row.GetProperty("text").GetString()!;
            int[] ids = original.Encode(text);
            Assert.Equal(ids, json.Encode(text));
            Assert.Equal(ids, again.Encode(text));
        }
    }

    [Fact]
    public void A_folder_with_a_model_gives_GGUF_its_own_scores_and_kinds()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        BpeVocabulary vocabulary = FolderVocabulary.Read(new ModelFolder(folder.Path), 270, new TokenizerConfig())!;
        Assert.Equal([0, -1, -2, -3, -0.5f, -0.25f], vocabulary.Scores![259..265]);
        Assert.Equal([TokenKind.Unknown, TokenKind.Control, TokenKind.Control, TokenKind.Byte], vocabulary.Kinds[..4]);
        Assert.Equal([TokenKind.Control, TokenKind.Normal], vocabulary.Kinds[259..261]);
        Assert.Equal(TokenKind.Unused, vocabulary.Kinds[269]);
        Assert.Equal((1, 2, 0), (vocabulary.Ids.Bos!.Value, vocabulary.Ids.Eos!.Value, vocabulary.Ids.Unk!.Value));
        var gguf = new Tokenizer(GgufVocabulary.Read(GgufVocabularyFormat.Write(vocabulary).ToDictionary(entry => entry.Key, entry => entry.Value), "test.gguf"));
        Tokenizer model = Tokenizer.FromFile(folder.Path);
        foreach (string text in (string[])["ab ab", "<s>ab", "好 a", "  ab", "<|im_start|>b"]) Assert.Equal(model.Encode(text), gguf.Encode(text));
        Assert.Equal(259, FolderVocabulary.FindId(new ModelFolder(folder.Path), "<|im_start|>"));
    }

    [Fact]
    public void A_model_with_only_a_tokenizer_model_is_written_to_GGUF_and_to_a_folder()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(CheckpointGoldens.Tiny("llama-tiny")))
        {
            if (!Path.GetFileName(file).StartsWith("tokenizer", StringComparison.Ordinal)) File.Copy(file, folder[Path.GetFileName(file)]);
        }
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        using Checkpoint source = Checkpoint.Open(folder.Path);
        using var elsewhere = new TemporaryFolder();
        GgufWriter.Write(elsewhere["a.gguf"], source);
        HuggingFaceWriter.Write(elsewhere["b"], source);
        using Checkpoint gguf = Checkpoint.Open(elsewhere["a.gguf"]), copy = Checkpoint.Open(elsewhere["b"]);
        Assert.Equal(Model, File.ReadAllBytes(Path.Combine(elsewhere["b"], "tokenizer.model")));
        Assert.Equal(-0.25f, ((float[])gguf.Gguf!.Metadata["tokenizer.ggml.scores"])[264]);
        Tokenizer[] tokenizers = [Tokenizer.Load(source), Tokenizer.Load(gguf), Tokenizer.Load(copy)];
        foreach (string text in (string[])["ab ab<s>ab", "好", " a b"]) Assert.Single(tokenizers.Select(tokenizer => string.Join(' ', tokenizer.Encode(text))).Distinct());
    }

    [Fact]
    public void Scores_of_the_model_beside_a_tokenizer_json_are_taken_where_the_two_agree()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["tokenizer.model"], Model);
        BpeVocabulary vocabulary = FolderVocabulary.Read(new ModelFolder(folder.Path), 265, new TokenizerConfig())!;
        File.WriteAllBytes(folder["tokenizer.json"], TokenizerJsonFormat.Write(vocabulary));
        Assert.Equal(vocabulary.Scores, FolderVocabulary.Read(new ModelFolder(folder.Path), 265, new TokenizerConfig { UnkToken = "<unk>" })!.Scores);
        File.WriteAllBytes(folder["tokenizer.model"], ModelProto.Of(SentencePieceType.Bpe, [("other", 0, TokenKind.Normal)], byteFallback: true).ToArray());
        Assert.Null(FolderVocabulary.Read(new ModelFolder(folder.Path), 265, new TokenizerConfig { UnkToken = "<unk>" })!.Scores);
    }

    [Fact]
    public void Models_that_GGUF_cannot_express_are_refused_by_field()
    {
        Assert.Contains("trainer_spec.model_type = 1 (Unigram)", Refusal(ModelProto.Of(SentencePieceType.Unigram, Pieces)), StringComparison.Ordinal);
        Assert.Contains("trainer_spec.byte_fallback = false", Refusal(ModelProto.Of(SentencePieceType.Bpe, Pieces)), StringComparison.Ordinal);
        Assert.Contains("normalizer_spec.remove_extra_whitespaces = true", Refusal(ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true, removeSpaces: true)), StringComparison.Ordinal);

        static string Refusal(ModelProto model)
        {
            using var folder = new TemporaryFolder();
            File.WriteAllBytes(folder["tokenizer.model"], model.ToArray());
            return Assert.Throws<NotSupportedException>(() => FolderVocabulary.Read(new ModelFolder(folder.Path), 300, new TokenizerConfig())).Message;
        }
    }

    [Fact]
    public void Scores_of_merges_are_those_that_made_them()
    {
        string[] tokens = ["<unk>", "a", "b", "ab", "aba", "abab", "c"];
        TokenKind[] kinds = [TokenKind.Unknown, .. Enumerable.Repeat(TokenKind.Normal, 6)];
        float[] scores = [0, -3, -4, 0, -1, -2, -5];
        List<(string, string)> merges = MergeScores.ToMerges(tokens, kinds, scores);
        Assert.Equal([("a", "b"), ("ab", "a"), ("aba", "b"), ("ab", "ab")], merges);
        Assert.Equal(scores, MergeScores.FromMerges(tokens, kinds, merges));
    }

    private static LlamaConfig Config(int vocabSize)
    {
        using Checkpoint tiny = Checkpoint.Open(CheckpointGoldens.Tiny("llama-tiny"));
        return tiny.Config with { VocabSize = vocabSize };
    }
}
