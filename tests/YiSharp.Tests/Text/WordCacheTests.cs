using System.Globalization;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class WordCacheTests
{
    [Fact]
    public void It_gives_the_ids_of_the_word_that_is_asked_for_however_many_were_put_in()
    {
        var cache = new WordCache();
        const int count = 200_000; // several for each place
        int found = 0;
        for (int i = 0; i < count; i++)
        {
            cache.TryGet(Word(i), out int slot, out _);
            cache.Set(slot, Word(i), [i, i + 1]);
        }
        for (int i = 0; i < count; i++)
        {
            if (!cache.TryGet(Word(i), out _, out ReadOnlySpan<int> ids)) continue;
            Assert.Equal([i, i + 1], ids);
            found++;
        }
        Assert.InRange(found, 1 << 15, count - 1);
    }

    [Fact]
    public void A_word_takes_the_place_of_the_older_of_two()
    {
        var cache = new WordCache();
        cache.TryGet("a", out int slot, out _);
        foreach (string word in (string[])["a", "bb", "ccc"]) cache.Set(slot, word, [word.Length]);
        Assert.True(cache.TryGet("a", out _, out _) is false);
        cache.Set(slot, "a", [1]);
        Assert.True(cache.TryGet("a", out _, out ReadOnlySpan<int> ids));
        Assert.Equal([1], ids);
    }

    private static string Word(int i) => string.Create(CultureInfo.InvariantCulture, $"{new string('嗯', i % 7)}{i}");
}
