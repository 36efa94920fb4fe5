using System.Globalization;
using System.Numerics;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <summary>The methods of <c>str</c>.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Func<Interpreter, TextValue, Arguments, object?>> Table = new(StringComparer.Ordinal)
    {
        ["upper"] = Mapping("upper", CaseMapping.ToUpper),
        ["lower"] = Mapping("lower", CaseMapping.ToLower),
        ["casefold"] = Mapping("casefold", CaseMapping.Fold),
        ["title"] = Mapping("title", CaseMapping.Title),
        ["capitalize"] = Mapping("capitalize", CaseMapping.Capitalize),
        ["swapcase"] = Mapping("swapcase", CaseMapping.SwapCase),
        ["strip"] = (_, text, arguments) => Strip(text, arguments.Bind("strip", "chars?")[0], atStart: true, atEnd: true),
        ["lstrip"] = (_, text, arguments) => Strip(text, arguments.Bind("lstrip", "chars?")[0], atStart: true, atEnd: false),
        ["rstrip"] = (_, text, arguments) => Strip(text, arguments.Bind("rstrip", "chars?")[0], atStart: false, atEnd: true),
        ["removeprefix"] = (_, text, arguments) => Text(arguments.Bind("removeprefix", "prefix")[0]) is var prefix && text.Value.StartsWith(prefix.Value, StringComparison.Ordinal)
            ? text.Slice(prefix.Length, text.Length - prefix.Length) : text,
        ["removesuffix"] = (_, text, arguments) => Text(arguments.Bind("removesuffix", "suffix")[0]) is { Length: > 0 } suffix && text.Value.EndsWith(suffix.Value, StringComparison.Ordinal)
            ? text.Slice(0, text.Length - suffix.Length) : text,
        ["split"] = (interpreter, text, arguments) => Split(interpreter, text, arguments.Bind("split", "sep?", "maxsplit?"), fromRight: false),
        ["rsplit"] = (interpreter, text, arguments) => Split(interpreter, text, arguments.Bind("rsplit", "sep?", "maxsplit?"), fromRight: true),
        ["splitlines"] = SplitLines,
        ["partition"] = (_, text, arguments) => Partition(text, Text(arguments.Bind("partition", "sep")[0]), fromRight: false),
        ["rpartition"] = (_, text, arguments) => Partition(text, Text(arguments.Bind("rpartition", "sep")[0]), fromRight: true),
        ["startswith"] = (_, text, arguments) => Matches(text, arguments.Bind("startswith", "prefix", "start?", "end?"), atStart: true),
        ["endswith"] = (_, text, arguments) => Matches(text, arguments.Bind("endswith", "suffix", "start?", "end?"), atStart: false),
        ["find"] = (_, text, arguments) => new BigInteger(Find(text, arguments.Bind("find", "sub", "start?", "end?"), fromRight: false)),
        ["rfind"] = (_, text, arguments) => new BigInteger(Find(text, arguments.Bind("rfind", "sub", "start?", "end?"), fromRight: true)),
        ["index"] = (_, text, arguments) => Find(text, arguments.Bind("index", "sub", "start?", "end?"), fromRight: false) is >= 0 and var at ? new BigInteger(at) : throw Fail.Value("substring not found"),
        ["rindex"] = (_, text, arguments) => Find(text, arguments.Bind("rindex", "sub", "start?", "end?"), fromRight: true) is >= 0 and var at ? new BigInteger(at) : throw Fail.Value("substring not found"),
        ["count"] = (_, text, arguments) => Count(text, arguments.Bind("count", "sub", "start?", "end?")),
        ["replace"] = (interpreter, text, arguments) => arguments.Bind("replace", "old", "new", "count?") is var bound
            ? Replace(interpreter.Budget, text, Text(bound[0]), Text(bound[1]), Limit(bound[2])) : null,
        ["join"] = (interpreter, text, arguments) => Join(interpreter, text, arguments.Bind("join", "iterable")[0]),
        ["format"] = BraceFormat.Apply,
        ["format_map"] = (interpreter, text, arguments) => arguments.Bind("format_map", "mapping")[0] is DictValue map
            ? BraceFormat.Apply(interpreter, text, new Arguments { Named = [.. map.Entries.Where(e => e.Key is TextValue).Select(e => (((TextValue)e.Key!).Value, e.Value))] })
            : throw Fail.Type("format_map() argument must be a mapping"),
        ["center"] = (interpreter, text, arguments) => Align(interpreter.Budget, text, arguments.Bind("center", "width", "fillchar?"), 'c'),
        ["ljust"] = (interpreter, text, arguments) => Align(interpreter.Budget, text, arguments.Bind("ljust", "width", "fillchar?"), 'l'),
        ["rjust"] = (interpreter, text, arguments) => Align(interpreter.Budget, text, arguments.Bind("rjust", "width", "fillchar?"), 'r'),
        ["zfill"] = (interpreter, text, arguments) => ZeroFill(interpreter.Budget, text, Size(arguments.Bind("zfill", "width")[0])),
        ["expandtabs"] = (interpreter, text, arguments) => ExpandTabs(interpreter.Budget, text, Given(arguments.Bind("expandtabs", "tabsize?")[0]) is { } size ? Size(size) : 8),
        ["isalpha"] = (_, text, _) => All(text, Rune.IsLetter),
        ["isalnum"] = (_, text, _) => All(text, rune => Rune.IsLetter(rune) || CharacterClass.IsNumeric(rune)),
        ["isdigit"] = (_, text, _) => All(text, rune => CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(rune.Value), 0) >= 0),
        ["isdecimal"] = (_, text, _) => All(text, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber),
        ["isnumeric"] = (_, text, _) => All(text, CharacterClass.IsNumeric),
        ["isspace"] = (_, text, _) => All(text, rune => rune.IsBmp && Lexer.IsSpace((char)rune.Value)),
        ["isascii"] = (_, text, _) => Ascii.IsValid(text.Value),
        ["isupper"] = (_, text, _) => CaseMapping.IsAll(text.Value, upper: true),
        ["islower"] = (_, text, _) => CaseMapping.IsAll(text.Value, upper: false),
        ["istitle"] = (_, text, _) => CaseMapping.IsTitled(text.Value),
        ["isidentifier"] = (_, text, _) => All(text, CharacterClass.IsIdentifierPart) && CharacterClass.IsIdentifierStart(text.Value.EnumerateRunes().First()),
        ["isprintable"] = (_, text, _) => text.Length == 0 || All(text, CharacterClass.IsPrintable),
        ["translate"] = (interpreter, text, arguments) => TextTranslation.Translate(interpreter, text, arguments.Bind("translate", "table")[0]),
        ["maketrans"] = (_, _, arguments) => TextTranslation.MakeTable(arguments.Bind("maketrans", "x", "y?", "z?")),
        ["encode"] = (_, _, _) => throw Fail.Runtime("str.encode() makes bytes, which this engine does not have"),
    };

    public static bool TryGet(Interpreter interpreter, TextValue text, string name, out object? method)
    {
        method = Table.TryGetValue(name, out var call) ? new FunctionValue(name, arguments =>
        {
            interpreter.Budget.SpendText(text.Length);
            return call(interpreter, text, arguments);
        }) : null;
        return method is not null;
    }

    /// <summary>Without the white space, or the given characters, at its ends.</summary>
    public static TextValue Strip(TextValue text, object? characters, bool atStart, bool atEnd)
    {
        characters = Given(characters);
        HashSet<int>? set = characters is null ? null : [.. Text(characters).Value.EnumerateRunes().Select(rune => rune.Value)];
        bool Goes(int start, int length) => set is null ? length == 1 && Lexer.IsSpace(text.Value[start])
            : set.Contains(length == 2 ? char.ConvertToUtf32(text.Value[start], text.Value[start + 1]) : text.Value[start]);

        int first = 0, end = text.Length;
        while (atStart && first < end)
        {
            int length = first + 1 < end && char.IsSurrogatePair(text.Value[first], text.Value[first + 1]) ? 2 : 1;
            if (!Goes(first, length)) break;
            first += length;
        }
        while (atEnd && end > first)
        {
            int length = end - 1 > first && char.IsSurrogatePair(text.Value[end - 2], text.Value[end - 1]) ? 2 : 1;
            if (!Goes(end - length, length)) break;
            end -= length;
        }
        return text.Slice(first, end - first);
    }

    /// <summary>Replaces at most <paramref name="limit"/> occurrences from the left; an empty pattern stands between all characters.</summary>
    public static TextValue Replace(Budget budget, TextValue text, TextValue old, TextValue replacement, long limit)
    {
        var output = new TextBuilder();
        int at = 0;
        if (old.Length == 0)
        {
            for (int i = 0; i <= text.CodePointCount && limit-- > 0; i++)
            {
                int start = text.UnitIndex(i);
                output.Append(text, at, start - at).Append(replacement);
                at = start;
                budget.SpendText(output.Length);
                budget.Spend();
            }
        }
        for (int found; old.Length > 0 && limit-- > 0 && (found = text.Value.IndexOf(old.Value, at, StringComparison.Ordinal)) >= 0; at = found + old.Length)
        {
            output.Append(text, at, found - at).Append(replacement);
            if (output.Length > Budget.MaxTextLength) budget.SpendText(output.Length);
            budget.SpendText(replacement.Length);
        }
        return output.Append(text, at, text.Length - at).ToText(text.Safe);
    }

    /// <summary>The items as texts with a separator between them; what is not a text is refused.</summary>
    private static TextValue Join(Interpreter interpreter, TextValue separator, object? items)
    {
        var output = new TextBuilder();
        int index = 0;
        foreach (object? item in interpreter.Materialize(items))
        {
            if (item is not TextValue text) throw Fail.Type($"sequence item {index}: expected str instance, {Python.TypeName(item)} found");
            if (index++ > 0) output.Append(separator);
            output.Append(text);
            interpreter.Budget.SpendText(text.Length + separator.Length);
            if (output.Length > Budget.MaxTextLength) interpreter.Budget.SpendText(output.Length);
        }
        return output.ToText(separator.Safe);
    }

    /// <summary>Lines, cut as <c>str.splitlines</c> cuts them.</summary>
    public static IEnumerable<TextValue> Lines(TextValue text, bool keepEnds)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text.Value[i];
            if (c is not ('\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029')) continue;
            int end = i;
            if (c == '\r' && i + 1 < text.Length && text.Value[i + 1] == '\n') i++;
            yield return text.Slice(start, (keepEnds ? i + 1 : end) - start);
            start = i + 1;
        }
        if (start < text.Length) yield return text.Slice(start, text.Length - start);
    }

    public static TextValue Text(object? value) => value as TextValue ?? throw (value is UndefinedValue undefined ? undefined.Error() : Fail.Type($"argument must be str, not {Python.TypeName(value)}"));

    private static Func<Interpreter, TextValue, Arguments, object?> Mapping(string method, Func<string, string> map) => (interpreter, text, arguments) =>
    {
        arguments.Bind(method);
        interpreter.Budget.SpendCharacters(text.Length);
        return text.Mapped(map(text.Value));
    };

    private static object? Given(object? argument) => ReferenceEquals(argument, Arguments.Missing) ? null : argument;

    private static long Limit(object? argument) => Given(argument) is not { } given ? long.MaxValue
        : Python.TryInteger(given, out BigInteger count) ? count.Sign < 0 || count > int.MaxValue ? long.MaxValue : (long)count
        : throw Fail.Type($"'{Python.TypeName(given)}' object cannot be interpreted as an integer");

    private static int Size(object? value) => !Python.TryInteger(value, out BigInteger size) ? throw Fail.Type($"'{Python.TypeName(value)}' object cannot be interpreted as an integer")
        : (int)BigInteger.Max(0, BigInteger.Min(size, int.MaxValue));

    private static bool All(TextValue text, Func<Rune, bool> test) => text.Length > 0 && text.Value.EnumerateRunes().All(test);

    private static ListValue Split(Interpreter interpreter, TextValue text, object?[] bound, bool fromRight)
    {
        long limit = Limit(bound[1]);
        var parts = new List<object?>();
        if (Given(bound[0]) is null) SplitAtSpace(interpreter.Budget, text, limit, fromRight, parts);
        else
        {
            string separator = Text(bound[0]).Value;
            if (separator.Length == 0) throw Fail.Value("empty separator");
            SplitAt(interpreter.Budget, text, separator, limit, fromRight, parts);
        }
        return new ListValue(parts);
    }

    private static ListValue SplitLines(Interpreter interpreter, TextValue text, Arguments arguments)
    {
        bool keepsEnds = Given(arguments.Bind("splitlines", "keepends?")[0]) is { } keep && Python.Truth(keep);
        var parts = new List<object?>();
        foreach (TextValue line in Lines(text, keepsEnds)) Add(interpreter.Budget, parts, line);
        return new ListValue(parts);
    }

    private static void Add(Budget budget, List<object?> parts, TextValue part)
    {
        budget.Spend();
        if (parts.Count > Budget.MaxItems) budget.SpendItems(parts.Count);
        parts.Add(part);
    }

    private static void SplitAt(Budget budget, TextValue text, string separator, long limit, bool fromRight, List<object?> parts)
    {
        int start = 0, end = text.Length;
        while (limit-- > 0)
        {
            int found = fromRight ? text.Value.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal) : text.Value.IndexOf(separator, start, StringComparison.Ordinal);
            if (found < 0) break;
            Add(budget, parts, fromRight ? text.Slice(found + separator.Length, end - found - separator.Length) : text.Slice(start, found - start));
            (start, end) = fromRight ? (start, found) : (found + separator.Length, end);
        }
        parts.Add(text.Slice(start, end - start));
        if (fromRight) parts.Reverse();
    }

    private static void SplitAtSpace(Budget budget, TextValue text, long limit, bool fromRight, List<object?> parts)
    {
        int start = 0, end = text.Length;
        while (true)
        {
            while (start < end && Lexer.IsSpace(text.Value[start])) start++;
            while (end > start && Lexer.IsSpace(text.Value[end - 1])) end--;
            if (start == end) break;
            int cut = fromRight ? end : start;
            if (limit-- > 0)
            {
                while (fromRight ? cut > start && !Lexer.IsSpace(text.Value[cut - 1]) : cut < end && !Lexer.IsSpace(text.Value[cut])) cut += fromRight ? -1 : 1;
            }
            else
            {
                // The rest keeps the white space at its far end.
                parts.Add(fromRight ? text.Slice(0, end) : text.Slice(start, text.Length - start));
                break;
            }
            Add(budget, parts, fromRight ? text.Slice(cut, end - cut) : text.Slice(start, cut - start));
            (start, end) = fromRight ? (start, cut) : (cut, end);
        }
        if (fromRight) parts.Reverse();
    }

    private static TupleValue Partition(TextValue text, TextValue separator, bool fromRight)
    {
        if (separator.Length == 0) throw Fail.Value("empty separator");
        int found = fromRight ? text.Value.LastIndexOf(separator.Value, StringComparison.Ordinal) : text.Value.IndexOf(separator.Value, StringComparison.Ordinal);
        if (found < 0) return fromRight ? new TupleValue(TextValue.Empty, TextValue.Empty, text) : new TupleValue(text, TextValue.Empty, TextValue.Empty);
        int end = found + separator.Length;
        return new TupleValue(text.Slice(0, found), text.Slice(found, separator.Length), text.Slice(end, text.Length - end));
    }

    private static bool Matches(TextValue text, object?[] bound, bool atStart)
    {
        if (Window(text, bound) is not { } window) return false;
        ReadOnlySpan<char> part = text.Value.AsSpan(window.Start, window.Length);
        object?[] affixes = bound[0] is TupleValue tuple ? tuple.Items : [bound[0]];
        foreach (object? affix in affixes)
        {
            if (affix is not TextValue fix) throw affix is UndefinedValue undefined ? undefined.Error() : Fail.Type($"{(atStart ? "startswith" : "endswith")} first arg must be str or a tuple of str, not {Python.TypeName(affix)}");
            if (atStart ? part.StartsWith(fix.Value, StringComparison.Ordinal) : part.EndsWith(fix.Value, StringComparison.Ordinal)) return true;
        }
        return false;
    }

    private static int Find(TextValue text, object?[] bound, bool fromRight)
    {
        string wanted = Text(bound[0]).Value;
        if (Window(text, bound) is not { } window) return -1;
        ReadOnlySpan<char> part = text.Value.AsSpan(window.Start, window.Length);
        int found = fromRight ? wanted.Length == 0 ? part.Length : part.LastIndexOf(wanted, StringComparison.Ordinal) : part.IndexOf(wanted, StringComparison.Ordinal);
        return found < 0 ? -1 : text.CodePointIndex(window.Start + found);
    }

    private static object Count(TextValue text, object?[] bound)
    {
        string wanted = Text(bound[0]).Value;
        if (Window(text, bound) is not { } window) return BigInteger.Zero;
        ReadOnlySpan<char> part = text.Value.AsSpan(window.Start, window.Length);
        return new BigInteger(wanted.Length == 0 ? text.CodePointIndex(window.End) - text.CodePointIndex(window.Start) + 1 : part.Count(wanted));
    }

    /// <summary>The stretch that start and end arguments choose, or null where start lies beyond the end.</summary>
    private static TextSpan? Window(TextValue text, object?[] bound)
    {
        int length = text.CodePointCount;
        int Position(object? value, int byDefault)
        {
            if (Given(value) is not { } given) return byDefault;
            if (!Python.TryInteger(given, out BigInteger position)) throw Fail.Type("slice indices must be integers or None or have an __index__ method");
            if (position.Sign < 0) position += length;
            return position.Sign < 0 ? 0 : (int)BigInteger.Min(position, int.MaxValue);
        }
        int start = Position(bound[1], 0), end = Math.Min(length, Position(bound[2], length));
        return start > end ? null : new TextSpan(text.UnitIndex(start), text.UnitIndex(end) - text.UnitIndex(start));
    }

    private static TextValue Align(Budget budget, TextValue text, object?[] bound, char side)
    {
        TextValue fill = Given(bound[1]) is { } given ? Text(given) : TextValue.FromTemplate(" ");
        if (fill.CodePointCount != 1) throw Fail.Type("The fill character must be exactly one character long");
        int width = Size(bound[0]), missing = Math.Max(0, width - text.CodePointCount);
        budget.SpendText((long)missing + text.Length);
        // str.center leaves the odd one on the left only where the width is odd.
        int before = side switch { 'l' => 0, 'r' => missing, _ => missing / 2 + (missing & width & 1) };
        var output = new TextBuilder();
        for (int i = 0; i < before; i++) output.Append(fill);
        output.Append(text);
        for (int i = before; i < missing; i++) output.Append(fill);
        return output.ToText();
    }

    private static TextValue ZeroFill(Budget budget, TextValue text, int width)
    {
        int missing = Math.Max(0, width - text.CodePointCount);
        budget.SpendText((long)missing + text.Length);
        int sign = text.Length > 0 && text.Value[0] is '+' or '-' ? 1 : 0;
        return new TextBuilder().Append(text, 0, sign).Append(new string('0', missing), template: false).Append(text, sign, text.Length - sign).ToText();
    }

    private static TextValue ExpandTabs(Budget budget, TextValue text, int size)
    {
        var output = new TextBuilder();
        int column = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text.Value[i];
            if (c == '\t')
            {
                int spaces = size == 0 ? 0 : size - column % size;
                budget.SpendText((long)output.Length + spaces);
                output.Append(new string(' ', spaces), template: false);
                column += spaces;
                continue;
            }
            output.Append(text, i, 1);
            column = c is '\n' or '\r' ? 0 : char.IsLowSurrogate(c) ? column : column + 1;
        }
        return output.ToText();
    }
}
