namespace YiSharp.Evaluation;

/// <summary>What a regular expression may begin with, as far as its signs tell.</summary>
internal static class RegexBeginning
{
    /// <summary>Whether an alternative of a pattern begins with something that need not be there.</summary>
    /// <param name="pattern">A pattern that can be read.</param>
    public static bool MayBeOptional(string pattern) => MayBeOptional(pattern, 0, pattern.Length);

    private static bool MayBeOptional(string pattern, int from, int to)
    {
        bool isBeginning = true;
        for (int at = from; at < to;)
        {
            int end = EndOfPiece(pattern, at, to);
            if (isBeginning && pattern[at] != '|')
            {
                if (IsOptional(pattern, end, to)) return true;
                bool isGroup = pattern[at] == '(' && end > at + 1;
                int inner = isGroup ? InnerOf(pattern, at) : end;
                if (isGroup && inner < end && MayBeOptional(pattern, inner, end - 1)) return true;
                isBeginning = isGroup && inner >= end; // options such as (?i) are no piece
            }
            else if (pattern[at] == '|') isBeginning = true;
            at = end;
        }
        return false;
    }

    private static bool IsOptional(string pattern, int at, int to) => at < to && (pattern[at] is '?' or '*' || pattern.AsSpan(at, to - at).StartsWith("{0"));

    /// <summary>Where a piece ends: a sign, an escape, a set, or a group with all that it holds.</summary>
    private static int EndOfPiece(string pattern, int at, int to)
    {
        switch (pattern[at])
        {
            case '\\':
                int end = Math.Min(to, at + 2);
                bool hasName = end < to && pattern[at + 1] is 'p' or 'P' && pattern[end] == '{';
                return hasName ? pattern.IndexOf('}', end) + 1 : pattern[Math.Min(at + 1, to - 1)] is 'x' ? Math.Min(to, at + 4) : end;
            case '[':
                int i = at + 1;
                if (i < to && pattern[i] == '^') i++;
                for (int first = i; i < to && (pattern[i] != ']' || i == first); i++)
                {
                    if (pattern[i] == '\\') i++;
                }
                return Math.Min(to, i + 1);
            case '(':
                int next = at + 1;
                while (next < to && pattern[next] != ')') next = EndOfPiece(pattern, next, to);
                return Math.Min(to, next + 1);
            default:
                return at + 1;
        }
    }

    /// <summary>Where that begins which a group holds; its end for options alone.</summary>
    private static int InnerOf(string pattern, int open)
    {
        if (pattern[open + 1] != '?') return open + 1;
        int at = open + 2;
        if (pattern[at] is '<' or '\'') return pattern.IndexOfAny(['>', '\''], at + 1) + 1;
        while (pattern[at] is not (':' or ')')) at++;
        return at + 1;
    }
}
