using System.Globalization;
using System.Numerics;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <content>Filters over texts.</content>
internal static partial class FilterTable
{
    private static TextValue Mapped(Interpreter interpreter, object? value, Func<string, string> map)
    {
        TextValue text = Python.Str(value, interpreter.Budget);
        interpreter.Budget.SpendCharacters(text.Length);
        return text.Mapped(map(text.Value));
    }

    private static object Center(Interpreter interpreter, object? value, Arguments arguments)
    {
        int width = Integer(arguments.Bind("center", "width?")[0], 80);
        TextValue text = Python.Str(value, interpreter.Budget);
        TextMethods.TryGet(interpreter, text, "center", out object? center);
        return ((FunctionValue)center!).Call(new Arguments { Positional = [new BigInteger(width)] })!;
    }

    private static object Format(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0) throw Fail.Runtime("can't handle positional and keyword arguments at the same time");
        object given = new TupleValue([.. arguments.Positional]);
        if (arguments.Named.Count > 0)
        {
            var dict = new DictValue();
            foreach ((string name, object? item) in arguments.Named) dict.Set(TextValue.FromTemplate(name), item);
            given = dict;
        }
        return PercentFormat.Apply(interpreter, Python.Str(value, interpreter.Budget), given);
    }

    private static object Replace(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("replace", "old", "new", "count?");
        int count = bound[2] is null ? -1 : Integer(bound[2], -1);
        Budget budget = interpreter.Budget;
        return TextMethods.Replace(budget, Python.Str(value, budget), Python.Str(bound[0], budget), Python.Str(bound[1], budget), count < 0 ? long.MaxValue : count);
    }

    private static object Indent(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("indent", "width?", "first?", "blank?");
        TextValue indention = bound[0] is TextValue text ? text : TextValue.FromTemplate(new string(' ', Math.Clamp(Integer(bound[0], 4), 0, 10_000)));
        (bool first, bool blank) = (IsTrue(bound[1]), IsTrue(bound[2]));
        TextValue source = new TextBuilder().Append(TextMethods.Text(value)).Append("\n", template: false).ToText();
        var output = new TextBuilder();
        int index = 0;
        foreach (TextValue line in TextMethods.Lines(source, keepEnds: false))
        {
            if (index > 0) output.Append("\n", template: false);
            if (index == 0 ? first : blank || line.Length > 0) output.Append(indention);
            output.Append(line);
            index++;
            interpreter.Budget.SpendText(line.Length + indention.Length + 16);
            if (output.Length > Budget.MaxTextLength) interpreter.Budget.SpendText(output.Length);
        }
        return output.ToText();
    }

    private static string JinjaTitle(string text)
    {
        var output = new StringBuilder(text.Length);
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            bool separator = i < text.Length && (text[i] is '-' or '(' or '{' or '[' or '<' || Lexer.IsSpace(text[i]));
            if (i < text.Length && !separator) continue;
            if (i > start)
            {
                int first = i - start > 1 && char.IsSurrogatePair(text[start], text[start + 1]) ? 2 : 1;
                output.Append(CaseMapping.ToUpper(text.Substring(start, first))).Append(CaseMapping.ToLower(text[(start + first)..i]));
            }
            if (separator) output.Append(text[i]);
            start = i + 1;
        }
        return output.ToString();
    }

    private static object? Truncate(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("truncate", "length?", "killwords?", "end?", "leeway?");
        TextValue end = IsGiven(bound[2]) ? Python.Str(bound[2], interpreter.Budget) : TextValue.FromTemplate("...");
        int length = Integer(bound[0], 255), leeway = bound[3] is null ? 5 : Integer(bound[3], 5);
        if (length < end.CodePointCount) throw Fail.Runtime($"AssertionError: expected length >= {end.CodePointCount}, got {length}");
        if (leeway < 0) throw Fail.Runtime($"AssertionError: expected leeway >= 0, got {leeway}");
        if ((BigInteger)Length(value) <= (long)length + leeway) return value;
        TextValue text = TextMethods.Text(value);
        TextValue kept = text.Slice(0, text.UnitIndex(length - end.CodePointCount));
        int space = kept.Value.LastIndexOf(' ');
        if (!IsTrue(bound[1]) && space >= 0) kept = kept.Slice(0, space);
        return new TextBuilder().Append(kept).Append(end).ToText();
    }

    private static object StripTags(Interpreter interpreter, object? value, Arguments arguments)
    {
        string text = Python.Str(value, interpreter.Budget).Value;
        for (int start; (start = text.IndexOf("<!--", StringComparison.Ordinal)) >= 0 && text.IndexOf("-->", start, StringComparison.Ordinal) is >= 0 and var end;)
        {
            interpreter.Budget.SpendText(text.Length);
            text = text.Remove(start, end + 3 - start);
        }
        for (int start; (start = text.IndexOf('<', StringComparison.Ordinal)) >= 0 && text.IndexOf('>', start) is >= 0 and var end;)
        {
            interpreter.Budget.SpendText(text.Length);
            text = text.Remove(start, end + 1 - start);
        }
        string joined = string.Join(' ', text.Split([.. text.Where(Lexer.IsSpace).Distinct()], StringSplitOptions.RemoveEmptyEntries));
        foreach ((string entity, string character) in (ReadOnlySpan<(string, string)>)[("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")])
            joined = joined.Replace(entity, character, StringComparison.Ordinal);
        return TextValue.FromCaller(joined);
    }

    private static object UrlEncode(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (value is TextValue or not (DictValue or ListValue or TupleValue or GeneratorValue)) return TextValue.FromCaller(Quote(Python.Str(value, interpreter.Budget).Value, "/"));
        IEnumerable<object?> pairs = value is DictValue dict ? dict.Entries.Select(entry => (object?)new TupleValue(entry.Key, entry.Value)) : interpreter.Materialize(value);
        return TextValue.FromCaller(string.Join('&', pairs.Select(pair =>
        {
            List<object?> items = interpreter.Materialize(pair);
            if (items.Count != 2) throw Fail.Value($"not enough values to unpack (expected 2, got {items.Count})");
            return string.Join('=', items.Select(item => Quote(Python.Str(item, interpreter.Budget).Value, "").Replace("%20", "+", StringComparison.Ordinal)));
        })));
    }

    private static string Quote(string text, string safe)
    {
        var output = new StringBuilder(text.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || safe.Contains(c, StringComparison.Ordinal)) output.Append(c);
            else output.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return output.ToString();
    }

    private static object WordCount(Interpreter interpreter, object? value, Arguments arguments)
    {
        int count = 0;
        bool inWord = false;
        foreach (Rune rune in Python.Str(value, interpreter.Budget).Value.EnumerateRunes())
        {
            bool word = rune.Value == '_' || Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune);
            if (word && !inWord) count++;
            inWord = word;
        }
        return new BigInteger(count);
    }

    private static object WordWrap(Interpreter interpreter, object? value, Arguments arguments)
    {
        object?[] bound = arguments.Bind("wordwrap", "width?", "break_long_words?", "wrapstring?", "break_on_hyphens?");
        int width = Integer(bound[0], 79);
        if (width <= 0) throw Fail.Value($"invalid width {width} (must be > 0)");
        bool breaksLongWords = IsTrue(bound[1], absent: true), breaksOnHyphens = IsTrue(bound[3], absent: true);
        string wrap = IsGiven(bound[2]) && bound[2] is not null ? Python.Str(bound[2], interpreter.Budget).Value : "\n";
        TextValue text = TextMethods.Text(value);
        bool isFirst = true;
        var output = new StringBuilder();
        foreach (string line in TextMethods.Lines(text, keepEnds: false).SelectMany(line => WordWrapper.Wrap(line.Value, width, breaksLongWords, breaksOnHyphens).DefaultIfEmpty("")))
        {
            if (!isFirst) output.Append(wrap);
            isFirst = false;
            output.Append(line);
            interpreter.Budget.SpendText(wrap.Length + line.Length);
            if (output.Length > Budget.MaxTextLength) interpreter.Budget.SpendText(output.Length);
        }
        return text.Mapped(output.ToString());
    }

    private static object XmlAttributes(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool autoSpace = IsTrue(arguments.Bind("xmlattr", "autospace?")[0], absent: true);
        if (value is not DictValue dict) throw Fail.Type($"'{Python.TypeName(value)}' object has no attribute 'items'");
        var parts = new List<string>();
        foreach ((object? key, object? item) in dict.Entries)
        {
            if (item is null or UndefinedValue) continue;
            string name = Python.Str(key, interpreter.Budget).Value;
            if (name.AsSpan().IndexOfAny(" \t\n\r\f/>=") >= 0) throw Fail.Value($"Invalid character in attribute name: '{name}'");
            parts.Add($"{Html.Escape(TextValue.FromCaller(name)).Value}=\"{Html.Escape(Python.Str(item, interpreter.Budget)).Value}\"");
        }
        string text = string.Join(' ', parts);
        return TextValue.FromCaller(autoSpace && text.Length > 0 ? " " + text : text);
    }

    private static object FileSize(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool binary = IsTrue(arguments.Bind("filesizeformat", "binary?")[0]);
        if (value is UndefinedValue undefined) throw undefined.Error();
        if (!Python.TryDouble(value, out double bytes) && !(value is TextValue text && Numbers.TryFloat(text.Value, out bytes)))
            throw Fail.Type($"float() argument must be a string or a real number, not '{Python.TypeName(value)}'");
        double unit = binary ? 1024 : 1000;
        string[] prefixes = binary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        if (bytes == 1) return TextValue.FromCaller("1 Byte");
        if (bytes < unit) return TextValue.FromCaller($"{NumberFormat.Fixed(Math.Truncate(bytes), 0)} Bytes");
        int index = 0;
        double size = unit * unit;
        for (; index < prefixes.Length - 1 && bytes >= size; index++) size *= unit;
        return TextValue.FromCaller($"{NumberFormat.Fixed(unit * bytes / size, 1)} {prefixes[index]}");
    }
}
