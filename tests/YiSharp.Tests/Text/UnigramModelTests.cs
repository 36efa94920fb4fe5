using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class UnigramModelTests
{
    private const int Unknown = 0;

    [Fact]
    public void The_example_of_tokenizers_comes_out()
    {
        (string, double)[] pieces = [("<unk>", 0), ("a", 0), ("b", 0), ("c", 0), ("d", 0), ("cd", 1), ("ab", 2), ("abc", 5), ("abcd", 10)];
        UnigramModel model = Model(pieces, UnigramRules.Tokenizers);
        Assert.Equal([8, 1, 5, Unknown], Encode(model, "abcdacdxx"));
    }

    [Fact]
    public void Equal_sums_go_to_the_longest_last_piece()
    {
        (string, double)[] pieces = [("<unk>", 0), ("x", -8.699698), ("xx", -11.741931)];
        Assert.Equal([1, 2, 2], Encode(Model(pieces, UnigramRules.SentencePiece), "xxxxx"));
    }

    [Fact]
    public void Unknown_characters_become_one_id_or_their_bytes()
    {
        (string, double)[] pieces = [("<unk>", 0), ("a", -1)];
        int[] byteIds = [.. Enumerable.Range(1000, 256)];
        Assert.Equal([1, Unknown, 1], Encode(Model(pieces, UnigramRules.SentencePiece), "a你好a"));
        Assert.Equal([1, 1000 + 0xF0, 1000 + 0xA0, 1000 + 0xAE, 1000 + 0xB7, 1], Encode(Model(pieces, UnigramRules.SentencePiece, byteIds), "a𠮷a"));
        byteIds[0xA0] = -1;
        Assert.Equal([1, Unknown, 1], Encode(Model(pieces, UnigramRules.Tokenizers, byteIds), "a𠮷a"));
    }

    [Fact]
    public void Tokenizers_alone_finds_pieces_in_a_run_of_unknown_characters()
    {
        // The unknown costs 10 less than the lowest score, so two of them beat a piece of a score far below 0 only where that is not the lowest.
        (string, double)[] pieces = [("<unk>", 0), ("xy", 100), ("a", 500)];
        Assert.Equal([1], Encode(Model(pieces, UnigramRules.Tokenizers), "xy"));
        Assert.Equal([Unknown], Encode(Model(pieces, UnigramRules.SentencePiece), "xy"));
    }

    [Fact]
    public void The_best_sum_is_found() => Gen.Select(
        Gen.Select(Gen.String[Gen.Char["abcd好"], 1, 4], Gen.Int[-40, 5]).Array[1, 12], Gen.String[Gen.Char["abcd好é"], 0, 12], Gen.Bool).Sample((raw, text, single) =>
    {
        (string Text, double Score)[] pieces = [("<unk>", 0), .. raw.Select(piece => (piece.Item1, piece.Item2 / 4.0)).DistinctBy(piece => piece.Item1)];
        UnigramRules rules = single ? UnigramRules.SentencePiece : UnigramRules.Tokenizers;
        double lowest = pieces.Skip(1).Min(piece => piece.Score);
        int[] ids = Encode(Model(pieces, rules), text);
        double best = BestSum(text, pieces, lowest - UnigramModel.UnknownPenalty, []);
        // Quarters are exact in both precisions. An unknown run is one id, so its characters are counted from what the known ids leave.
        int known = ids.Where(id => id != Unknown).Sum(id => pieces[id].Text.Length);
        double found = ids.Where(id => id != Unknown).Sum(id => pieces[id].Score) + (text.Length - known) * (lowest - UnigramModel.UnknownPenalty);
        Assert.Equal(best, found);
    }, iter: 2000);

    [Theory]
    [InlineData("a")]
    [InlineData("好")]
    [InlineData("?")]
    public void Long_repetitions_take_linear_time(string unit)
    {
        (string, double)[] pieces = [("<unk>", 0), ("a", -3), ("aa", -4), ("aaaa", -5), ("aaaaaaaa", -6.5), ("好", -2)];
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000));
        Assert.NotEmpty(Encode(Model(pieces, UnigramRules.SentencePiece), text));
    }

    [Fact]
    public void Long_texts_keep_to_the_best_pieces_in_single_precision()
    {
        // Without a new start, sums of millions would lose the quarter between these two.
        (string, double)[] pieces = [("<unk>", 0), ("a", -30), ("b", -30), ("ab", -60.25)];
        int[] ids = Encode(Model(pieces, UnigramRules.SentencePiece), string.Concat(Enumerable.Repeat("ab", 400_000)));
        Assert.Equal(800_000, ids.Length);
        Assert.DoesNotContain(3, ids);
    }

    private static double BestSum(string text, (string Text, double Score)[] pieces, double unknown, Dictionary<string, double> known)
    {
        if (text.Length == 0) return 0;
        if (known.TryGetValue(text, out double sum)) return sum;
        double best = pieces.Skip(1).All(piece => piece.Text != text[..1]) ? unknown + BestSum(text[1..], pieces, unknown, known) : double.NegativeInfinity;
        foreach ((string piece, double score) in pieces.Skip(1))
        {
            if (text.StartsWith(piece, StringComparison.Ordinal)) best = Math.Max(best, score + BestSum(text[piece.Length..], pieces, unknown, known));
        }
        return known[text] = best;
    }

    private static UnigramModel Model((string Text, double Score)[] pieces, UnigramRules rules, int[]? byteIds = null) =>
        new([.. pieces.Select((piece, id) => new UnigramPiece(piece.Text, id, piece.Score)).Skip(1)],
            new UnigramOptions { UnknownId = Unknown, LowestScore = pieces.Skip(1).Min(piece => piece.Score), ByteIds = byteIds, Rules = rules });

    private static int[] Encode(UnigramModel model, string text)
    {
        var ids = new IdList(16);
        model.Encode(text, ids);
        return ids.TakeArray();
    }
}
