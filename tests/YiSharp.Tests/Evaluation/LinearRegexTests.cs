using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using YiSharp.Evaluation;

namespace YiSharp.Tests.Evaluation;

public sealed class LinearRegexTests
{
    private static readonly Gen<string> Patterns = Gen.Select(
        OneOf("a", "b", "[ab]", @"\d", @"\.", "-", ".", @"\s", "[^a]", "(?:ab|a)", "(?:a|b)"), OneOf("", "?", "*", "+", "{2}", "{1,2}"), (atom, count) => atom + count).Array[1, 4].Select(string.Concat);

    private static readonly Gen<string> Texts = OneOf('a', 'b', '.', '-', '1', ' ', 'c', '\n', '2').Array[1, 14].Select(characters => new string(characters));

    [Theory]
    [InlineData(@"-?\d+", "- 3 10", "3")]
    [InlineData(@"(-?\d*\.?\d+)", "#.# costs 3, not 10", "3")]
    [InlineData("a?c", "a1c1c", "c")]
    [InlineData("b|a?c", "a1c1c", "c")]
    public void The_first_match_is_found_though_the_pattern_begins_with_something_optional(string pattern, string text, string first) => Assert.Equal(first, LinearRegex.Create(pattern).Match(text).Value);

    [Theory]
    [InlineData(@"-?\d+", true)]
    [InlineData(@"(-?\d*\.?\d+)", true)]
    [InlineData("b|a?c", true)]
    [InlineData("(?i)(?:x|(y*)z)", true)]
    [InlineData(@"[^]\]]*x", true)]
    [InlineData(@"\p{L}?x", true)]
    [InlineData("a{0,2}b", true)]
    [InlineData("(?:a|b)?c", true)]
    [InlineData("(?<n>a)*b", true)]
    [InlineData(@"(?i)答案\s*:\s*([A-D])\W*", false)]
    [InlineData("(?:a|b)c?", false)]
    [InlineData("ab?(?:c*|d?)", false)]
    [InlineData(@"\(?x", true)]
    [InlineData(@"\bx?y", false)]
    [InlineData("", false)]
    [InlineData("(?i)", false)]
    public void What_a_pattern_begins_with_is_seen(string pattern, bool isOptional) => Assert.Equal(isOptional, RegexBeginning.MayBeOptional(pattern));

    [Theory]
    [InlineData(@"答案\s*:\s*([A-D])\W*", "答案:C\n", "C")]
    [InlineData(@"answer (\w)\s*", "answer C\n", "C")]
    public void A_match_that_takes_the_last_line_end_has_its_groups(string pattern, string text, string group) => Assert.Equal(group, LinearRegex.Create(pattern).Match(text).Groups[1].Value);

    [Fact]
    public void A_users_expression_has_them_even_where_it_begins_with_something_optional_or_at_a_word()
    {
        foreach (string pattern in (string[])[@"-?\s*(\d+)\s*", @"\b(\d+)\s*", @"(?:x|y)?\b(\d+)\W*"])
            Assert.Equal("42", AnswerExpression.Of("regex:" + pattern).Last("It is 42\n")?.Value);
    }

    [Fact]
    public void Matches_are_those_of_the_engine_that_backtracks() => Gen.Select(Patterns, Texts.Array[10]).Sample((pattern, texts) =>
    {
        Regex expected = new(pattern), actual = LinearRegex.Create(pattern);
        foreach (string text in texts) Same(expected, actual, text);
    }, iter: 3000);

    /// <summary>Every pattern of the product, on every stored text.</summary>
    [Fact]
    public void So_they_are_in_every_text_with_every_pattern_of_the_product()
    {
        string[] texts =
        [
            .. new[] { "extraction.jsonl", "own.jsonl" }.SelectMany(name => File.ReadLines(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "extraction", name)))
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("output").GetString()!).Where(text => text.Length < 400).SelectMany(text => new[] { FoldedText.Of(text).Text, FoldedText.Of(text).Lower }),
        ];
        Regex[] patterns = [.. typeof(LinearRegex).Assembly.GetTypes().Where(type => !type.ContainsGenericParameters).SelectMany(Fields).Where(regex => regex.Options.HasFlag(RegexOptions.NonBacktracking))];
        Assert.True(patterns.Length > 100);
        Parallel.ForEach(patterns, pattern =>
        {
            var judge = new Regex(pattern.ToString(), pattern.Options & ~RegexOptions.NonBacktracking);
            foreach (string text in texts) Same(judge, pattern, text);
        });
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static IEnumerable<Regex> Fields(Type type)
    {
        RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        return type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(field => field.FieldType == typeof(Regex)).Select(field => (Regex)field.GetValue(null)!);
    }

    private static void Same(Regex expected, Regex actual, string text)
    {
        string Show(Regex regex) => string.Join(" ", regex.Matches(text).Select(match => string.Join(",", match.Groups.Values.Select(group => group.Success ? $"{group.Index}+{group.Length}" : "none"))));
        Assert.True(Show(expected) == Show(actual), $"{actual} in {JsonSerializer.Serialize(text)}: {Show(actual)} instead of {Show(expected)}");
    }
}
