namespace YiSharp.Text;

/// <summary>Halves of characters, which UTF-8 cannot say.</summary>
internal static class UnpairedSurrogates
{
    /// <summary>The text with U+FFFD for each unpaired surrogate; the text itself where there is none. Positions stay.</summary>
    public static string Replace(string text)
    {
        char[]? repaired = null;
        for (int index = 0; index < text.Length; index++)
        {
            int next = text.AsSpan(index).IndexOfAnyInRange('\uD800', '\uDFFF');
            if (next < 0) break;
            index += next;
            if (index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1])) index++;
            else (repaired ??= text.ToCharArray())[index] = '\uFFFD';
        }
        return repaired is null ? text : new string(repaired);
    }
}
