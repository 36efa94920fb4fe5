using System.Text;
using YiSharp.Text.Regex;

namespace YiSharp.Text;

/// <summary>Reads <c>pre_tokenizer</c>.</summary>
internal static class PreTokenizerReader
{
    /// <summary>What <c>Whitespace</c> keeps; \w of Rust's regex knows the two joiners, Oniguruma's does not.</summary>
    private const string Words = @"[\w\x{200C}\x{200D}]+|[^\w\s\x{200C}\x{200D}]+";

    private static readonly Dictionary<string, Func<JsonField, IPreTokenizer>> Kinds = new(StringComparer.Ordinal)
    {
        ["ByteLevel"] = field => new ByteLevelPreTokenizer(field["add_prefix_space"].Boolean(absent: true), field["use_regex"].Boolean(absent: true)) { WritesBytes = true },
        ["Digits"] = field => new DigitsPreTokenizer(field["individual_digits"].Boolean(absent: false)),
        ["Split"] = field => new SplitPreTokenizer(JsonTable.Pattern(field["pattern"]).Finder, Behavior(field["behavior"]), field["invert"].Boolean(absent: false)),
        ["Metaspace"] = field => new MetaspacePreTokenizer(JsonTable.Character(field["replacement"]), Scheme(field), field["split"].Boolean(absent: true)),
        ["Whitespace"] = _ => new SplitPreTokenizer(new Pattern(Words), SplitBehavior.Removed, invert: true),
        ["WhitespaceSplit"] = _ => WhitespaceSplit(),
        ["Punctuation"] = field => Punctuation(field["behavior"].IsNull ? SplitBehavior.Isolated : Behavior(field["behavior"])),
        ["BertPreTokenizer"] = _ => new PreTokenizerSequence([WhitespaceSplit(), Punctuation(SplitBehavior.Isolated)]),
        ["CharDelimiterSplit"] = field => new SplitPreTokenizer(new LiteralFinder(JsonTable.Character(field["delimiter"]).ToString()), SplitBehavior.Removed),
        ["UnicodeScripts"] = _ => new UnicodeScriptsPreTokenizer(),
        ["FixedLength"] = field => new FixedLengthPreTokenizer(field["length"].IsNull ? DefaultLength : JsonTable.Count(field["length"], min: 1)),
    };

    private static readonly Dictionary<string, SplitBehavior> Behaviors = Enum.GetValues<SplitBehavior>().ToDictionary(behavior => behavior.ToString(), StringComparer.Ordinal);

    private static readonly Dictionary<string, PrependScheme> Schemes = new(StringComparer.Ordinal)
    {
        ["always"] = PrependScheme.Always,
        ["first"] = PrependScheme.First,
        ["never"] = PrependScheme.Never,
    };

    private const int DefaultLength = 5;

    /// <summary>A cut, from its JSON.</summary>
    /// <param name="field">The component.</param>
    /// <param name="modelTakesBytes">A ByteLevel that comes last leaves the bytes to the model.</param>
    public static IPreTokenizer Read(JsonField field, bool modelTakesBytes)
    {
        JsonField[] steps = JsonTable.Steps(field, "pretokenizers");
        IPreTokenizer[] cuts = [.. steps.Select(step => JsonTable.Row(Kinds, step)(step))];
        if (modelTakesBytes && steps.Length > 0 && steps[^1] is var last)
            cuts[^1] = new ByteLevelPreTokenizer(last["add_prefix_space"].Boolean(absent: true), last["use_regex"].Boolean(absent: true));
        return cuts.Length == 1 ? cuts[0] : new PreTokenizerSequence(cuts);
    }

    /// <summary>Whether the last cut is ByteLevel.</summary>
    public static bool EndsInByteLevel(JsonField field) => !field.IsNull && JsonTable.Steps(field, "pretokenizers").LastOrDefault() is { Kind: System.Text.Json.JsonValueKind.Object } last && last["type"].String() == "ByteLevel";

    /// <summary><c>prepend_scheme</c> of a Metaspace, or what its older <c>add_prefix_space</c> says.</summary>
    public static PrependScheme Scheme(JsonField field)
    {
        JsonField scheme = field["prepend_scheme"];
        PrependScheme read = scheme.IsNull ? PrependScheme.Always : JsonTable.Row(Schemes, scheme.String(), scheme);
        if (field["add_prefix_space"].Boolean(absent: true) || read == PrependScheme.Never) return read;
        return scheme.IsNull ? PrependScheme.Never : throw scheme.Fail($"is {JsonField.Quote(scheme.String())}, but add_prefix_space is false; expected \"never\"");
    }

    private static SplitBehavior Behavior(JsonField field) => JsonTable.Row(Behaviors, field.String(), field);

    private static SplitPreTokenizer WhitespaceSplit() => new(new RuneFinder(Rune.IsWhiteSpace), SplitBehavior.Removed);

    private static SplitPreTokenizer Punctuation(SplitBehavior behavior) => new(new RuneFinder(CharacterClasses.IsPunctuation), behavior);
}
