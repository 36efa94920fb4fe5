using System.Globalization;
using System.Text;

namespace YiSharp.Text.Regex;

/// <summary>
/// Reads a pattern as Oniguruma's default syntax does (its <c>doc/RE</c>), which is that of tokenizer.json: <c>^</c> and <c>$</c> are those of lines, <c>\h</c> is
/// a hexadecimal digit, <c>(?m)</c> lets the dot match line feeds, <c>{n,m}+</c> is a repetition of a repetition. What would need captures is refused by name.
/// </summary>
internal sealed partial class PatternParser
{
    private const int LongestPattern = 1 << 13, DeepestNesting = 200, MostRepetitions = 100_000;

    private readonly int[] _pattern;
    private int _at;
    private int _depth;

    private PatternParser(string pattern) => _pattern = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    [Flags]
    private enum Options
    {
        None = 0,
        IgnoreCase = 1,
        DotTakesLineFeed = 2,
        Extended = 4,
    }

    private bool AtEnd => _at == _pattern.Length;

    /// <exception cref="PatternException">The pattern is broken, or asks for what we do not know.</exception>
    public static Node Parse(string pattern)
    {
        if (pattern.Length > LongestPattern) throw new PatternException($"has {pattern.Length} characters; expected at most {LongestPattern}", isUnknown: false);
        var parser = new PatternParser(pattern);
        Node node = parser.ParseChoice(Options.None);
        return parser.AtEnd ? node : throw parser.Broken("closes a group that is not open");
    }

    /// <summary>Alternatives up to the end or the group's closing parenthesis, which stays.</summary>
    private Node ParseChoice(Options options)
    {
        if (++_depth > DeepestNesting) throw Broken($"nests more than {DeepestNesting} groups");
        var items = new List<Node> { ParseSequence(options) };
        while (Take('|')) items.Add(ParseSequence(options));
        _depth--;
        return items.Count == 1 ? items[0] : new ChoiceNode(items);
    }

    private Node ParseSequence(Options options)
    {
        var items = new List<Node>();
        while (true)
        {
            if (options.HasFlag(Options.Extended)) SkipComments();
            if (AtEnd || Peek('|') || Peek(')')) break;
            items.Add(ParseQuantifiers(ParseAtom(options), options));
        }
        return items.Count switch { 0 => new EmptyNode(), 1 => items[0], _ => new SequenceNode(items) };
    }

    /// <summary>One thing that can be repeated.</summary>
    private Node ParseAtom(Options options)
    {
        int start = _at;
        int c = _pattern[_at++];
        switch (c)
        {
            case '(': return ParseGroup(options);
            case '[': return new SetNode(ParseClass(options));
            case '.': return new SetNode(options.HasFlag(Options.DotTakesLineFeed) ? CodePointSet.All : NoLineFeed);
            case '^': return new AnchorNode(Anchor.LineStart);
            case '$': return new AnchorNode(Anchor.LineEnd);
            case '*' or '+' or '?':
                _at = start;
                throw Broken("repeats nothing");
            case '\\': return ParseEscape(options);
            default: return Literal(c, options);
        }
    }

    private Node ParseGroup(Options options)
    {
        if (Peek('*')) throw Unknown("a callout (*…)");
        if (!Take('?')) return Close(new SequenceNode([ParseChoice(options)]));
        if (Take(':')) return Close(ParseChoice(options));
        if (Take('=')) return Close(new LookNode(ParseChoice(options), Behind: false, Negative: false));
        if (Take('!')) return Close(new LookNode(ParseChoice(options), Behind: false, Negative: true));
        if (Take('>')) return Close(new AtomicNode(ParseChoice(options)));
        if (Take('#')) return ParseComment();
        if (Take('<'))
        {
            if (Take('=')) return Close(LookBehind(ParseChoice(options), negative: false));
            if (Take('!')) return Close(LookBehind(ParseChoice(options), negative: true));
            SkipName('>');
            return Close(ParseChoice(options));
        }
        if (Take('\''))
        {
            SkipName('\'');
            return Close(ParseChoice(options));
        }
        if (Peek('~')) throw Unknown("an absent group (?~…)");
        if (Peek('(')) throw Unknown("a condition (?(…)…)");
        if (Peek('{')) throw Unknown("a callout (?{…})");
        return ParseOptions(options);
    }

    /// <summary><c>(?i:…)</c>, or <c>(?i)</c>, which rules up to the end of the group around it, alternatives included.</summary>
    private Node ParseOptions(Options options)
    {
        bool on = true;
        while (!AtEnd)
        {
            int c = _pattern[_at++];
            Options option = c switch { 'i' => Options.IgnoreCase, 'm' => Options.DotTakesLineFeed, 'x' => Options.Extended, _ => Options.None };
            if (option != Options.None) options = on ? options | option : options & ~option;
            else if (c == '-') on = false;
            else if (c == ':') return Close(ParseChoice(options));
            else if (c == ')') return ParseChoice(options);
            else throw Unknown($"the option (?{Text(c)})");
        }
        throw Broken("leaves a group open");
    }

