namespace YiSharp.Text.Regex;

/// <content>Escapes and classes.</content>
internal sealed partial class PatternParser
{
    /// <summary>What \w is outside a class, and the border of \b: ² ³ ¹ ¼ ½ ¾ too, which Oniguruma takes from its table of Latin-1 there, and not in <c>[\w]</c>.</summary>
    public static readonly CodePointSet Word = UnicodeProperties.Known("Word").Union(CodePointSet.Of((0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE)));

    private static readonly CodePointSet NoLineFeed = CodePointSet.Of('\n').Complement();

    private static readonly Node GeneralNewline = new AtomicNode(new ChoiceNode(
    [
        new SequenceNode([new SetNode(CodePointSet.Of('\r')), new SetNode(CodePointSet.Of('\n'))]),
        new SetNode(CodePointSet.Of(('\n', '\r'), (0x85, 0x85), (0x2028, 0x2029))),
    ]));

    /// <summary>What follows a backslash outside a class.</summary>
    private Node ParseEscape(Options options)
    {
        if (AtEnd) throw Broken("ends in a backslash");
        int c = _pattern[_at];
        if (c is not ('w' or 'W') && TakeClassEscape() is { } set) return new SetNode(InCase(set, options));
        bool isOctal = c <= '7' && Next() is >= '0' and <= '9';
        if (c is >= '1' and <= '9' && !isOctal) throw Unknown($"the back-reference \\{Text(c)}");
        Node? special = c switch
        {
            'w' => new SetNode(Word),
            'W' => new SetNode(Word.Complement()),
            'A' => new AnchorNode(Anchor.TextStart),
            'z' => new AnchorNode(Anchor.TextEnd),
            'Z' => new AnchorNode(Anchor.LastLineEnd),
            'b' => new AnchorNode(Anchor.WordBoundary),
            'B' => new AnchorNode(Anchor.NoWordBoundary),
            'R' => GeneralNewline,
            'N' => new SetNode(NoLineFeed),
            'O' => new SetNode(CodePointSet.All),
            'k' => throw Unknown("the back-reference \\k"),
            'g' or 'G' or 'K' or 'X' or 'y' or 'Y' => throw Unknown($"\\{Text(c)}"),
            _ => null,
        };
        if (special is null) return Literal(ParseCharacterEscape(), options);
        _at++;
        return special;
    }

    /// <summary>The set of <c>\w \d \s \h \p{…}</c> and their opposites, or null with nothing taken.</summary>
    private CodePointSet? TakeClassEscape()
    {
        int c = _pattern[_at];
        string? name = c switch { 'w' or 'W' => "Word", 'd' or 'D' => "Nd", 's' or 'S' => "Space", 'h' or 'H' => "XDigit", _ => null };
        if (name is not null)
        {
            _at++;
            CodePointSet known = UnicodeProperties.Known(name);
            return char.IsAsciiLetterUpper((char)c) ? known.Complement() : known;
        }
        if (c is not ('p' or 'P')) return null;
        _at++;
        bool negative = c == 'P';
        if (!Take('{')) return OneLetterProperty(negative);
        if (Take('^')) negative = !negative;
        int start = _at;
        while (!AtEnd && !Peek('}')) _at++;
        string property = string.Concat(_pattern[start.._at].Select(Text));
        if (!Take('}')) throw Broken("leaves \\p{ open");
        CodePointSet set = UnicodeProperties.Find(property) ?? throw Unknown($"the property \\p{{{(property.Length <= 40 ? property : property[..40] + "…")}}}");
        return negative ? set.Complement() : set;
    }

    private CodePointSet OneLetterProperty(bool negative)
    {
        if (AtEnd || _pattern[_at] is not ('C' or 'L' or 'M' or 'N' or 'P' or 'S' or 'Z')) throw Broken("has \\p without a property");
        CodePointSet set = UnicodeProperties.Known(Text(_pattern[_at++]));
        return negative ? set.Complement() : set;
    }

    /// <summary>The code point that an escape stands for; the backslash is taken already.</summary>
    private int ParseCharacterEscape()
    {
        int c = _pattern[_at++];
        switch (c)
        {
            case 't': return '\t';
            case 'n': return '\n';
            case 'r': return '\r';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return 0x1B;
            case 'x': return Take('{') ? ParseDigits(16, 8, '}') : ParseByte(16, 2);
            case 'o' when Take('{'): return ParseDigits(8, 11, '}');
            case 'u':
                int start = _at;
                int value = ParseDigits(16, 4, end: null);
                return _at - start == 4 ? value : throw Broken("has \\u without four hexadecimal digits");
            case >= '0' and <= '7':
                _at--;
                return ParseByte(8, 3);
            case 'c' or 'C' or 'M': throw Unknown($"\\{Text(c)}");
            default: return c;
        }
    }

