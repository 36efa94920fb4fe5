namespace YiSharp.Text.Jinja;

/// <content>Expressions.</content>
internal sealed partial class Interpreter
{
    private const int DeepestMacro = 400;

    public object? Evaluate(Expression expression)
    {
        Budget.Descend();
        Budget.Spend();
        try
        {
            return EvaluateKind(expression);
        }
        catch (TemplateException e) when (e.Line == 0)
        {
            throw new TemplateException(e.Kind, e.Reason, expression.Line);
        }
    }

    private object? EvaluateKind(Expression expression) => expression switch
    {
        Literal literal => literal.Value,
        Name name => Lookup(name.Identifier),
        AttributeOf access => Attributes.GetAttribute(this, Evaluate(access.Target), access.Attribute),
        ItemOf access => Item(access),
        Call call => EvaluateCall(call, caller: null),
        FilterCall call => FilterTable.Apply(this, call.Filter, Evaluate(call.Input!), Evaluate(call.Arguments)),
        TestCall call => TestTable.Apply(this, call.Test, Evaluate(call.Input), Evaluate(call.Arguments)),
        Unary unary => EvaluateUnary(unary),
        Binary binary => EvaluateBinary(binary),
        Concatenation concatenation => Concatenate(concatenation),
        Comparison comparison => EvaluateComparison(comparison),
        Conditional conditional => EvaluateConditional(conditional),
        ListExpression list => new ListValue([.. list.Items.Select(Evaluate)]),
        TupleExpression tuple => new TupleValue([.. tuple.Items.Select(Evaluate)]),
        DictExpression dict => EvaluateDict(dict),
        SliceExpression slice => new SliceValue(Evaluated(slice.Start), Evaluated(slice.Stop), Evaluated(slice.Step)),
        _ => throw new InvalidOperationException($"No rule for {expression.GetType().Name}."),
    };

    public object? Lookup(string name)
    {
        Budget.Spend(_scope.Depth / 8);
        if (_scope.TryGet(name, out object? value) || _globals.TryGet(name, out value)) return value;
        return new UndefinedValue($"'{name}' is undefined");
    }

    /// <summary>Calls whatever can be called.</summary>
    public object? Invoke(object? target, Arguments arguments)
    {
        Budget.Spend();
        return target switch
        {
            FunctionValue function => function.Call(arguments),
            MacroValue macro => InvokeMacro(macro, arguments),
            LoopValue loop => loop.Recurse(arguments.Bind("loop", "iterable")[0]),
            RecordValue { Call: { } call } => call.Call(arguments),
            UndefinedValue undefined => throw undefined.Error(),
            _ => throw Fail.Type($"'{Python.TypeName(target)}' object is not callable"),
        };
    }

    private object? Evaluated(Expression? expression) => expression is null ? null : Evaluate(expression);

    private object? Item(ItemOf access)
    {
        object? target = Evaluate(access.Target);
        object? index = Evaluate(access.Index);
        return Attributes.GetItem(this, target, index);
    }

    private object? EvaluateCall(Call call, MacroValue? caller)
    {
        object? target = Evaluate(call.Target);
        Arguments arguments = Evaluate(call.Arguments);
        if (caller is not null) arguments.AddNamed("caller", caller);
        return Invoke(target, arguments);
    }

    private Arguments Evaluate(CallArguments syntax)
    {
        var arguments = new Arguments();
        foreach (Expression argument in syntax.Positional) arguments.Positional.Add(Evaluate(argument));
        if (syntax.Rest is not null) arguments.Positional.AddRange(Materialize(Evaluate(syntax.Rest)));
        foreach ((string name, Expression value) in syntax.Named) arguments.AddNamed(name, Evaluate(value));
        if (syntax.NamedRest is null) return arguments;
        if (Evaluate(syntax.NamedRest) is not DictValue rest) throw Fail.Type("argument after ** must be a mapping");
        Budget.Spend(4L * rest.Count);
        foreach ((object? key, object? value) in rest.Entries)
            arguments.AddNamed(key is TextValue name ? name.Value : throw Fail.Type("keywords must be strings"), value);
        return arguments;
    }

    private object EvaluateUnary(Unary unary)
    {
        object? operand = Evaluate(unary.Operand);
        return unary.Operator == "not" ? !Python.Truth(operand) : Arithmetic.Sign(unary.Operator, operand);
    }

