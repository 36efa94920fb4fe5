namespace YiSharp.Text;

/// <summary>Reads <c>decoder</c>.</summary>
internal static class DecoderReader
{
    private static readonly Dictionary<string, Action<JsonField, DecoderBuilder>> Kinds = new(StringComparer.Ordinal)
    {
        ["ByteLevel"] = (_, builder) => builder.ByteLevel(),
        ["ByteFallback"] = (_, builder) => builder.ByteFallback(),
        ["Fuse"] = (_, builder) => builder.Fuse(),
        ["Replace"] = ReadReplace,
        ["Strip"] = (field, builder) => builder.Strip(JsonTable.Character(field["content"]), JsonTable.Count(field["start"], min: 0), JsonTable.Count(field["stop"], min: 0)),
        ["Metaspace"] = (field, builder) => builder.Metaspace(JsonTable.Character(field["replacement"]), PreTokenizerReader.Scheme(field) != PrependScheme.Never),
        ["BPEDecoder"] = (field, builder) => builder.Suffix(NotEmpty(field["suffix"])),
        ["WordPiece"] = (field, builder) => builder.WordPiece(field["prefix"].String(), field["cleanup"].Boolean(absent: true)),
        ["CTC"] = (field, builder) => builder.Ctc(NotEmpty(field["pad_token"]), NotEmpty(field["word_delimiter_token"]), field["cleanup"].Boolean(absent: true)),
    };

    public static DecoderOptions Read(JsonField field)
    {
        var builder = new DecoderBuilder();
        if (field.IsNull) builder.None();
        else
        {
            foreach (JsonField step in JsonTable.Steps(field, "decoders")) JsonTable.Row(Kinds, step)(step, builder);
        }
        return builder.Build();
    }

    private static void ReadReplace(JsonField field, DecoderBuilder builder)
    {
        (ITextFinder finder, string? literal) = JsonTable.Pattern(field["pattern"]);
        builder.Replace(finder, JsonTable.Content(field["content"]), literal);
    }

    private static string NotEmpty(JsonField field) => field.String() is { Length: > 0 } text ? text : throw field.Wrong("a text that is not empty");
}
