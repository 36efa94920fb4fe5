namespace YiSharp.Text;

/// <summary>How much longer a text may become on its way through a tokenizer.json: the steps of a file may double it again and again.</summary>
internal static class GrowthLimit
{
    /// <summary>NFKD makes 18 characters of one; files that do more than this are up to no good.</summary>
    private const int LongestPerCharacter = 64, AlwaysAllowed = 1 << 11;

    /// <exception cref="InvalidDataException">A text of <paramref name="before"/> UTF-16 units became one of <paramref name="after"/>.</exception>
    public static void Check(int before, long after)
    {
        if (after <= (long)LongestPerCharacter * before + AlwaysAllowed) return;
        throw new InvalidDataException($"The steps of a tokenizer.json make {after} characters of {before}; expected at most {LongestPerCharacter} of each. Use another tokenizer.json.");
    }
}