    private object? EvaluateBinary(Binary binary)
    {
        object? left = Evaluate(binary.Left);
        if (binary.Operator == "and") return Python.Truth(left) ? Evaluate(binary.Right) : left;
        if (binary.Operator == "or") return Python.Truth(left) ? left : Evaluate(binary.Right);
        return Arithmetic.Apply(this, binary.Operator, left, Evaluate(binary.Right));
    }

    private TextValue Concatenate(Concatenation concatenation)
    {
        object?[] values = [.. concatenation.Parts.Select(Evaluate)];
        var output = new TextBuilder();
        foreach (object? value in values)
        {
            TextValue text = Python.Str(value, Budget);
            Budget.SpendText(text.Length);
            if (output.Length + (long)text.Length > Budget.MaxTextLength) Budget.SpendText(output.Length + (long)text.Length);
            output.Append(text);
        }
        return output.ToText();
    }

    private object EvaluateComparison(Comparison comparison)
    {
        object? left = Evaluate(comparison.First);
        foreach ((string sign, Expression operand) in comparison.Rest)
        {
            object? right = Evaluate(operand);
            if (!Compare(sign, left, right)) return false;
            left = right;
        }
        return true;
    }

    public static bool Compare(string sign, object? left, object? right) => sign switch
    {
        "==" => Python.AreEqual(left, right),
        "!=" => !Python.AreEqual(left, right),
        "in" => Python.Contains(right, left),
        "not in" => !Python.Contains(right, left),
        "<" => Python.Compare(left, right, sign) < 0,
        "<=" => Python.Compare(left, right, sign) <= 0,
        ">" => Python.Compare(left, right, sign) > 0,
        _ => Python.Compare(left, right, sign) >= 0,
    };

    private object? EvaluateConditional(Conditional conditional)
    {
        if (Python.Truth(Evaluate(conditional.Test))) return Evaluate(conditional.Then);
        return conditional.Else is null ? new UndefinedValue("the inline if-expression evaluated to false and no else section was defined.") : Evaluate(conditional.Else);
    }

    private DictValue EvaluateDict(DictExpression syntax)
    {
        var dict = new DictValue();
        foreach ((Expression key, Expression value) in syntax.Entries)
        {
            object? evaluatedKey = Evaluate(key);
            dict.Set(evaluatedKey, Evaluate(value));
        }
        return dict;
    }

    private TextValue InvokeMacro(MacroValue macro, Arguments arguments)
    {
        MacroDefinition definition = macro.Definition;
        var scope = new Scope(macro.Scope);
        var named = arguments.Named.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        int count = definition.Parameters.Count;
        var missing = new List<(string Name, Expression? Default)>();
        for (int i = 0; i < count; i++)
        {
            (string name, Expression? byDefault) = definition.Parameters[i];
            if (i < arguments.Positional.Count) scope.Set(name, arguments.Positional[i]);
            else if (named.Remove(name, out object? value)) scope.Set(name, value);
            else missing.Add((name, byDefault));
        }
        if (definition.UsesCaller) scope.Set("caller", named.Remove("caller", out object? caller) ? caller : new UndefinedValue("No caller defined"));
        if (definition.UsesKwargs)
        {
            var rest = new DictValue();
            foreach ((string name, object? value) in named) rest.Set(TextValue.FromTemplate(name), value);
            scope.Set("kwargs", rest);
        }
        else if (named.Count > 0) throw Fail.Type($"macro '{definition.Name}' takes no keyword argument '{named.First().Key}'");
        if (definition.UsesVarargs) scope.Set("varargs", new TupleValue([.. arguments.Positional.Skip(count)]));
        else if (arguments.Positional.Count > count) throw Fail.Type($"macro '{definition.Name}' takes not more than {count} argument(s)");

        if (++_macroDepth > DeepestMacro) throw Fail.Limit($"calls macros more than {DeepestMacro} deep");
        Scope outer = _scope;
        _scope = scope;
        foreach ((string name, Expression? byDefault) in missing)
            scope.Set(name, byDefault is null ? new UndefinedValue($"parameter '{name}' was not provided") : Evaluate(byDefault));
        _scope = outer;
        TextValue text = Capture(definition.Body, scope);
        _macroDepth--;
        return text;
    }
}

/// <summary>A slice as a value: <c>start:stop:step</c>, each an integer or none.</summary>
internal sealed record SliceValue(object? Start, object? Stop, object? Step);
