using System.Numerics;

namespace YiSharp.Text.Jinja;

/// <summary><c>str.translate</c> and <c>str.maketrans</c>: characters by number to texts, numbers or nothing.</summary>
internal static class TextTranslation
{
    public static TextValue Translate(Interpreter interpreter, TextValue text, object? table)
    {
        if (table is not DictValue map) throw Fail.Type($"'{Python.TypeName(table)}' object is not subscriptable");
        interpreter.Budget.SpendCharacters(text.Length);
        var output = new TextBuilder();
        foreach (TextValue character in Python.Characters(text))
        {
            output.Append(!map.TryGet(Code(character), out object? replacement) ? character : replacement switch
            {
                null => TextValue.Empty,
                TextValue other => other,
                _ => Python.TryInteger(replacement, out BigInteger code) && code >= 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF)
                    ? TextValue.FromCaller(char.ConvertFromUtf32((int)code)) : throw Fail.Type("character mapping must return integer, None or str"),
            });
            if (output.Length > Budget.MaxTextLength) interpreter.Budget.SpendText(output.Length);
        }
        return output.ToText();
    }

    public static DictValue MakeTable(object?[] bound)
    {
        var table = new DictValue();
        if (ReferenceEquals(bound[1], Arguments.Missing))
        {
            if (bound[0] is not DictValue given) throw Fail.Type("if you give only one argument to maketrans it must be a dict");
            foreach ((object? key, object? value) in given.Entries) table.Set(key is TextValue { CodePointCount: 1 } character ? Code(character) : key, value);
            return table;
        }
        TextValue[] from = [.. Python.Characters(TextMethods.Text(bound[0]))], to = [.. Python.Characters(TextMethods.Text(bound[1]))];
        if (from.Length != to.Length) throw Fail.Value("the first two maketrans arguments must have equal length");
        for (int i = 0; i < from.Length; i++) table.Set(Code(from[i]), Code(to[i]));
        if (ReferenceEquals(bound[2], Arguments.Missing)) return table;
        foreach (TextValue character in Python.Characters(TextMethods.Text(bound[2]))) table.Set(Code(character), null);
        return table;
    }

    private static object Code(TextValue character) => new BigInteger(character.Length == 2 ? char.ConvertToUtf32(character.Value, 0) : character.Value[0]);
}
