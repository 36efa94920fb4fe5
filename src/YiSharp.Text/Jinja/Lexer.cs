using System.Buffers;
using System.Globalization;

namespace YiSharp.Text.Jinja;

/// <summary>
/// Source to tokens, with the white-space rules of transformers' chat templates: <c>trim_blocks</c> and <c>lstrip_blocks</c> on, one newline at the end dropped
/// (jinja2 3.1.6 <c>lexer.py</c>).
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private static readonly SearchValues<char> DigitsAndUnderscore = SearchValues.Create("0123456789_");

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _brackets = [];
    private int _position;
    private int _line = 1;
    private bool _lineStarting = true;

    private Lexer(string source) => _source = source;

    public static List<Token> Tokenize(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n')) source = source[..^1];
        var lexer = new Lexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    /// <summary>Python's white space: Unicode's, and U+001C … U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    private void Run()
    {
        while (_position < _source.Length)
        {
            int tag = NextTag(_position);
            if (tag < 0)
            {
                AddData(_source[_position..]);
                break;
            }
            char kind = _source[tag + 1];
            char sign = tag + 2 < _source.Length && _source[tag + 2] is '-' or '+' ? _source[tag + 2] : '\0';
            AddData(StripBefore(_source[_position..tag], sign, stripLine: kind != '{'));
            Advance(tag - _position);
            if (kind == '#') Comment(sign);
            else if (kind == '%' && RawBegin(tag) is { } rawBegin) Raw(rawBegin);
            else Tag(kind == '{', sign);
        }
        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int NextTag(int from)
    {
        for (int at = from; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#') return at;
        }
        return -1;
    }

    /// <summary>What is left of the text before a tag.</summary>
    private string StripBefore(string text, char sign, bool stripLine)
    {
        if (sign == '-') return TrimEnd(text);
        if (sign == '+' || !stripLine) return text;
        int lineStart = text.LastIndexOf('\n') + 1;
        bool onLineStart = lineStart > 0 || _lineStarting;
        return onLineStart && AllSpace(text.AsSpan(lineStart)) ? text[..lineStart] : text;
    }

    private void Comment(char sign)
    {
        int start = _position + (sign == '\0' ? 2 : 3);
        int end = _source.IndexOf("#}", start, StringComparison.Ordinal);
        if (end < 0) throw Error("Missing end of comment tag", _line);
        AfterTag(end + 2, end > start ? _source[end - 1] : '\0', trimsNewline: true);
    }

    /// <summary>Where a raw block's content begins, when the tag opens one.</summary>
    private int? RawBegin(int tag)
    {
        int at = tag + 2;
        if (at < _source.Length && _source[at] is '-' or '+') at++;
        at = SkipSpace(at);
        if (!_source.AsSpan(at).StartsWith("raw")) return null;
        at = SkipSpace(at + 3);
        if (_source.AsSpan(at).StartsWith("%}")) return at + 2;
        return _source.AsSpan(at).StartsWith("-%}") ? SkipSpace(at + 3) : null;
    }

    private void Raw(int contentStart)
    {
        int openLine = _line;
        Advance(contentStart - _position);
        _lineStarting = _source[contentStart - 1] == '\n';
        for (int tag = _position; (tag = _source.IndexOf("{%", tag, StringComparison.Ordinal)) >= 0; tag++)
        {
            int at = tag + 2;
            char sign = at < _source.Length && _source[at] is '-' or '+' ? _source[at++] : '\0';
            at = SkipSpace(at);
            if (!_source.AsSpan(at).StartsWith("endraw")) continue;
            at = SkipSpace(at + 6);
            char endSign = at < _source.Length && _source[at] is '-' or '+' ? _source[at++] : '\0';
            if (!_source.AsSpan(at).StartsWith("%}")) continue;
            AddData(StripBefore(_source[_position..tag], sign, stripLine: true));
            AfterTag(at + 2, endSign, trimsNewline: true);
            return;
        }
        throw Error("Missing end of raw directive", openLine);
    }

    private void Tag(bool isVariable, char sign)
    {
        _tokens.Add(new Token(isVariable ? TokenKind.VariableBegin : TokenKind.BlockBegin, "", _line));
        Advance(sign == '\0' ? 2 : 3);
        _brackets.Clear();
        string close = isVariable ? "}}" : "%}";
        while (true)
        {
            Advance(SkipSpace(_position) - _position);
            if (_position >= _source.Length) return; // the parser says what is missing
            ReadOnlySpan<char> rest = _source.AsSpan(_position);
            bool signed = rest[0] == '-' || (rest[0] == '+' && !isVariable);
            if (_brackets.Count == 0 && (rest.StartsWith(close) || (signed && rest[1..].StartsWith(close))))
            {
                _tokens.Add(new Token(isVariable ? TokenKind.VariableEnd : TokenKind.BlockEnd, "", _line));
                AfterTag(_position + (signed ? 3 : 2), signed ? rest[0] : '\0', trimsNewline: !isVariable);
                return;
            }
            Expression(rest);
        }
    }

    private void Expression(ReadOnlySpan<char> rest)
    {
        char c = rest[0];
        if (char.IsAsciiDigit(c)) Number(rest);
        else if (c is '\'' or '"') String(rest);
        else if (IsNamePart(c))
        {
            int length = 1;
            while (length < rest.Length && (IsNamePart(rest[length]) || char.IsDigit(rest[length]))) length++;
            Add(TokenKind.Name, rest[..length].ToString(), length);
        }
        else
        {
            foreach (string sign in Operators)
            {
                if (!rest.StartsWith(sign)) continue;
                Balance(sign);
                Add(TokenKind.Operator, sign, sign.Length);
                return;
            }
            throw Error($"unexpected char {Quoted(c)} at {_position}", _line);
        }
    }

    private void Number(ReadOnlySpan<char> rest)
    {
        bool afterDot = _position > 0 && _source[_position - 1] == '.';
        if (rest.Length > 2 && rest[0] == '0' && char.ToLowerInvariant(rest[1]) is 'x' or 'o' or 'b' && DigitsOfBase(rest) is var based and > 2)
        {
            Add(TokenKind.Integer, rest[..based].ToString().Replace("_", "", StringComparison.Ordinal), based);
            return;
        }
        int whole = DigitRun(rest, 0);
        int end = whole;
        if (!afterDot)
        {
            if (end + 1 < rest.Length && rest[end] == '.' && char.IsAsciiDigit(rest[end + 1])) end = DigitRun(rest, end + 1);
            int exponent = end;
            if (exponent < rest.Length && rest[exponent] is 'e' or 'E')
            {
                exponent++;
                if (exponent < rest.Length && rest[exponent] is '+' or '-') exponent++;
                if (exponent < rest.Length && char.IsAsciiDigit(rest[exponent])) end = DigitRun(rest, exponent);
            }
        }
        Add(end > whole ? TokenKind.Float : TokenKind.Integer, rest[..end].ToString().Replace("_", "", StringComparison.Ordinal), end);
    }

    private void String(ReadOnlySpan<char> rest)
    {
        char quote = rest[0];
        int end = 1;
        while (end < rest.Length && rest[end] != quote) end += rest[end] == '\\' ? 2 : 1;
        if (end >= rest.Length) throw Error($"unexpected char {Quoted(quote)} at {_position}", _line);
        Add(TokenKind.String, StringLiteral.Decode(rest[1..end], _line), end + 1);
    }

    private void Balance(string sign)
    {
        if (sign is "(" or "[" or "{") _brackets.Push(sign switch { "(" => ')', "[" => ']', _ => '}' });
        if (sign is not (")" or "]" or "}")) return;
        if (_brackets.Count == 0) throw Error($"unexpected '{sign}'", _line);
        char expected = _brackets.Pop();
        if (expected != sign[0]) throw Error($"unexpected '{sign}', expected '{expected}'", _line);
    }

    private void Add(TokenKind kind, string value, int length)
    {
        _tokens.Add(new Token(kind, value, _line));
        Advance(length);
    }

    private void AddData(string text)
    {
        if (text.Length > 0) _tokens.Add(new Token(TokenKind.Data, text, _line));
    }

    private void AfterTag(int end, char sign, bool trimsNewline)
    {
        if (sign == '-') end = SkipSpace(end);
        else if (trimsNewline && sign != '+' && end < _source.Length && _source[end] == '\n') end++;
        _lineStarting = _source[end - 1] == '\n';
        Advance(end - _position);
    }

    private void Advance(int length)
    {
        _line += _source.AsSpan(_position, length).Count('\n');
        _position += length;
    }

    private int SkipSpace(int at)
    {
        while (at < _source.Length && IsSpace(_source[at])) at++;
        return at;
    }

    private static int DigitRun(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && DigitsAndUnderscore.Contains(text[end])) end++;
        while (end > start && text[end - 1] == '_') end--;
        return end;
    }

    private static int DigitsOfBase(ReadOnlySpan<char> text)
    {
        char radix = char.ToLowerInvariant(text[1]);
        int end = 2;
        while (end < text.Length && (text[end] == '_' || (radix switch { 'x' => char.IsAsciiHexDigit(text[end]), 'o' => text[end] is >= '0' and <= '7', _ => text[end] is '0' or '1' }))) end++;
        while (text[end - 1] == '_') end--;
        return end;
    }

    private static bool IsNamePart(char c) => c == '_' || char.IsLetter(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.LetterNumber;

    private static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    private static bool AllSpace(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!IsSpace(c)) return false;
        }
        return true;
    }

    private static string Quoted(char c) => c == '\'' ? "\"'\"" : $"'{c}'";

    private static TemplateException Error(string reason, int line) => new(TemplateErrorKind.Syntax, reason, line);
}
