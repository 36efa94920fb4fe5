namespace YiSharp.Text;

/// <summary>What <c>add_special_tokens=True</c> puts around a single text in tokenizers.</summary>
/// <param name="Before">Ids before the text, [count].</param>
/// <param name="After">Ids after the text, [count].</param>
internal sealed record Surround(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    public static Surround None { get; } = new([], []);
}

/// <summary>Reads <c>post_processor</c>: of it only the ids around a single text matter here.</summary>
internal static class PostProcessorReader
{
    private static readonly Dictionary<string, Func<JsonField, Vocabulary, Surround>> Kinds = new(StringComparer.Ordinal)
    {
        ["TemplateProcessing"] = ReadTemplate,
        ["BertProcessing"] = ReadClassifier,
        ["RobertaProcessing"] = ReadClassifier,
        ["ByteLevel"] = (_, _) => Surround.None,
    };

    /// <summary>Each step puts its ids around those of the steps before.</summary>
    public static Surround Read(JsonField field, Vocabulary vocabulary)
    {
        Surround read = Surround.None;
        foreach (JsonField step in field.IsNull ? [] : JsonTable.Steps(field, "processors"))
        {
            Surround outer = JsonTable.Row(Kinds, step)(step, vocabulary);
            read = new Surround([.. outer.Before, .. read.Before], [.. read.After, .. outer.After]);
        }
        return read;
    }

    private static Surround ReadTemplate(JsonField field, Vocabulary vocabulary)
    {
        var before = new List<int>();
        var after = new List<int>();
        bool textSeen = false;
        foreach (JsonField piece in field["single"].Items())
        {
            if (!piece["SpecialToken"].IsNull)
            {
                (textSeen ? after : before).AddRange(IdsOf(piece["SpecialToken"]["id"], field["special_tokens"], vocabulary));
                continue;
            }
            JsonField id = piece["Sequence"]["id"];
            if (id.String() != "A" || textSeen) throw id.Wrong("the text A, once");
            textSeen = true;
        }
        if (!textSeen) throw field["single"].Wrong("the text A among its pieces");
        foreach (JsonField piece in field["pair"].IsNull ? [] : field["pair"].Items())
        {
            if (piece["SpecialToken"].IsNull) piece["Sequence"]["id"].String();
            else IdsOf(piece["SpecialToken"]["id"], field["special_tokens"], vocabulary);
        }
        return new Surround(before, after);
    }

    private static int[] IdsOf(JsonField name, JsonField specialTokens, Vocabulary vocabulary)
    {
        string wanted = name.String();
        if (specialTokens.IsNull) throw specialTokens.Wrong("an object of the tokens in the template");
        JsonField token = specialTokens.Members().FirstOrDefault(member => member.Name == wanted).Value;
        if (token.IsNull) throw name.Fail($"is {JsonField.Quote(wanted)}, which special_tokens does not have; expected one of its tokens");
        int[] ids = [.. token["ids"].Items().Select(id => Id(id, vocabulary))];
        return token["tokens"].Items().Count() == ids.Length ? ids : throw token["tokens"].Wrong($"as many as ids, {ids.Length}");
    }

    /// <summary><c>cls</c> before the text and <c>sep</c> after it, each a token and its id.</summary>
    private static Surround ReadClassifier(JsonField field, Vocabulary vocabulary)
    {
        int Token(JsonField pair)
        {
            JsonField[] parts = [.. pair.Items()];
            if (parts.Length != 2) throw pair.Wrong("a token and its id");
            parts[0].String();
            return Id(parts[1], vocabulary);
        }
        return new Surround([Token(field["cls"])], [Token(field["sep"])]);
    }

    private static int Id(JsonField field, Vocabulary vocabulary)
    {
        int id = field.Integer();
        return vocabulary.TokenOf(id) is not null ? id : throw field.Wrong("the id of a token");
    }
}
