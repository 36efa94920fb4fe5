using System.Text;
using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>Cutting, caching and merging against byte-pair encoding as it is defined, on small vocabularies full of overlaps.</summary>
public sealed class BpeModelTests
{
    /// <summary>Characters of vocabularies; texts have some more.</summary>
    private static readonly string[] Known = ["a", "b", "c", "▁", "嗯", "好", "😀", "\uFFFD", "é"];
    private static readonly string[] Unknown = ["x", "\n", "한", "𠮷", "👍"];

    private static Gen<string> Words => Pick.From([.. Known, .. Known, .. Known, .. Unknown]).Array[0, 60].Select(string.Concat);

    private static Gen<BpeOptions> Options => Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool,
        (fallback, unknown, fuse, whole) => new BpeOptions { ByteFallback = fallback, UnknownId = unknown ? 0 : null, FuseUnknown = fuse, IgnoreMerges = whole });

    [Fact]
    public void Ids_are_those_of_plain_byte_pair_encoding() =>
        Gen.Select(Options, Gen.Int[0, 20_000], Gen.Int[0, 2], Words.Array[1, 6]).Sample((options, seed, missing, words) =>
        {
            (Vocabulary vocabulary, List<Merge> merges) = RandomVocabulary(new Random(seed), missing, options.ByteFallback);
            var model = new BpeModel(vocabulary, merges, options);
            foreach (string word in words.Concat(words).Append(string.Concat(words))) // twice: from the cache, too
            {
                var ids = new IdList(0);
                model.Encode(word, ids);
                Assert.Equal(Reference(vocabulary, merges, options, word), ids.TakeArray());
            }
        }, iter: 400);

    /// <summary>Pieces of random joins; of the byte pieces so many are missing, and some merges join bytes.</summary>
    private static (Vocabulary, List<Merge>) RandomVocabulary(Random random, int missingBytes, bool mergeBytes)
    {
        var vocabulary = new Vocabulary();
        var pieces = new List<string> { "<unk>" };
        pieces.AddRange(Known);
        string[] missing = ["<0xED>", "<0x0A>"];
        for (int b = 0; b < 256; b++) pieces.Add($"<0x{b:X2}>");
        pieces.RemoveAll(missing[..missingBytes].Contains);
        foreach (string piece in pieces) Assert.True(vocabulary.TryAdd(piece, vocabulary.Size));

        var merges = new List<Merge>();
        List<string> joinable = [.. Known];
        if (mergeBytes && random.Next(2) == 0) joinable.AddRange(((string[])["<0xED>", "<0x95>", "<0x9C>", "<0x0A>"]).Except(missing[..missingBytes]));
        for (int rank = 0; rank < 40; rank++)
        {
            string left = joinable[random.Next(joinable.Count)], right = joinable[random.Next(joinable.Count)];
            if (vocabulary.IdOf(left + right) is null) vocabulary.TryAdd(left + right, vocabulary.Size);
            joinable.Add(left + right);
            merges.Add(new Merge(vocabulary.IdOf(left)!.Value, vocabulary.IdOf(right)!.Value, rank / 2 * 2, vocabulary.IdOf(left + right)!.Value)); // pairs share a rank
        }
        return (vocabulary, merges);
    }

    private static List<int> Reference(Vocabulary vocabulary, List<Merge> merges, BpeOptions options, string word)
    {
        if (options.IgnoreMerges && vocabulary.IdOf(word) is { } whole) return [whole];
        List<int> symbols = Symbols(vocabulary, options, word);
        while (true)
        {
            // The lowest rank, the leftmost of equals; of two merges of one pair the last in the file.
            var best = (Rank: int.MaxValue, Index: 0, Result: 0);
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                Merge merge = merges.LastOrDefault(merge => merge.Left == symbols[i] && merge.Right == symbols[i + 1], new Merge(0, 0, int.MaxValue, 0));
                if (merge.Rank < best.Rank) best = (merge.Rank, i, merge.Result);
            }
            if (best.Rank == int.MaxValue) return symbols;
            symbols[best.Index] = best.Result;
            symbols.RemoveAt(best.Index + 1);
        }
    }

    private static List<int> Symbols(Vocabulary vocabulary, BpeOptions options, string word)
    {
        var symbols = new List<int>();
        bool pending = false;
        void Flush()
        {
            if (pending) symbols.Add(options.UnknownId!.Value);
            pending = false;
        }
        foreach (Rune rune in word.EnumerateRunes())
        {
            if (vocabulary.IdOf(rune.ToString()) is { } symbol)
            {
                Flush();
                symbols.Add(symbol);
                continue;
            }
            int?[] bytes = [.. Encoding.UTF8.GetBytes(rune.ToString()).Select(b => vocabulary.IdOf($"<0x{b:X2}>"))];
            if (options.ByteFallback && !bytes.Contains(null)) symbols.AddRange(bytes.Select(id => id!.Value));
            else if (options.UnknownId is not null)
            {
                if (!options.FuseUnknown) Flush();
                pending = true;
            }
        }
        Flush();
        return symbols;
    }
}
