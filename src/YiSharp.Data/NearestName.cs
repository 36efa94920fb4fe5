namespace YiSharp.Data;

/// <summary>Which known name somebody probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the least edits from <paramref name="name"/>, or null when even that one is another word.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        string? best = null;
        int least = Math.Max(2, name.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = Edits(name, candidate);
            if (distance < least) (best, least) = (candidate, distance);
        }
        return best;
    }

    /// <summary>Least number of insertions, deletions and replacements that turn <paramref name="a"/> into <paramref name="b"/> (Levenshtein 1966).</summary>
    private static int Edits(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 32) return int.MaxValue;
        Span<int> row = stackalloc int[Math.Min(b.Length, 256) + 1];
        for (int j = 0; j < row.Length; j++) row[j] = j;
        for (int i = 1; i <= Math.Min(a.Length, 256); i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
