using System.Globalization;
using System.Text.RegularExpressions;

namespace YiSharp.Evaluation;

/// <summary>An expression whose last match, its first group where it has one, is the answer: <c>regex:Date:\s*(\S+)</c>.</summary>
internal sealed class AnswerExpression
{
    /// <summary>Begins an extraction that is an expression.</summary>
    public const string Prefix = "regex:";

    private readonly string _pattern;
    private readonly Regex _expression;
    private readonly Regex? _given;

    private AnswerExpression(string pattern)
    {
        LinearRegex.Require(pattern);
        _pattern = pattern;
        _expression = LinearRegex.Create(pattern);
        _given = PatternOfGiven(pattern) is { } given ? LinearRegex.Create($@"\A(?:{given})\z", RegexOptions.IgnoreCase) : null;
    }

    /// <summary>Whether an extraction is an expression.</summary>
    public static bool IsOne(string extraction) => extraction.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The expression of an extraction in which <see cref="WhatElse"/> finds nothing wrong.</summary>
    public static AnswerExpression Of(string extraction) => new(extraction[Prefix.Length..]);

    /// <summary>What was to be expected where an expression cannot be used; null where it can.</summary>
    public static string? WhatElse(string extraction)
    {
        if (extraction.Length == Prefix.Length) return $"an expression behind {Prefix}";
        try
        {
            _ = Of(extraction);
            return null;
        }
        catch (RegexParseException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"an expression that can be read, and this one cannot at its character {e.Offset}");
        }
        catch (NotSupportedException)
        {
            return "an expression without references to earlier groups, looking ahead or behind, and atomic groups, which could take longer than linear time";
        }
    }

    /// <summary>Whether it has a group, which is then the answer; else the whole match is.</summary>
    public bool HasGroup => _expression.GetGroupNumbers().Length > 1;

    /// <summary>The answer in a model's words; null without a match.</summary>
    public Group? Last(string output) => _expression.Matches(output).LastOrDefault() is { } last ? LinearRegex.WithGroups(_pattern, output, last).Groups[HasGroup ? 1 : 0] : null;

    /// <summary>Whether a text, whatever its case, is one that some words could give; true too where the expression does not tell.</summary>
    public bool CanGive(string text) => _given?.IsMatch(text) ?? true;

    /// <summary>The part of a pattern that matches the answer: that of its first group, or all of one without groups. Null where it means something else alone: behind options, or as a named group.</summary>
    private static string? PatternOfGiven(string pattern)
    {
        int open = -1, depth = 0;
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[':
                    if (EndOfSet(pattern, i) is not { } end) return null;
                    i = end;
                    break;
                case '(' when open >= 0:
                    depth++;
                    break;
                case '(' when !pattern.AsSpan(i + 1).StartsWith("?"):
                    open = i;
                    break;
                case '(' when !pattern.AsSpan(i + 1).StartsWith("?:"):
                    return null;
                case ')' when open >= 0 && depth-- == 0:
                    return pattern[(open + 1)..i];
            }
        }
        return pattern;
    }

    /// <summary>Where the set of characters that begins at <paramref name="at"/> ends; null for one with another taken out of it.</summary>
    private static int? EndOfSet(string pattern, int at)
    {
        int i = at + (pattern.AsSpan(at + 1).StartsWith("^") ? 2 : 1);
        for (int first = i; i < pattern.Length && (pattern[i] != ']' || i == first); i++)
        {
            if (pattern[i] == '[') return null;
            if (pattern[i] == '\\') i++;
        }
        return i;
    }
}
