namespace YiSharp.Text.Jinja;

/// <summary>Tokens to a tree (jinja2 3.1.6 <c>parser.py</c>), with loop controls and <c>{% generation %}</c>.</summary>
internal sealed partial class Parser
{
    private readonly List<Token> _tokens;
    private readonly Stack<string> _openTags = [];
    private readonly Stack<string[]> _awaitedTags = [];
    private readonly Dictionary<string, List<int>> _places = new(StringComparer.Ordinal);
    private int _at;
    private int _loopDepth;
    /// <summary>How many conditions of the present scope stand around: there, an unknown filter is an error only when it is reached.</summary>
    private int _conditionDepth;

    private Parser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_at];

    public static IReadOnlyList<Statement> Parse(string source)
    {
        var parser = new Parser(Lexer.Tokenize(source));
        return parser.Body([]);
    }

    /// <summary>Statements up to one of the end tags, whose name is left to be read; with none, up to the end.</summary>
    private List<Statement> Body(string[] endTags)
    {
        Budget.Descend();
        var body = new List<Statement>();
        _awaitedTags.Push(endTags);
        while (Current.Kind != TokenKind.End)
        {
            Token token = Next();
            if (token.Kind == TokenKind.Data) body.Add(new DataStatement(token.Line, TextValue.FromTemplate(token.Value)));
            else if (token.Kind == TokenKind.VariableBegin)
            {
                body.Add(new PrintStatement(token.Line, Tuple(explicitParentheses: false)));
                Expect(TokenKind.VariableEnd, "end of print statement");
            }
            else
            {
                if (Current.Kind == TokenKind.Name && Array.IndexOf(endTags, Current.Value) >= 0)
                {
                    _awaitedTags.Pop();
                    return body;
                }
                if (Statement() is { } statement) body.Add(statement);
            }
        }
        if (_openTags.Count > 0) throw Error($"Unexpected end of template. Jinja was looking for the following tags: {List(endTags)}. The innermost block that needs to be closed is '{_openTags.Peek()}'.");
        _awaitedTags.Pop();
        return body;
    }

    private Statement? Statement()
    {
        Token tag = Current;
        if (tag.Kind != TokenKind.Name) throw Error("tag name expected");
        Next();
        if (tag.Value is "break" or "continue")
        {
            if (_loopDepth == 0) throw new TemplateException(TemplateErrorKind.Other, $"SyntaxError: '{tag.Value}' outside loop", tag.Line);
            EndOfTag();
            return new LoopControl(tag.Line, tag.Value == "break");
        }
        if (!StatementParsers.TryGetValue(tag.Value, out Func<Parser, Token, Statement?>? parse)) throw UnknownTag(tag);
        _openTags.Push(tag.Value);
        Statement? statement = parse(this, tag);
        _openTags.Pop();
        EndOfTag();
        return statement;
    }

    private static readonly Dictionary<string, Func<Parser, Token, Statement?>> StatementParsers = new(StringComparer.Ordinal)
    {
        ["if"] = (parser, tag) => parser.If(tag),
        ["for"] = (parser, tag) => parser.For(tag),
        ["set"] = (parser, tag) => parser.Set(tag),
        ["macro"] = (parser, tag) => parser.Macro(tag),
        ["call"] = (parser, tag) => parser.CallBlock(tag),
        ["filter"] = (parser, tag) => parser.FilterBlock(tag),
        ["with"] = (parser, tag) => parser.With(tag),
        ["generation"] = (parser, tag) => new GenerationStatement(tag.Line, parser.Block("endgeneration", inFunction: true)),
        ["block"] = (parser, tag) => parser.NamedBlock(tag),
        ["include"] = (parser, tag) => parser.OtherTemplate(tag),
        ["import"] = (parser, tag) => parser.OtherTemplate(tag),
        ["from"] = (parser, tag) => parser.OtherTemplate(tag),
        ["extends"] = (parser, tag) => parser.OtherTemplate(tag),
        ["autoescape"] = (parser, tag) => parser.AutoEscape(tag),
        ["print"] = (parser, tag) => new PrintStatement(tag.Line, parser.Tuple(explicitParentheses: false)),
    };

    private IfStatement If(Token tag)
    {
        var branches = new List<(Expression?, IReadOnlyList<Statement>)>();
        _conditionDepth++;
        Expression? test = Tuple(explicitParentheses: false, withConditional: false);
        while (true)
        {
            EndOfTag();
            List<Statement> body = Body(test is null ? ["endif"] : ["elif", "else", "endif"]);
            branches.Add((test, body));
            Token next = Next();
            if (next.Value == "endif") break;
            test = next.Value == "elif" ? Tuple(explicitParentheses: false, withConditional: false) : null;
        }
        _conditionDepth--;
        return new IfStatement(tag.Line, branches);
    }

    private ForStatement For(Token tag)
    {
        Expression target = AssignmentTarget(endsAtIn: true);
        ExpectName("in");
        Expression items = Tuple(explicitParentheses: false, withConditional: false, endsAtRecursive: true);
        int conditions = _conditionDepth;
        _conditionDepth = 0;
        Expression? filter = SkipName("if") ? Expression() : null;
        bool recursive = SkipName("recursive");
        EndOfTag();
        _loopDepth++;
        List<Statement> body = Body(["endfor", "else"]);
        _loopDepth--;
        List<Statement> otherwise = [];
        if (Next().Value == "else")
        {
            EndOfTag();
            otherwise = Body(["endfor"]);
            Next();
        }
        _conditionDepth = conditions;
        return new ForStatement(tag.Line, target, items, filter, recursive, body, otherwise);
    }

    private Statement Set(Token tag)
    {
        Expression target = AssignmentTarget(endsAtIn: false);
        if (SkipOperator("=")) return new SetStatement(tag.Line, target, Tuple(explicitParentheses: false));
        Expression? filter = Filters(null);
        return new SetBlockStatement(tag.Line, target, filter, Block("endset"));
    }

    private MacroStatement Macro(Token tag)
    {
        string name = AssignmentName().Identifier;
        return new MacroStatement(tag.Line, MacroBody(tag, name, Parameters(), "endmacro"));
    }

    private CallStatement CallBlock(Token tag)
    {
        List<(string, Expression?)> parameters = Current.Is("(") ? Parameters() : [];
        int line = Current.Line;
        if (Expression() is not Call call) throw new TemplateException(TemplateErrorKind.Syntax, "expected call", line);
        return new CallStatement(tag.Line, call, MacroBody(tag, "caller", parameters, "endcall"));
    }

    private MacroDefinition MacroBody(Token tag, string name, List<(string, Expression?)> parameters, string endTag)
    {
        int start = _at;
        List<Statement> body = Block(endTag, inFunction: true);
        bool Uses(string identifier)
        {
            List<int> places = PlacesOf(identifier);
            int first = places.BinarySearch(start);
            if (first < 0) first = ~first;
            return first < places.Count && places[first] < _at;
        }
        return new MacroDefinition(tag.Line, name, parameters, body) { UsesVarargs = Uses("varargs"), UsesKwargs = Uses("kwargs"), UsesCaller = Uses("caller") };
    }

    /// <summary>Where a name stands among the tokens; macros inside of macros ask again and again.</summary>
    private List<int> PlacesOf(string identifier)
    {
        if (_places.TryGetValue(identifier, out List<int>? places)) return places;
        places = [];
        for (int i = 0; i < _tokens.Count; i++)
        {
            if (_tokens[i].IsName(identifier)) places.Add(i);
        }
        _places.Add(identifier, places);
        return places;
    }

    private List<(string, Expression?)> Parameters()
    {
        var parameters = new List<(string, Expression?)>();
        ExpectOperator("(");
        while (!Current.Is(")"))
        {
            if (parameters.Count > 0) ExpectOperator(",");
            string name = AssignmentName().Identifier;
            if (SkipOperator("=")) parameters.Add((name, Expression()));
            else if (parameters.Count > 0 && parameters[^1].Item2 is not null) throw Error("non-default argument follows default argument");
            else parameters.Add((name, null));
        }
        ExpectOperator(")");
        return parameters;
    }

    private FilterStatement FilterBlock(Token tag)
    {
        Expression filter = Filters(null, startsInline: true)!;
        return new FilterStatement(tag.Line, filter, Block("endfilter"));
    }

    private WithStatement With(Token tag)
    {
        var assignments = new List<(Expression, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0) ExpectOperator(",");
            Expression target = AssignmentTarget(endsAtIn: false, withTuple: false);
            ExpectOperator("=");
            assignments.Add((target, Expression()));
        }
        return new WithStatement(tag.Line, assignments, Block("endwith"));
    }

    private ScopeStatement NamedBlock(Token tag)
    {
        Expect(TokenKind.Name, "name");
        while (SkipName("scoped") || SkipName("required")) { }
        List<Statement> body = Block("endblock");
        if (Current.Kind == TokenKind.Name) Next();
        return new ScopeStatement(tag.Line, body);
    }

    /// <summary>A tag that names another template: there is none, which is an error where it is reached.</summary>
    private RefusedStatement OtherTemplate(Token tag)
    {
        while (Current.Kind is not (TokenKind.BlockEnd or TokenKind.End)) Next();
        return new RefusedStatement(tag.Line, $"{{% {tag.Value} %}} needs another template; a chat template stands alone");
    }

    private Statement AutoEscape(Token tag)
    {
        Expression isOn = Expression();
        List<Statement> body = Block("endautoescape");
        return isOn is Literal { Value: false } ? new ScopeStatement(tag.Line, body)
            : new RefusedStatement(tag.Line, "{% autoescape %} is known with false only; write |e where a text is to be escaped");
    }

    /// <summary>The rest of a tag, a body, and the name of its end tag.</summary>
    private List<Statement> Block(string endTag, bool inFunction = false)
    {
        EndOfTag();
        (int loops, int conditions) = (_loopDepth, _conditionDepth);
        if (inFunction) _loopDepth = 0;
        _conditionDepth = 0;
        List<Statement> body = Body([endTag]);
        (_loopDepth, _conditionDepth) = (loops, conditions);
        Next();
        return body;
    }

    private void EndOfTag() => Expect(TokenKind.BlockEnd, "end of statement block");

    private Expression AssignmentTarget(bool endsAtIn, bool withTuple = true)
    {
        Expression first = AssignmentPart(withNamespace: !endsAtIn);
        if (!withTuple || !Current.Is(",")) return first;
        var items = new List<Expression> { first };
        while (SkipOperator(","))
        {
            if (Current.Is("=") || Current.Is(")") || Current.IsName("in") || Current.Kind == TokenKind.BlockEnd) break;
            items.Add(AssignmentPart(withNamespace: !endsAtIn));
        }
        return new TupleExpression(first.Line, items);
    }

    private Expression AssignmentPart(bool withNamespace)
    {
        Budget.Descend();
        if (SkipOperator("("))
        {
            Expression inner = AssignmentTarget(endsAtIn: !withNamespace);
            ExpectOperator(")");
            return inner;
        }
        if (withNamespace && Current.Kind == TokenKind.Name && _tokens[_at + 1].Is("."))
        {
            Token name = Next();
            Next();
            return new NamespaceTarget(name.Line, name.Value, Expect(TokenKind.Name, "name").Value);
        }
        return AssignmentName();
    }

    private Name AssignmentName()
    {
        Token token = Expect(TokenKind.Name, "name");
        if (token.Value is "true" or "false" or "none" or "True" or "False" or "None") throw new TemplateException(TemplateErrorKind.Syntax, $"can't assign to '{token.Value}'", token.Line);
        return new Name(token.Line, token.Value);
    }

    private TemplateException UnknownTag(Token tag)
    {
        string reason = $"Encountered unknown tag '{tag.Value}'.";
        if (_awaitedTags.Count > 0 && _awaitedTags.Peek() is { Length: > 0 } awaited)
            reason += $" Jinja was looking for the following tags: {List(awaited)}. The innermost block that needs to be closed is '{_openTags.Peek()}'.";
        return new TemplateException(TemplateErrorKind.Syntax, reason, tag.Line);
    }

    private static string List(string[] tags) => string.Join(" or ", tags.Select(tag => $"'{tag}'"));
}
