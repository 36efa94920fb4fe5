using YiSharp.Checkpoints;
using YiSharp.Tensors;
using YiSharp.Text;
using HuggingFaceTokenizer = Tokenizers.DotNet.Tokenizer;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>
/// Ids and texts against Hugging Face's own library: of Yi's tokenizer.json, and of the embedded model's vocabulary, which that library
/// reads from the tokenizer.json that we write, and ours from there or from the GGUF.
/// </summary>
public sealed class HuggingFaceTokenizersTests(HuggingFaceTokenizersTests.WrittenFolder written) : IClassFixture<HuggingFaceTokenizersTests.WrittenFolder>
{
    private const string Yi = "Yi's tokenizer.json";
    private const string Written = "the embedded model's, as we write it";
    private const string Gguf = "the embedded model's GGUF";

    private const ulong Seed = 20240;
    private const int TextCount = 1500;
    private const int IdSequenceCount = 1000;
    private const int LongestIdSequence = 40;

    private static readonly RandomTexts Texts = new("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|startoftext|>", "<unk>", "<s>", "</s>", "<|im_sep|>", "<|Human|>", "<repo_name>");

    public static TheoryData<string> Tokenizers => [Yi, Written, Gguf];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ids_of_random_and_mutated_texts_are_equal(string name)
    {
        using HuggingFaceTokenizer theirs = Theirs(name);
        Tokenizer ours = Ours(name);
        RandomStream random = RandomStream.For(Seed, "texts of " + name);
        for (int i = 0; i < TextCount; i++) RequireSameIds(ours, theirs, Texts.Next(random), i);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void An_unpaired_surrogate_counts_as_the_replacement_character(string name)
    {
        using HuggingFaceTokenizer theirs = Theirs(name);
        Tokenizer ours = Ours(name);
        RandomStream random = RandomStream.For(Seed, "broken texts of " + name);
        for (int i = 0; i < TextCount / 10; i++) RequireSameIds(ours, theirs, RandomTexts.BreakSurrogates(Texts.Next(random), random), i);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_ids_of_texts_are_equal(string name)
    {
        using HuggingFaceTokenizer theirs = Theirs(name);
        Tokenizer ours = Ours(name);
        RandomStream random = RandomStream.For(Seed, "decoded texts of " + name);
        for (int i = 0; i < TextCount / 2; i++)
        {
            int[] ids = ours.Encode(Texts.Next(random));
            RequireSameText(ours, theirs, ids.AsSpan(0, random.NextBelow(ids.Length + 1)), i);
        }
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Streamed_texts_are_equal(string name)
    {
        using HuggingFaceTokenizer theirs = Theirs(name);
        Tokenizer ours = Ours(name);
        IncrementalDecoder decoder = ours.CreateDecoder(skipSpecial: true);
        RandomStream random = RandomStream.For(Seed, "streamed texts of " + name);
        for (int i = 0; i < TextCount / 2; i++)
        {
            int[] ids = ours.Encode(Texts.Next(random));
            string streamed = string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
            Assert.Equal(theirs.Decode([.. ids.Select(id => (uint)id)]), streamed);
        }
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_random_ids_are_equal(string name)
    {
        using HuggingFaceTokenizer theirs = Theirs(name);
        Tokenizer ours = Ours(name);
        RandomStream random = RandomStream.For(Seed, "random ids of " + name);
        for (int i = 0; i < IdSequenceCount; i++)
        {
            // Low ids are single bytes and control tokens: half of all, so that broken UTF-8 comes often.
            var ids = new int[1 + random.NextBelow(LongestIdSequence)];
            for (int j = 0; j < ids.Length; j++) ids[j] = random.NextBelow(random.NextBelow(2) == 0 ? 400 : ours.VocabSize);
            RequireSameText(ours, theirs, ids, i);
        }
    }

    private static void RequireSameIds(Tokenizer ours, HuggingFaceTokenizer theirs, string text, int number)
    {
        int[] expected = [.. theirs.Encode(RandomTexts.Repair(text)).Select(id => (int)id)];
        int[] actual = ours.Encode(text);
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"text {number}, {Escape(text)}: [{string.Join(", ", actual)}], expected [{string.Join(", ", expected)}]");
    }

    private static void RequireSameText(Tokenizer ours, HuggingFaceTokenizer theirs, ReadOnlySpan<int> ids, int number)
    {
        string expected = theirs.Decode([.. ids.ToArray().Select(id => (uint)id)]);
        string actual = ours.Decode(ids, skipSpecial: true);
        Assert.True(expected == actual, $"ids {number}, [{string.Join(", ", ids.ToArray())}]: {Escape(actual)}, expected {Escape(expected)}");
    }

    private static string Escape(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static string YiPath { get; } = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi", "tokenizer.json");

    private HuggingFaceTokenizer Theirs(string name) => new(name == Yi ? YiPath : written.TokenizerJson);

    private Tokenizer Ours(string name) => Tokenizer.FromFile(name switch
    {
        Yi => YiPath,
        Written => written.TokenizerJson,
        _ => Repository.EmbeddedModel,
    });

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
