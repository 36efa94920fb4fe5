using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class ScoredBpeModelTests
{
    private const int Unknown = 100;

    /// <summary>Pieces over a small alphabet, scores that are often equal, some unused, some user-defined.</summary>
    private static Gen<(ScoredPiece[] Pieces, int[] UserDefined)> Vocabularies =>
        Gen.Select(Gen.String[Gen.Char["ab好"], 1, 4], Gen.Int[-4, 0], Gen.Int[0, 9]).Array[1, 14].Select(raw =>
        {
            var distinct = raw.DistinctBy(piece => piece.Item1).ToArray();
            ScoredPiece[] pieces = [.. distinct.Select((piece, id) => new ScoredPiece(piece.Item1, id, piece.Item2, IsUnused: piece.Item3 == 0))];
            int[] userDefined = [.. pieces.Select(piece => piece.Id).Where(id => distinct[id].Item3 == 1)];
            return (pieces, userDefined);
        });

    [Fact]
    public void Merges_are_those_of_the_plain_algorithm() => Gen.Select(Vocabularies, Gen.String[Gen.Char["ab好é"], 0, 14]).Sample((vocabulary, text) =>
    {
        (ScoredPiece[] pieces, int[] userDefined) = vocabulary;
        var model = new ScoredBpeModel(pieces, new ScoredBpeOptions { UnknownId = Unknown, UserDefined = [.. userDefined.Select(id => (pieces[id].Text, id))] });
        int[] expected = Plain(text, pieces, userDefined);
        Assert.Equal(expected, Encode(model, text));
        Assert.Equal(expected, Encode(model, text)); // from the cache
    }, iter: 5000);

    [Fact]
    public void Characters_without_a_piece_join_all_the_same()
    {
        var model = new ScoredBpeModel([new("xy", 0, -1), new("𠮷!", 1, -2)], new ScoredBpeOptions { UnknownId = Unknown });
        Assert.Equal([0, Unknown, 1, Unknown], Encode(model, "xyx𠮷!𠮷"));
    }

    [Fact]
    public void Bytes_stand_for_unknown_characters()
    {
        var model = new ScoredBpeModel([new("a", 0, -1)], new ScoredBpeOptions { UnknownId = Unknown, ByteIds = [.. Enumerable.Range(1000, 256)] });
        Assert.Equal([0, 1000 + 0xE5, 1000 + 0xA5, 1000 + 0xBD, 0], Encode(model, "a好a"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("好")]
    [InlineData("ab")]
    public void Long_repetitions_take_linear_time(string unit)
    {
        ScoredPiece[] pieces = [new("a", 0, -5), new("b", 1, -6), new("aa", 2, -1), new("aaaa", 3, -2), new("ab", 4, -3), new("abab", 5, -4)];
        var model = new ScoredBpeModel(pieces, new ScoredBpeOptions { UnknownId = Unknown });
        Assert.NotEmpty(Encode(model, string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length))));
    }

    /// <summary>google/sentencepiece, <c>src/bpe_model.cc</c>, on strings: the best pair of all is looked for anew each time.</summary>
    private static int[] Plain(string text, ScoredPiece[] pieces, int[] userDefined)
    {
        var ids = pieces.ToDictionary(piece => piece.Text, piece => piece.Id);
        var symbols = new List<(string Text, bool Frozen)>();
        for (int at = 0; at < text.Length;)
        {
            string? longest = userDefined.Select(id => pieces[id].Text).Where(piece => text.AsSpan(at).StartsWith(piece)).MaxBy(piece => piece.Length);
            symbols.Add((longest ?? text.Substring(at, 1), longest is not null));
            at += symbols[^1].Text.Length;
        }
        var origins = new Dictionary<string, (string, string)>();
        void See(int left)
        {
            if (left < 0 || left + 1 >= symbols.Count || symbols[left].Frozen || symbols[left + 1].Frozen) return;
            string union = symbols[left].Text + symbols[left + 1].Text;
            if (ids.TryGetValue(union, out int id) && pieces[id].IsUnused) origins[union] = (symbols[left].Text, symbols[left + 1].Text);
        }
        for (int i = 0; i < symbols.Count; i++) See(i);
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (symbols[i].Frozen || symbols[i + 1].Frozen || !ids.TryGetValue(symbols[i].Text + symbols[i + 1].Text, out int id)) continue;
                if (best < 0 || pieces[id].Score > pieces[ids[symbols[best].Text + symbols[best + 1].Text]].Score) best = i;
            }
            if (best < 0) break;
            symbols[best] = (symbols[best].Text + symbols[best + 1].Text, false);
            symbols.RemoveAt(best + 1);
            See(best - 1);
            See(best);
        }
        var output = new List<int>();
        void Emit(string piece)
        {
            if (!ids.TryGetValue(piece, out int id))
            {
                if (output.Count == 0 || output[^1] != Unknown) output.Add(Unknown);
            }
            else if (pieces[id].IsUnused && origins.TryGetValue(piece, out (string Left, string Right) pair))
            {
                Emit(pair.Left);
                Emit(pair.Right);
            }
            else output.Add(id);
        }
        foreach ((string piece, _) in symbols) Emit(piece);
        return [.. output];
    }

    private static int[] Encode(ScoredBpeModel model, string text)
    {
        var ids = new IdList(16);
        model.Encode(text, ids);
        return ids.TakeArray();
    }
}
