namespace YiSharp.Text.Jinja;

/// <summary>An expression and the line it stands on.</summary>
internal abstract record Expression(int Line);

/// <summary>A literal: text, number, true, false, none.</summary>
internal sealed record Literal(int Line, object? Value) : Expression(Line);

/// <summary>A variable.</summary>
internal sealed record Name(int Line, string Identifier) : Expression(Line);

/// <summary><c>[a, b]</c>.</summary>
internal sealed record ListExpression(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

/// <summary><c>a, b</c>; also the target of an assignment.</summary>
internal sealed record TupleExpression(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

/// <summary><c>{a: b}</c>.</summary>
internal sealed record DictExpression(int Line, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Line);

/// <summary><c>a.b</c>: the attribute first, then the item.</summary>
internal sealed record AttributeOf(int Line, Expression Target, string Attribute) : Expression(Line);

/// <summary><c>a[b]</c>: the item first, then the attribute.</summary>
internal sealed record ItemOf(int Line, Expression Target, Expression Index) : Expression(Line);

/// <summary><c>start:stop:step</c> between brackets.</summary>
internal sealed record SliceExpression(int Line, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

/// <summary>What a call passes: positional, named, <c>*rest</c>, <c>**rest</c>.</summary>
internal sealed record CallArguments(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Rest, Expression? NamedRest)
{
    public static readonly CallArguments None = new([], [], null, null);
}

/// <summary><c>f(…)</c>.</summary>
internal sealed record Call(int Line, Expression Target, CallArguments Arguments) : Expression(Line);

/// <summary><c>value | filter(…)</c>; a null input is the body of a filter or set block.</summary>
internal sealed record FilterCall(int Line, Expression? Input, string Filter, CallArguments Arguments) : Expression(Line);

/// <summary><c>value is test(…)</c>.</summary>
internal sealed record TestCall(int Line, Expression Input, string Test, CallArguments Arguments) : Expression(Line);

/// <summary><c>not</c>, <c>-</c>, <c>+</c>.</summary>
internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

/// <summary>Arithmetic, <c>and</c>, <c>or</c>.</summary>
internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed record Concatenation(int Line, IReadOnlyList<Expression> Parts) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>.</summary>
internal sealed record Comparison(int Line, Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression(Line);

/// <summary><c>a if test else b</c>.</summary>
internal sealed record Conditional(int Line, Expression Test, Expression Then, Expression? Else) : Expression(Line);

/// <summary><c>namespace.attribute</c> as the target of an assignment.</summary>
internal sealed record NamespaceTarget(int Line, string Namespace, string Attribute) : Expression(Line);

/// <summary>A piece of a template and the line it stands on.</summary>
internal abstract record Statement(int Line);

/// <summary>Text as it stands.</summary>
internal sealed record DataStatement(int Line, TextValue Text) : Statement(Line);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record PrintStatement(int Line, Expression Value) : Statement(Line);

/// <summary><c>{% if %}</c> with its alternatives; <c>else</c> has no test.</summary>
internal sealed record IfStatement(int Line, IReadOnlyList<(Expression? Test, IReadOnlyList<Statement> Body)> Branches) : Statement(Line);

/// <summary><c>{% for %}</c>.</summary>
internal sealed record ForStatement(int Line, Expression Target, Expression Items, Expression? Filter, bool Recursive, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else) : Statement(Line);

/// <summary><c>{% set a = b %}</c>.</summary>
internal sealed record SetStatement(int Line, Expression Target, Expression Value) : Statement(Line);

/// <summary><c>{% set a | filter %}…{% endset %}</c>.</summary>
internal sealed record SetBlockStatement(int Line, Expression Target, Expression? Filter, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary>A macro's parameters and body; also the body of a call block.</summary>
internal sealed record MacroDefinition(int Line, string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body)
{
    /// <summary>Whether the body speaks of a name.</summary>
    public required bool UsesVarargs { get; init; }

    /// <summary>Whether the body speaks of <c>kwargs</c>.</summary>
    public required bool UsesKwargs { get; init; }

    /// <summary>Whether the body speaks of <c>caller</c>.</summary>
    public required bool UsesCaller { get; init; }
}

/// <summary><c>{% macro %}</c>.</summary>
internal sealed record MacroStatement(int Line, MacroDefinition Macro) : Statement(Line);

/// <summary><c>{% call(…) f(…) %}…{% endcall %}</c>.</summary>
internal sealed record CallStatement(int Line, Call Call, MacroDefinition Caller) : Statement(Line);

/// <summary><c>{% filter a | b %}…{% endfilter %}</c>.</summary>
internal sealed record FilterStatement(int Line, Expression Filter, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>{% with a = b %}…{% endwith %}</c>.</summary>
internal sealed record WithStatement(int Line, IReadOnlyList<(Expression Target, Expression Value)> Assignments, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>{% generation %}…{% endgeneration %}</c>: what the assistant wrote.</summary>
internal sealed record GenerationStatement(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary>A statement that is an error where it is reached.</summary>
internal sealed record RefusedStatement(int Line, string Reason) : Statement(Line);

/// <summary>A body with a scope of its own: <c>{% block %}</c>.</summary>
internal sealed record ScopeStatement(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed record LoopControl(int Line, bool Breaks) : Statement(Line);
