using System.Globalization;
using System.Numerics;
using System.Text;

namespace YiSharp.Text.Jinja;

/// <content>Expressions, from the loosest binding to the tightest.</content>
internal sealed partial class Parser
{
    private static readonly Dictionary<string, object?> Constants = new(StringComparer.Ordinal)
    {
        ["true"] = true,
        ["True"] = true,
        ["false"] = false,
        ["False"] = false,
        ["none"] = null,
        ["None"] = null,
    };

    private Expression Expression(bool withConditional = true)
    {
        Budget.Descend();
        Expression value = Or();
        while (withConditional && Current.IsName("if"))
        {
            int line = Next().Line;
            _conditionDepth++;
            Expression test = Or();
            Expression? otherwise = SkipName("else") ? Expression() : null;
            _conditionDepth--;
            value = new Conditional(line, test, value, otherwise);
        }
        return value;
    }

    private Expression Or() => LeftToRight(And, "or");

    private Expression And() => LeftToRight(Not, "and");

    private Expression Not()
    {
        Budget.Descend();
        return Current.IsName("not") ? new Unary(Next().Line, "not", Not()) : Comparison();
    }

    private Expression Comparison()
    {
        Expression first = Sum();
        List<(string, Expression)>? rest = null;
        while (true)
        {
            string? sign = null;
            if (Current.Kind == TokenKind.Operator && Current.Value is "==" or "!=" or "<" or "<=" or ">" or ">=") sign = Next().Value;
            else if (SkipName("in")) sign = "in";
            else if (Current.IsName("not") && _tokens[_at + 1].IsName("in"))
            {
                _at += 2;
                sign = "not in";
            }
            if (sign is null) break;
            (rest ??= []).Add((sign, Sum()));
        }
        return rest is null ? first : new Comparison(first.Line, first, rest);
    }

    private Expression Sum() => LeftToRight(Concatenation, "+", "-");

    private Expression Concatenation()
    {
        Expression first = Product();
        if (!Current.Is("~")) return first;
        var parts = new List<Expression> { first };
        while (SkipOperator("~")) parts.Add(Product());
        return new Concatenation(first.Line, parts);
    }

    private Expression Product() => LeftToRight(Power, "*", "/", "//", "%");

    private Expression Power() => LeftToRight(() => Sign(withFilters: true), "**");

    private Expression Sign(bool withFilters)
    {
        Budget.Descend();
        Token token = Current;
        Expression value;
        if (token.Is("-") || token.Is("+"))
        {
            Next();
            value = new Unary(token.Line, token.Value, Sign(withFilters: false));
        }
        else value = Primary();
        value = Postfix(value);
        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        Token token = Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return Constants.TryGetValue(token.Value, out object? constant) ? new Literal(token.Line, constant) : new Name(token.Line, token.Value);
            case TokenKind.String:
                if (Current.Kind != TokenKind.String) return new Literal(token.Line, TextValue.FromTemplate(token.Value));
                var text = new StringBuilder(token.Value);
                while (Current.Kind == TokenKind.String) text.Append(Next().Value);
                return new Literal(token.Line, TextValue.FromTemplate(text.ToString()));
            case TokenKind.Integer:
                return new Literal(token.Line, Integer(token));
            case TokenKind.Float:
                return new Literal(token.Line, double.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Value == "(":
                Expression inner = Tuple(explicitParentheses: true);
                ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Value == "[":
                return ListLiteral(token);
            case TokenKind.Operator when token.Value == "{":
                return DictLiteral(token);
            default:
                throw new TemplateException(TemplateErrorKind.Syntax, $"unexpected '{token.Describe()}'", token.Line);
        }
    }

