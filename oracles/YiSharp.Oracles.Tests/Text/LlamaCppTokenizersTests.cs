using System.Buffers;
using System.Text;
using LLama;
using LLama.Common;
using LLama.Native;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>Ids and texts of GGUF vocabularies against llama.cpp's, with control tokens read as such and as text.</summary>
public sealed class LlamaCppTokenizersTests
{
    private const ulong Seed = 20250;
    private const int LongestIdSequence = 30;
    private const int LongestPiece = 512;

    private static readonly RandomTexts Texts = new("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|begin_of_text|>", "<unk>", "<s>", "</s>", "<0x0A>", "<repo_name>", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>");

    private static readonly (int First, int Last)[] LettersAndNumbersOfUnicode16 =
    [
        (0x1C89, 0x1C8A), (0xA7CB, 0xA7CD), (0xA7DA, 0xA7DC), (0x105C0, 0x105FF), (0x10D40, 0x10D8F), (0x10EC2, 0x10EC4), (0x11380, 0x113FF), (0x116D0, 0x116FF),
        (0x11BC0, 0x11BFF), (0x13460, 0x143FF), (0x16100, 0x1613F), (0x16D40, 0x16D7F), (0x18CFF, 0x18CFF), (0x1CCF0, 0x1CCF9), (0x1E5D0, 0x1E5FF),
    ];

    static LlamaCppTokenizersTests() => NativeLogConfig.llama_log_set((_, _) => { });

    public static TheoryData<string> Vocabularies => [.. TokenizerFiles.Ggufs];

    public static TheoryData<string, SpecialTokens> VocabulariesAndModes =>
        [.. TokenizerFiles.Ggufs.SelectMany(name => new[] { SpecialTokens.Split, SpecialTokens.AsText }.Select(mode => new TheoryDataRow<string, SpecialTokens>(name, mode)))];

    [Theory]
    [MemberData(nameof(VocabulariesAndModes))]
    public void Ids_of_random_texts_are_equal(string name, SpecialTokens mode)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, $"{mode} texts of {name}"), Fuzz.Count, random => Fuzz.Characters(Texts.Next(random)), characters => pair.Ids(characters, mode));
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Ids_of_characters_between_others_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.CompareCharacters(characters => pair.Ids(characters, SpecialTokens.AsText));
    }

    [Fact]
    public void A_SentencePiece_model_gives_the_ids_of_the_same_vocabulary_as_GGUF()
    {
        if (!TokenizerFiles.SentencePieces.Contains(TokenizerFiles.LlamaSentencePiece)) Assert.Skip("Llama-2's tokenizer stays outside the repository.");
        using Pair pair = Open(TokenizerFiles.LlamaGguf, TokenizerFiles.LlamaSentencePiece);
        Fuzz.Compare(RandomStream.For(Seed, "texts of a model"), Fuzz.Count, random => Fuzz.Characters(Texts.Next(random)), characters => pair.Ids(characters, SpecialTokens.AsText));
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Decoded_ids_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, $"ids of {name}"), Fuzz.Count / 2, random =>
        {
            if (random.NextBelow(2) == 0) return pair.Ours.Encode(Texts.Next(random));
            var ids = new int[1 + random.NextBelow(LongestIdSequence)];
            for (int i = 0; i < ids.Length; i++) ids[i] = random.NextBelow(pair.Ours.VocabSize);
            return ids;
        }, pair.Decoded);
    }

    /// <summary>Whether the tables of this llama.cpp, of Unicode 15, do not know a letter or number that .NET's, of Unicode 16, do.</summary>
    private static bool IsYounger(string character) => LettersAndNumbersOfUnicode16.Any(range => range.First <= char.ConvertToUtf32(character, 0) && char.ConvertToUtf32(character, 0) <= range.Last);

    private static Pair Open(string gguf, string? file = null) =>
        new(LLamaWeights.LoadFromFile(new ModelParams(TokenizerFiles.PathOf(gguf)) { VocabOnly = true }), Tokenizer.FromFile(TokenizerFiles.PathOf(file ?? gguf)));

    /// <summary>One vocabulary twice.</summary>
    private sealed record Pair(LLamaWeights Theirs, Tokenizer Ours) : IDisposable
    {
        private readonly bool _isSentencePiece = Theirs.NativeHandle.Vocab.Type == LLamaVocabType.SentencePiece;

        public void Dispose() => Theirs.Dispose();

        public (string Expected, string Actual) Ids(IReadOnlyList<string> characters, SpecialTokens mode)
        {
            string text = string.Concat(characters);
            int[] expected = [.. Theirs.NativeHandle.Tokenize(text, addBos: false, special: mode == SpecialTokens.Split, Encoding.UTF8).Select(id => (int)id)];
            if (characters.Any(IsYounger)) return ("", "");
            // A byte that the vocabulary lacks is dropped by both, but tokenizers, and ours, let its neighbours meet.
            if (!_isSentencePiece && !Pieces(expected).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text))) return ("", "");
            return (Fuzz.Print(expected), Fuzz.Print(Ours.Encode(text, mode)));
        }

        public (string Expected, string Actual) Decoded(IReadOnlyList<int> ids)
        {
            // A byte that is a space is no ▁: sentencepiece keeps it at the start.
            if (_isSentencePiece && ids is [var first, ..] && Ours.TokenOf(first) == "<0x20>") return ("", "");
            // How a SentencePiece vocabulary's control tokens print depends on the version of llama.cpp.
            IReadOnlyList<int> compared = _isSentencePiece ? [.. ids.Where(id => !Ours.IsSpecial(id))] : ids;
            return (Fuzz.Print(Text(compared)), Fuzz.Print(Ours.Decode([.. compared])));
        }

        /// <summary>UTF-8 broken as sentencepiece reads it, one U+FFFD a byte, where it is a SentencePiece vocabulary.</summary>
        private string Text(IReadOnlyList<int> ids)
        {
            byte[] utf8 = Pieces(ids);
            if (!_isSentencePiece) return Encoding.UTF8.GetString(utf8);
            var text = new StringBuilder();
            for (int start = 0; start < utf8.Length;)
            {
                bool isWhole = Rune.DecodeFromUtf8(utf8.AsSpan(start), out Rune rune, out int length) == OperationStatus.Done;
                text.Append(isWhole ? rune.ToString() : new string('\uFFFD', length));
                start += length;
            }
            return text.ToString();
        }

        /// <summary>What llama_detokenize does: the first piece of a SentencePiece vocabulary loses the space that every text begins with.</summary>
        private byte[] Pieces(IReadOnlyList<int> ids)
        {
            var utf8 = new List<byte>();
            Span<byte> piece = stackalloc byte[LongestPiece];
            for (int i = 0; i < ids.Count; i++)
            {
                uint length = Theirs.NativeHandle.TokenToSpan((LLamaToken)ids[i], piece, _isSentencePiece && i == 0 ? 1 : 0, special: true);
                utf8.AddRange(piece[..(int)length]);
            }
            return [.. utf8];
        }
    }
}
