namespace YiSharp.Text.Jinja;

/// <summary>Walks a template's tree and writes its text.</summary>
internal sealed partial class Interpreter
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private readonly Globals _globals;
    private readonly TextBuilder _root = new();
    private readonly List<TextSpan> _generations = [];
    private Scope _scope;
    private TextBuilder _output;
    private int _macroDepth;

    private Interpreter(Scope variables, DateTime now)
    {
        _scope = new Scope(variables);
        _output = _root;
        _globals = new Globals(this, now);
    }

    public Budget Budget { get; } = new();

    /// <summary>Renders a template.</summary>
    /// <param name="template">Its tree.</param>
    /// <param name="variables">What it may name.</param>
    /// <param name="now">The clock of <c>strftime_now</c>.</param>
    public static TemplatedText Render(IReadOnlyList<Statement> template, Scope variables, DateTime now)
    {
        var interpreter = new Interpreter(variables, now);
        Budget? before = interpreter.Budget.Enter();
        try
        {
            interpreter.Run(template);
        }
        finally
        {
            Budget.Leave(before);
        }
        TextValue text = interpreter._root.ToText();
        return new TemplatedText(text.Value, text.TemplateSpans, interpreter._generations);
    }

    private Flow Run(IReadOnlyList<Statement> body)
    {
        foreach (Statement statement in body)
        {
            Flow flow = Run(statement);
            if (flow != Flow.Next) return flow;
        }
        return Flow.Next;
    }

    private Flow Run(Statement statement)
    {
        Budget.Descend();
        try
        {
            Budget.Spend();
            return RunKind(statement);
        }
        catch (TemplateException e) when (e.Line == 0)
        {
            throw new TemplateException(e.Kind, e.Reason, statement.Line);
        }
    }

    private Flow RunKind(Statement statement)
    {
        switch (statement)
        {
            case DataStatement data:
                Write(data.Text);
                return Flow.Next;
            case PrintStatement print:
                Write(Python.Str(Evaluate(print.Value), Budget));
                return Flow.Next;
            case IfStatement choice:
                foreach ((Expression? test, IReadOnlyList<Statement> body) in choice.Branches)
                {
                    if (test is null || Python.Truth(Evaluate(test))) return Run(body);
                }
                return Flow.Next;
            case ForStatement loop:
                RunLoop(loop, Evaluate(loop.Items), depth0: 0);
                return Flow.Next;
            case SetStatement set:
                RequireNamespaces(set.Target);
                Assign(set.Target, Evaluate(set.Value));
                return Flow.Next;
            case SetBlockStatement set:
                TextValue text = Capture(set.Body, new Scope(_scope));
                Assign(set.Target, set.Filter is null ? text : Evaluate(WithInput(set.Filter, text)));
                return Flow.Next;
            case MacroStatement macro:
                _scope.Set(macro.Macro.Name, new MacroValue(macro.Macro, _scope));
                return Flow.Next;
            case CallStatement call:
                Write(Python.Str(EvaluateCall(call.Call, new MacroValue(call.Caller, _scope)), Budget));
                return Flow.Next;
            case FilterStatement filter:
                Write(Python.Str(Evaluate(WithInput(filter.Filter, Capture(filter.Body, new Scope(_scope)))), Budget));
                return Flow.Next;
            case WithStatement with:
                return RunWith(with);
            case GenerationStatement generation:
                TextValue written = Capture(generation.Body, new Scope(_scope));
                _generations.Add(new TextSpan(_root.Length, written.Length));
                Write(written);
                return Flow.Next;
            case ScopeStatement block:
                Write(Capture(block.Body, new Scope(_scope)));
                return Flow.Next;
            case RefusedStatement refused:
                throw Fail.Runtime(refused.Reason);
            case LoopControl control:
                return control.Breaks ? Flow.Break : Flow.Continue;
            default:
                throw new InvalidOperationException($"No rule for {statement.GetType().Name}.");
        }
    }

    private void Write(TextValue text)
    {
        Budget.SpendText(text.Length);
        if (_output.Length + (long)text.Length > Budget.MaxTextLength) Budget.SpendText(_output.Length + (long)text.Length);
        _output.Append(text);
    }

    /// <summary>Runs a body in a scope and returns its text instead of writing it.</summary>
    private TextValue Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        (Scope outerScope, TextBuilder outerOutput) = (_scope, _output);
        (_scope, _output) = (scope, new TextBuilder());
        try
        {
            Run(body);
            return _output.ToText();
        }
        finally
        {
            (_scope, _output) = (outerScope, outerOutput);
        }
    }

    private Flow RunWith(WithStatement with)
    {
        Scope outer = _scope;
        var inner = new Scope(outer);
        object?[] values = [.. with.Assignments.Select(assignment => Evaluate(assignment.Value))];
        _scope = inner;
        for (int i = 0; i < values.Length; i++) Assign(with.Assignments[i].Target, values[i]);
        Flow flow = Run(with.Body);
        _scope = outer;
        return flow;
    }

    private void RunLoop(ForStatement loop, object? sequence, int depth0)
    {
        Scope outer = _scope;
        List<object?> items = Materialize(sequence);
        if (loop.Filter is not null)
        {
            items = items.FindAll(item =>
            {
                _scope = new Scope(outer);
                Assign(loop.Target, item);
                return Python.Truth(Evaluate(loop.Filter));
            });
            _scope = outer;
        }

        Func<object?, TextValue>? recurse = !loop.Recursive ? null : inner => CaptureLoop(loop, inner, depth0 + 1, outer);
        var state = new LoopValue(items, depth0, recurse);
        for (int i = 0; i < items.Count; i++)
        {
            Budget.Spend();
            state.Index0 = i;
            _scope = new Scope(outer);
            _scope.Set("loop", state);
            Assign(loop.Target, items[i]);
            if (Run(loop.Body) == Flow.Break) break;
        }
        _scope = new Scope(outer);
        if (items.Count == 0) Run(loop.Else);
        _scope = outer;
    }

    private TextValue CaptureLoop(ForStatement loop, object? items, int depth0, Scope scope)
    {
        Budget.Descend();
        (Scope outerScope, TextBuilder outerOutput) = (_scope, _output);
        (_scope, _output) = (scope, new TextBuilder());
        try
        {
            RunLoop(loop, items, depth0);
            return _output.ToText();
        }
        finally
        {
            (_scope, _output) = (outerScope, outerOutput);
        }
    }

    /// <summary>The items of a sequence as a list, paid for.</summary>
    public List<object?> Materialize(object? sequence)
    {
        if (Python.Length(sequence) is { } length) Budget.SpendItems(length);
        var items = new List<object?>();
        foreach (object? item in Python.Iterate(sequence))
        {
            if (items.Count % 4 == 0) Budget.SpendItems(items.Count == 0 ? 0 : 4);
            items.Add(item);
        }
        return items;
    }

    private void RequireNamespaces(Expression target)
    {
        if (target is NamespaceTarget place) Namespace(place);
        else if (target is TupleExpression tuple)
        {
            foreach (Expression item in tuple.Items) RequireNamespaces(item);
        }
    }

    private NamespaceValue Namespace(NamespaceTarget place) =>
        _scope.TryGet(place.Namespace, out object? found) && found is NamespaceValue attributes ? attributes : throw Fail.Runtime("cannot assign attribute on non-namespace object");

    private void Assign(Expression target, object? value)
    {
        switch (target)
        {
            case Name name:
                _scope.Set(name.Identifier, value);
                break;
            case NamespaceTarget place:
                Namespace(place).Set(place.Attribute, value);
                break;
            case TupleExpression tuple:
                if (!Python.IsIterable(value)) throw Fail.Type($"cannot unpack non-iterable {Python.TypeName(value)} object");
                List<object?> items = Materialize(value);
                if (items.Count != tuple.Items.Count)
                {
                    throw Fail.Value(items.Count < tuple.Items.Count
                        ? $"not enough values to unpack (expected {tuple.Items.Count}, got {items.Count})"
                        : $"too many values to unpack (expected {tuple.Items.Count})");
                }
                for (int i = 0; i < items.Count; i++) Assign(tuple.Items[i], items[i]);
                break;
            default:
                throw new InvalidOperationException($"No rule for assigning to {target.GetType().Name}.");
        }
    }

    /// <summary>A chain of filters over a text instead of over nothing.</summary>
    private static Expression WithInput(Expression filter, TextValue input)
    {
        var call = (FilterCall)filter;
        return call with { Input = call.Input is null ? new Literal(call.Line, input) : WithInput(call.Input, input) };
    }
}
