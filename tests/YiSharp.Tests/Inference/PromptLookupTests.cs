using YiSharp.Inference;

namespace YiSharp.Tests.Inference;

public sealed class PromptLookupTests
{
    private static PromptLookup Over(int[] ids, int lastCount = 1000)
    {
        var lookup = new PromptLookup();
        lookup.Begin([], ids, lastCount, new Sampler(SamplingOptions.Greedy, 100));
        return lookup;
    }

    private static int[] Guess(PromptLookup lookup, int[] ids, int most = 16)
    {
        var proposals = new int[most];
        return proposals[..lookup.Propose(ids, 1, proposals)];
    }

    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 5, 9, 1, 2, 3 }, 4)] // three ids
    [InlineData(new[] { 7, 2, 3, 4, 5, 9, 1, 2, 3 }, 4)] // two
    [InlineData(new[] { 1, 2, 3, 4, 8, 2, 3, 5, 1, 2, 3 }, 4)] // three before a later two
    [InlineData(new[] { 1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3 }, 5)] // the latest
    [InlineData(new[] { 6, 6, 6 }, 6)] // overlapping itself
    public void What_stood_behind_the_last_ids_before_is_guessed(int[] ids, int first) => Assert.Equal(first, Guess(Over(ids), ids)[0]);

    [Theory]
    [InlineData(new[] { 1 })]
    [InlineData(new[] { 1, 2 })]
    [InlineData(new[] { 3, 1, 2, 3 })]
    [InlineData(new[] { 1, 2, 3, 4, 5 })]
    public void Ids_that_did_not_occur_before_give_no_guess(int[] ids) => Assert.Empty(Guess(Over(ids), ids));

    [Fact]
    public void A_loop_is_guessed_to_go_round()
    {
        int[] ids = [.. Enumerable.Range(0, 60).Select(i => i % 3)];
        PromptLookup lookup = Over(ids[..10], 100);
        int[] last = [];
        for (int count = 10; count <= 60; count++) last = Guess(lookup, ids[..count], 16);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1], last[..11]);
    }

    [Fact]
    public void Guesses_grow_where_they_are_right_and_end_where_they_are_wrong()
    {
        var noise = new Noise(4);
        int[] text = [.. Enumerable.Range(0, 300).Select(_ => noise.Below(1000))];
        int[] copied = [.. text, .. text];
        PromptLookup lookup = Over(text, copied.Length);
        int atFirst = Guess(lookup, copied[..304]).Length;
        for (int count = 305; count < 400; count++) Guess(lookup, copied[..count]);
        Assert.InRange(atFirst, 1, 4);
        Assert.Equal(16, Guess(lookup, copied[..400]).Length);

        int[] betrayed = [.. text[..2], .. Enumerable.Range(0, 200).SelectMany(i => new[] { 2000 + i, text[0], text[1] })];
        lookup = Over(betrayed[..2], betrayed.Length);
        Assert.NotEmpty(Guess(lookup, betrayed[..5]));
        for (int count = 5; count < 150; count++) Guess(lookup, betrayed[..count]);
        Assert.Empty(Guess(lookup, betrayed[..^0]));
    }

    [Fact]
    public void Guesses_in_a_full_pass_must_be_surer()
    {
        int[] ids = [1, 2, 3, 4, 5, 9, 1, 2, 3];
        var proposals = new int[16];
        Assert.NotEqual(0, Over(ids).Propose(ids, 1, proposals));
        Assert.Equal(0, Over(ids).Propose(ids, 16, proposals));
    }

    /// <summary>The table is large, so that no two groups share a place.</summary>
    [Fact]
    public void The_table_finds_what_a_scan_finds()
    {
        var noise = new Noise(8);
        int[] ids = [.. Enumerable.Range(0, 400).Select(_ => noise.Below(9))];
        PromptLookup lookup = Over(ids[..5], 1 << 16);
        int found = 0;
        for (int count = 5; count < ids.Length; count++)
        {
            int[] guess = Guess(lookup, ids[..count]);
            if (guess.Length == 0) continue;
            Assert.Equal(Scan(ids[..count]), guess[0]);
            found++;
        }
        Assert.True(found > 20, $"{found}");

        static int Scan(int[] ids)
        {
            for (int group = 3; group >= 2; group--)
            {
                for (int place = ids.Length - 1; place >= group; place--)
                {
                    if (ids.AsSpan(place - group, group).SequenceEqual(ids.AsSpan(ids.Length - group))) return ids[place];
                }
            }
            return -1;
        }
    }

    [Fact]
    public void A_small_table_forgets_but_never_mistakes_a_group_for_another()
    {
        var noise = new Noise(1);
        int[] ids = [.. Enumerable.Range(0, 2000).Select(_ => noise.Below(40))];
        PromptLookup lookup = Over(ids[..2], 1); // 16 places
        for (int count = 2; count < ids.Length; count++)
        {
            foreach (int first in Guess(lookup, ids[..count]).Take(1))
            {
                Assert.Contains(Enumerable.Range(2, count - 2), place => ids[place] == first && ids[place - 1] == ids[count - 1] && ids[place - 2] == ids[count - 2]);
            }
        }
    }
}
