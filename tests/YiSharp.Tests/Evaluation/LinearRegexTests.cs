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