    private Node ParseComment()
    {
        while (!AtEnd && !Peek(')')) _at += _pattern[_at] == '\\' ? 2 : 1;
        _at = Math.Min(_at, _pattern.Length);
        return Close(new EmptyNode());
    }

    private LookNode LookBehind(Node body, bool negative)
    {
        if (NodeLength.Of(body).Max >= Compiler.LongestLookBehind) throw Unknown($"a look-behind of more than {Compiler.LongestLookBehind} characters");
        if (HoldsAtomic(body)) throw Unknown("a possessive or atomic part in a look-behind");
        return new LookNode(body, Behind: true, negative);
    }

    private static bool HoldsAtomic(Node node) => node switch
    {
        AtomicNode => true,
        SequenceNode sequence => sequence.Items.Any(HoldsAtomic),
        ChoiceNode choice => choice.Items.Any(HoldsAtomic),
        RepeatNode repeat => HoldsAtomic(repeat.Body),
        _ => false,
    };

    private Node ParseQuantifiers(Node atom, Options options)
    {
        int count = 0;
        while (true)
        {
            if (options.HasFlag(Options.Extended)) SkipComments();
            if (AtEnd) return atom;
            int start = _at;
            int c = _pattern[_at++];
            (int Min, int? Max) bounds;
            bool interval = false, possessive = false;
            if (c == '?') bounds = (0, 1);
            else if (c == '*') bounds = (0, null);
            else if (c == '+') bounds = (1, null);
            else if (c == '{' && ParseInterval() is { } parsed)
            {
                interval = true;
                possessive = parsed.Min > parsed.Max; // {5,2} is {2,5} that gives nothing back
                bounds = possessive ? (parsed.Max!.Value, parsed.Min) : parsed;
            }
            else
            {
                _at = start;
                return atom;
            }

            if (IsPlace(atom)) throw Broken("repeats a place, which takes no text");
            if (++count > DeepestNesting) throw Broken($"stacks more than {DeepestNesting} quantifiers");
            bool isFixed = interval && bounds.Min == bounds.Max;
            bool lazy = !isFixed && Take('?');
            possessive |= !lazy && !interval && Take('+');
            Node repeated = new RepeatNode(atom, bounds.Min, bounds.Max, lazy);
            atom = possessive ? new AtomicNode(repeated) : repeated;
        }
    }

    private static bool IsPlace(Node node) => node is AnchorNode or LookNode || (node is ChoiceNode choice && choice.Items.Any(IsPlace));

    /// <summary>The bounds of <c>{n,m}</c> after its brace; null, with nothing taken, where the brace is a brace.</summary>
    private (int Min, int? Max)? ParseInterval()
    {
        int start = _at;
        int? min = ParseNumber(), max = min;
        bool comma = Take(',');
        if (comma) max = ParseNumber();
        bool valid = (min is not null || (comma && max is not null)) && Take('}');
        if (!valid)
        {
            _at = start;
            return null;
        }
        return (min ?? 0, max);
    }

    private int? ParseNumber()
    {
        int start = _at;
        long number = 0;
        while (!AtEnd && _pattern[_at] is >= '0' and <= '9')
        {
            number = number * 10 + _pattern[_at++] - '0';
            if (number > MostRepetitions) throw Broken($"repeats more than {MostRepetitions} times");
        }
        return _at == start ? null : (int)number;
    }

    private Node Close(Node node)
    {
        if (!Take(')')) throw Broken("leaves a group open");
        return node;
    }

    private void SkipName(int end)
    {
        int start = _at;
        while (!AtEnd && _pattern[_at] != end && (_pattern[_at] == '_' || UnicodeProperties.Known("Word").Contains(_pattern[_at]))) _at++;
        if (_at == start || !Take(end)) throw Broken("names a group badly");
    }

    private void SkipComments()
    {
        while (!AtEnd)
        {
            if (UnicodeProperties.Known("Space").Contains(_pattern[_at])) _at++;
            else if (Peek('#'))
            {
                while (!AtEnd && _pattern[_at] != '\n') _at++;
            }
            else return;
        }
    }

    private bool Peek(int c) => !AtEnd && _pattern[_at] == c;

    private bool Take(int c)
    {
        if (!Peek(c)) return false;
        _at++;
        return true;
    }

    private static SetNode Literal(int c, Options options) => new(InCase(CodePointSet.Of(c), options));

    private static CodePointSet InCase(CodePointSet set, Options options) => options.HasFlag(Options.IgnoreCase) ? CaseFolding.Close(set) : set;

    private static string Text(int codePoint) => new Rune(codePoint).ToString();

    private PatternException Broken(string what) => new(string.Create(CultureInfo.InvariantCulture, $"{what} at character {_at}"), isUnknown: false);

    private PatternException Unknown(string what) => new(string.Create(CultureInfo.InvariantCulture, $"uses {what} at character {_at}, which this version does not know"), isUnknown: true);
}