    private Expression Tuple(bool explicitParentheses, bool withConditional = true, bool endsAtRecursive = false)
    {
        int line = Current.Line;
        var items = new List<Expression>();
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0) ExpectOperator(",");
            if (Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || Current.Is(")") || (endsAtRecursive && Current.IsName("recursive"))) break;
            items.Add(Expression(withConditional));
            if (!Current.Is(",")) break;
            isTuple = true;
        }
        if (isTuple) return new TupleExpression(line, items);
        if (items.Count > 0) return items[0];
        if (!explicitParentheses) throw Error($"Expected an expression, got '{Current.Describe()}'");
        return new TupleExpression(line, items);
    }

    private ListExpression ListLiteral(Token open)
    {
        var items = new List<Expression>();
        while (!Current.Is("]"))
        {
            if (items.Count > 0) ExpectOperator(",");
            if (Current.Is("]")) break;
            items.Add(Expression());
        }
        ExpectOperator("]");
        return new ListExpression(open.Line, items);
    }

    private DictExpression DictLiteral(Token open)
    {
        var entries = new List<(Expression, Expression)>();
        while (!Current.Is("}"))
        {
            if (entries.Count > 0) ExpectOperator(",");
            if (Current.Is("}")) break;
            Expression key = Expression();
            ExpectOperator(":");
            entries.Add((key, Expression()));
        }
        ExpectOperator("}");
        return new DictExpression(open.Line, entries);
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (Current.Is(".") || Current.Is("[")) value = Subscript(value);
            else if (Current.Is("(")) value = new Call(Current.Line, value, CallArguments());
            else return value;
        }
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.Is("|")) value = Filters(value)!;
            else if (Current.IsName("is")) value = Test(value);
            else if (Current.Is("(")) value = new Call(Current.Line, value, CallArguments());
            else return value;
        }
    }

    private Expression Subscript(Expression target)
    {
        Token open = Next();
        if (open.Is("."))
        {
            Token attribute = Next();
            if (attribute.Kind == TokenKind.Name) return new AttributeOf(attribute.Line, target, attribute.Value);
            if (attribute.Kind != TokenKind.Integer) throw new TemplateException(TemplateErrorKind.Syntax, "expected name or number", attribute.Line);
            return new ItemOf(attribute.Line, target, new Literal(attribute.Line, Integer(attribute)));
        }
        var indices = new List<Expression>();
        while (!Current.Is("]"))
        {
            if (indices.Count > 0) ExpectOperator(",");
            indices.Add(SliceOrIndex());
        }
        ExpectOperator("]");
        return new ItemOf(open.Line, target, indices.Count == 1 ? indices[0] : new TupleExpression(open.Line, indices));
    }

    private Expression SliceOrIndex()
    {
        int line = Current.Line;
        Expression? start = null;
        if (!Current.Is(":"))
        {
            start = Expression();
            if (!Current.Is(":")) return start;
        }
        Next();
        Expression? stop = Current.Is(":") || Current.Is("]") || Current.Is(",") ? null : Expression();
        Expression? step = SkipOperator(":") && !Current.Is("]") && !Current.Is(",") ? Expression() : null;
        return new SliceExpression(line, start, stop, step);
    }

    private CallArguments CallArguments()
    {
        ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? rest = null, namedRest = null;
        bool first = true;
        while (!Current.Is(")"))
        {
            if (!first)
            {
                ExpectOperator(",");
                if (Current.Is(")")) break;
            }
            first = false;
            int line = Current.Line;
            bool valid;
            if (SkipOperator("*")) (valid, rest) = (rest is null && namedRest is null, Expression());
            else if (SkipOperator("**")) (valid, namedRest) = (namedRest is null, Expression());
            else if (Current.Kind == TokenKind.Name && _tokens[_at + 1].Is("="))
            {
                valid = namedRest is null;
                string name = Next().Value;
                Next();
                named.Add((name, Expression()));
            }
            else
            {
                valid = rest is null && namedRest is null && named.Count == 0;
                positional.Add(Expression());
            }
            if (!valid) throw new TemplateException(TemplateErrorKind.Syntax, "invalid syntax for function call expression", line);
        }
        ExpectOperator(")");
        return new CallArguments(positional, named, rest, namedRest);
    }

    private Expression? Filters(Expression? input, bool startsInline = false)
    {
        while (Current.Is("|") || startsInline)
        {
            if (!startsInline) Next();
            startsInline = false;
            Token token = Current;
            string name = DottedName();
            CallArguments arguments = Current.Is("(") ? CallArguments() : Jinja.CallArguments.None;
            if (_conditionDepth == 0 && !FilterTable.Contains(name)) throw new TemplateException(TemplateErrorKind.Syntax, $"No filter named '{name}'.", token.Line);
            input = new FilterCall(token.Line, input, name, arguments);
        }
        return input;
    }

    private Expression Test(Expression input)
    {
        Next();
        bool negated = SkipName("not");
        Token token = Current;
        string name = DottedName();
        CallArguments arguments = Jinja.CallArguments.None;
        if (Current.Is("(")) arguments = CallArguments();
        else if ((Current.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float || Current.Is("[") || Current.Is("{"))
            && !Current.IsName("else") && !Current.IsName("or") && !Current.IsName("and"))
        {
            if (Current.IsName("is")) throw Error("You cannot chain multiple tests with is");
            arguments = new CallArguments([Postfix(Primary())], [], null, null);
        }
        if (_conditionDepth == 0 && !TestTable.Contains(name)) throw new TemplateException(TemplateErrorKind.Syntax, $"No test named '{name}'.", token.Line);
        Expression test = new TestCall(token.Line, input, name, arguments);
        return negated ? new Unary(token.Line, "not", test) : test;
    }

    private string DottedName()
    {
        string first = Expect(TokenKind.Name, "name").Value;
        if (!Current.Is(".")) return first;
        var name = new StringBuilder(first);
        while (SkipOperator(".")) name.Append('.').Append(Expect(TokenKind.Name, "name").Value);
        return name.ToString();
    }

    private Expression LeftToRight(Func<Expression> operand, params ReadOnlySpan<string> signs)
    {
        Expression left = operand();
        while (Current.Kind is TokenKind.Operator or TokenKind.Name && signs.Contains(Current.Value))
        {
            Token sign = Next();
            left = new Binary(sign.Line, sign.Value, left, operand());
        }
        return left;
    }

    private static object Integer(Token token)
    {
        string digits = token.Value;
        if (digits.Length > 5000) throw new TemplateException(TemplateErrorKind.Syntax, "an integer has more than 5000 digits", token.Line);
        if (digits.Length < 2 || digits[0] != '0' || char.IsAsciiDigit(digits[1])) return BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        int bits = char.ToLowerInvariant(digits[1]) switch { 'x' => 4, 'o' => 3, _ => 1 };
        return digits[2..].Aggregate(BigInteger.Zero, (value, digit) => (value << bits) + Convert.ToInt32(digit.ToString(), 16));
    }

    private Token Next() => _tokens[Current.Kind == TokenKind.End ? _at : _at++];

    private bool SkipName(string name)
    {
        if (!Current.IsName(name)) return false;
        _at++;
        return true;
    }

    private bool SkipOperator(string sign)
    {
        if (!Current.Is(sign)) return false;
        _at++;
        return true;
    }

    private void ExpectName(string name)
    {
        if (!SkipName(name)) throw Expected(name);
    }

    private void ExpectOperator(string sign)
    {
        if (!SkipOperator(sign)) throw Expected(sign);
    }

    private Token Expect(TokenKind kind, string description) => Current.Kind == kind ? Next() : throw Expected(description);

    private TemplateException Expected(string description) => Error(Current.Kind == TokenKind.End
        ? $"unexpected end of template, expected '{description}'."
        : $"expected token '{description}', got '{Current.Describe()}'");

    private TemplateException Error(string reason) => new(TemplateErrorKind.Syntax, reason, Current.Line);
}