    /// <summary>\xHH and \nnn are bytes of UTF-8 in the original; from 80 on they would be parts of characters.</summary>
    private int ParseByte(int numberBase, int mostDigits)
    {
        int value = ParseDigits(numberBase, mostDigits, end: null);
        return value < 0x80 ? value : throw Unknown($"the byte {value:X2} of a character (write \\x{{…}})");
    }

    private int ParseDigits(int numberBase, int mostDigits, int? end)
    {
        long value = 0;
        int start = _at;
        while (_at - start < mostDigits && !AtEnd && Digit(_pattern[_at]) is var digit && digit < numberBase)
        {
            value = value * numberBase + digit;
            _at++;
        }
        if (end is { } close && (_at == start || !Take(close))) throw Broken("writes a code point badly");
        if (value > CodePointSet.Largest || value is >= 0xD800 and <= 0xDFFF) throw Broken("names a code point that is none");
        return (int)value;
    }

    private static int Digit(int c) => c is >= '0' and <= '9' ? c - '0' : c is >= 'a' and <= 'f' ? c - 'a' + 10 : c is >= 'A' and <= 'F' ? c - 'A' + 10 : int.MaxValue;

    /// <summary>A class after its opening bracket.</summary>
    private CodePointSet ParseClass(Options options)
    {
        if (++_depth > DeepestNesting) throw Broken($"nests more than {DeepestNesting} classes");
        bool negative = Take('^');
        CodePointSet? intersection = null;
        var set = new List<(int, int)>();
        for (bool first = true; ; first = false)
        {
            if (AtEnd) throw Broken("leaves a class open");
            if (Peek(']') && (!first || Array.IndexOf(_pattern, ']', _at + 1) < 0))
            {
                if (first) throw Broken("has an empty class");
                break;
            }
            if (Peek('&') && Next() == '&')
            {
                _at += 2;
                intersection = Intersect(intersection, set);
                set = [];
            }
            else ParseClassItem(set, options);
        }
        _at++;
        _depth--;
        CodePointSet all = InCase(Intersect(intersection, set), options);
        return negative ? all.Complement() : all;
    }

    private static CodePointSet Intersect(CodePointSet? before, List<(int, int)> set) => before is null ? CodePointSet.Of(set) : before.Intersect(CodePointSet.Of(set));

    private void ParseClassItem(List<(int First, int Last)> set, Options options)
    {
        if (Take('['))
        {
            CodePointSet nested = TakePosixBracket() ?? ParseClass(options);
            set.AddRange(nested.Ranges);
            return;
        }
        if (TakeClassMember() is { } members)
        {
            set.AddRange(members.Ranges);
            return;
        }

        int first = ParseClassCharacter(), last = first;
        bool isRange = Peek('-') && Next() is not (']' or '[' or -1) && !(Next() == '&' && _at + 2 < _pattern.Length && _pattern[_at + 2] == '&');
        if (isRange)
        {
            _at++;
            if (TakeClassMember() is not null) throw Broken("ends a range in a class");
            last = ParseClassCharacter();
            if (last < first) throw Broken($"has a range from {Text(first)} down to {Text(last)}");
        }
        set.Add((first, last));
    }

    private CodePointSet? TakeClassMember()
    {
        if (!Peek('\\')) return null;
        if (Next() == -1) throw Broken("ends in a backslash");
        _at++;
        if (TakeClassEscape() is { } set) return set;
        _at--;
        return null;
    }

    private int ParseClassCharacter()
    {
        if (!Take('\\')) return _pattern[_at++];
        return Take('b') ? '\b' : ParseCharacterEscape();
    }

    /// <summary><c>[:alpha:]</c> after its first bracket, or null with nothing taken.</summary>
    private CodePointSet? TakePosixBracket()
    {
        if (!Peek(':')) return null;
        int start = _at++;
        bool negative = Take('^');
        int nameStart = _at;
        while (!AtEnd && _pattern[_at] is >= 'a' and <= 'z') _at++;
        string name = string.Concat(_pattern[nameStart.._at].Select(Text));
        if (!Take(':') || !Take(']'))
        {
            _at = start;
            return null;
        }
        CodePointSet set = UnicodeProperties.Find(name) ?? throw Unknown($"the class [:{name}:]");
        return negative ? set.Complement() : set;
    }

    private int Next() => _at + 1 < _pattern.Length ? _pattern[_at + 1] : -1;
}
