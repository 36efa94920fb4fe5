using YiSharp.Tensors;
using YiSharp.Text;
using HuggingFaceTokenizer = Tokenizers.DotNet.Tokenizer;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>Ids and texts against Hugging Face's own library, which reads the same tokenizer.json.</summary>
public sealed class HuggingFaceTokenizersTests
{
    private const ulong Seed = 20240;
    private const int TextCount = 1500;
    private const int IdSequenceCount = 1000;
    private const int LongestIdSequence = 40;

    private static readonly RandomTexts Texts = new("<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|startoftext|>", "<unk>", "<s>", "</s>", "<|im_sep|>", "<|Human|>", "<repo_name>");

    /// <summary>Where the tokenizer.json of each tokenizer lies.</summary>
    public static TheoryData<string> Tokenizers => ["yi"];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Ids_of_random_and_mutated_texts_are_equal(string name)
    {
        using var theirs = new HuggingFaceTokenizer(PathOf(name));
        Tokenizer ours = Tokenizer.FromFile(PathOf(name));
        RandomStream random = RandomStream.For(Seed, "texts of " + name);
        for (int i = 0; i < TextCount; i++) RequireSameIds(ours, theirs, Texts.Next(random), i);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void An_unpaired_surrogate_counts_as_the_replacement_character(string name)
    {
        using var theirs = new HuggingFaceTokenizer(PathOf(name));
        Tokenizer ours = Tokenizer.FromFile(PathOf(name));
        RandomStream random = RandomStream.For(Seed, "broken texts of " + name);
        for (int i = 0; i < TextCount / 10; i++) RequireSameIds(ours, theirs, RandomTexts.BreakSurrogates(Texts.Next(random), random), i);
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_ids_of_texts_are_equal(string name)
    {
        using var theirs = new HuggingFaceTokenizer(PathOf(name));
        Tokenizer ours = Tokenizer.FromFile(PathOf(name));
        RandomStream random = RandomStream.For(Seed, "decoded texts of " + name);
        for (int i = 0; i < TextCount / 2; i++)
        {
            int[] ids = ours.Encode(Texts.Next(random));
            RequireSameText(ours, theirs, ids.AsSpan(0, random.NextBelow(ids.Length + 1)), i);
        }
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decoded_random_ids_are_equal(string name)
    {
        using var theirs = new HuggingFaceTokenizer(PathOf(name));
        Tokenizer ours = Tokenizer.FromFile(PathOf(name));
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

    private static string PathOf(string name) => Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", name, "tokenizer.json");
}
