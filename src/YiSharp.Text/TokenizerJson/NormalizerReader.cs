namespace YiSharp.Text;

/// <summary>Reads <c>normalizer</c>.</summary>
internal static class NormalizerReader
{
    private static readonly Dictionary<string, Func<JsonField, INormalizer>> Kinds = new(StringComparer.Ordinal)
    {
        ["Replace"] = field => new ReplaceNormalizer(JsonTable.Pattern(field["pattern"]).Finder, JsonTable.Content(field["content"])),
        ["Prepend"] = field => new PrependNormalizer(JsonTable.Content(field["prepend"])),
        ["NFC"] = _ => new UnicodeNormalizer(compatible: false, compose: true),
        ["NFD"] = _ => new UnicodeNormalizer(compatible: false, compose: false),
        ["NFKC"] = _ => new UnicodeNormalizer(compatible: true, compose: true),
        ["NFKD"] = _ => new UnicodeNormalizer(compatible: true, compose: false),
        ["Lowercase"] = _ => RuneNormalizer.Lowercase(),
        ["Strip"] = field => new StripNormalizer(field["strip_left"].Boolean(absent: true), field["strip_right"].Boolean(absent: true)),
        ["StripAccents"] = _ => RuneNormalizer.StripAccents(),
        ["Nmt"] = _ => RuneNormalizer.Nmt(),
        ["Precompiled"] = ReadPrecompiled,
        ["BertNormalizer"] = ReadBert,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
    };

    public static INormalizer Read(JsonField field) =>
        new NormalizerSequence([.. JsonTable.Steps(field, "normalizers").Select(step => JsonTable.Row(Kinds, step)(step))]);

    private static PrecompiledNormalizer ReadPrecompiled(JsonField field)
    {
        JsonField map = field["precompiled_charsmap"];
        if (map.Kind != System.Text.Json.JsonValueKind.String || !map.Element.TryGetBytesFromBase64(out byte[]? bytes)) throw map.Wrong("bytes in base64");
        return new PrecompiledNormalizer(new PrecompiledCharsMap(bytes, map.Where));
    }

    /// <summary>BERT's steps in their order; accents go where the text is lowercased, unless the file says otherwise (tokenizers <c>normalizers/bert.rs</c>).</summary>
    private static NormalizerSequence ReadBert(JsonField field)
    {
        bool lowercase = field["lowercase"].Boolean(absent: true);
        List<INormalizer> steps = [];
        if (field["clean_text"].Boolean(absent: true)) steps.Add(RuneNormalizer.BertCleanText());
        if (field["handle_chinese_chars"].Boolean(absent: true)) steps.Add(RuneNormalizer.BertChineseCharacters());
        if (field["strip_accents"].Boolean(absent: lowercase)) steps.AddRange([new UnicodeNormalizer(compatible: false, compose: false), RuneNormalizer.StripNonSpacingMarks()]);
        if (lowercase) steps.Add(RuneNormalizer.Lowercase());
        return new NormalizerSequence([.. steps]);
    }
}
