using YiSharp.Checkpoints;
using YiSharp.Tensors;
using YiSharp.Text;
using HuggingFaceTokenizer = Tokenizers.DotNet.Tokenizer;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>
/// Ids and texts against Hugging Face's own library: of every tokenizer.json that is at hand, and of the embedded model's vocabulary, which that library
/// reads from the tokenizer.json that we write, and ours from there or from the GGUF.
/// </summary>
public sealed class HuggingFaceTokenizersTests(HuggingFaceTokenizersTests.WrittenFolder written) : IClassFixture<HuggingFaceTokenizersTests.WrittenFolder>
{
    private const string Written = "the embedded model's, as we write it";
    private const string Gguf = "the embedded model's GGUF";

    private const ulong Seed = 20240;
    private const int LongestIdSequence = 40;

    private static readonly string[] ControlTokens = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|startoftext|>", "<unk>", "<s>", "</s>", "<|im_sep|>", "<|Human|>", "<repo_name>"];

    public static TheoryData<string> Tokenizers => [Written, Gguf, .. TokenizerFiles.Jsons];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ids_of_random_and_mutated_texts_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, "texts of " + name), Fuzz.Count, random => Fuzz.Characters(pair.Texts.Next(random)), pair.Ids);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ids_of_characters_between_others_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.CompareCharacters(pair.Ids);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void An_unpaired_surrogate_counts_as_the_replacement_character(string name)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, "broken texts of " + name), Fuzz.Count / 10, random => Fuzz.Characters(RandomTexts.BreakSurrogates(pair.Texts.Next(random), random)), pair.Ids);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_ids_of_texts_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, "decoded texts of " + name), Fuzz.Count / 2, random =>
        {
            int[] ids = pair.Ours.Encode(pair.Texts.Next(random));
            return ids[..random.NextBelow(ids.Length + 1)];
        }, pair.Decoded);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Streamed_texts_are_equal(string name)
    {
        using Pair pair = Open(name);
        IncrementalDecoder decoder = pair.Ours.CreateDecoder(skipSpecial: true);
        Fuzz.Compare(RandomStream.For(Seed, "streamed texts of " + name), Fuzz.Count / 2, random => pair.Ours.Encode(pair.Texts.Next(random)),
            ids => (Fuzz.Print(pair.Theirs.Decode(Unsigned(ids))), Fuzz.Print(string.Concat(ids.Select(decoder.Push)) + decoder.Flush())));
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_random_ids_are_equal(string name)
    {
        using Pair pair = Open(name);
        Fuzz.Compare(RandomStream.For(Seed, "random ids of " + name), Fuzz.Count / 2, random =>
        {
            // Low ids are single bytes and control tokens: half of all, so that broken UTF-8 comes often.
            var ids = new int[1 + random.NextBelow(LongestIdSequence)];
            for (int j = 0; j < ids.Length; j++) ids[j] = random.NextBelow(random.NextBelow(2) == 0 ? Math.Min(400, pair.Ours.VocabSize) : pair.Ours.VocabSize);
            return ids;
        }, pair.Decoded);
    }

    private Pair Open(string name)
    {
        string json = name is Written or Gguf ? written.TokenizerJson : TokenizerFiles.PathOf(name);
        return new Pair(new HuggingFaceTokenizer(json), Tokenizer.FromFile(name == Gguf ? Repository.EmbeddedModel : json), new RandomTexts([.. ControlTokens, .. TokenizerFiles.AddedTokens(json)]));
    }

    private static uint[] Unsigned(IEnumerable<int> ids) => [.. ids.Select(id => (uint)id)];

    /// <summary>One tokenizer twice, and texts with its control tokens.</summary>
    private sealed record Pair(HuggingFaceTokenizer Theirs, Tokenizer Ours, RandomTexts Texts) : IDisposable
    {
        /// <summary>What their post-processor puts before every text; ours leaves that to the chat template.</summary>
        private readonly int _added = Theirs.Encode("").Length;

        public void Dispose() => Theirs.Dispose();

        public (string Expected, string Actual) Ids(IReadOnlyList<string> characters)
        {
            string text = string.Concat(characters);
            return (Fuzz.Print(Theirs.Encode(RandomTexts.Repair(text)).Skip(_added).Select(id => (int)id)), Fuzz.Print(Ours.Encode(text)));
        }

        public (string Expected, string Actual) Decoded(IReadOnlyList<int> ids) =>
            (Fuzz.Print(Theirs.Decode(Unsigned(ids))), Fuzz.Print(Ours.Decode([.. ids], skipSpecial: true)));
    }

    /// <summary>The embedded model as a Hugging Face folder, in a temporary place.</summary>
    public sealed class WrittenFolder : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-oracles-").FullName;

        /// <summary>Writes it.</summary>
        public WrittenFolder()
        {
            using Checkpoint source = Checkpoint.Open(Repository.EmbeddedModel);
            HuggingFaceWriter.Write(Path.Combine(_folder, "model"), source);
        }

        /// <summary>What we made of the GGUF's vocabulary.</summary>
        public string TokenizerJson => Path.Combine(_folder, "model", "tokenizer.json");

        /// <inheritdoc/>
        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
