namespace YiSharp.Text.Jinja;

/// <summary>The arguments of one call.</summary>
internal sealed class Arguments
{
    /// <summary>Stands for an argument that was not given.</summary>
    public static readonly object Missing = new();

    private HashSet<string>? _names;

    public List<object?> Positional { get; init; } = [];

    public List<(string Name, object? Value)> Named { get; init; } = [];

    /// <summary>Sorts the arguments to parameters; one written <c>name?</c> may be absent and is then <see cref="Missing"/>.</summary>
    public object?[] Bind(string function, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Count > parameters.Length)
            throw Fail.Type($"{function}() takes at most {parameters.Length} arguments ({Positional.Count} given)");
        var bound = new object?[parameters.Length];
        for (int i = 0; i < bound.Length; i++) bound[i] = i < Positional.Count ? Positional[i] : Missing;
        foreach ((string name, object? value) in Named)
        {
            int at = IndexOf(parameters, name);
            if (at < 0) throw Fail.Type($"{function}() got an unexpected keyword argument '{name}'");
            if (!ReferenceEquals(bound[at], Missing)) throw Fail.Type($"{function}() got multiple values for argument '{name}'");
            bound[at] = value;
        }
        for (int i = 0; i < bound.Length; i++)
        {
            if (ReferenceEquals(bound[i], Missing) && !parameters[i].EndsWith('?'))
                throw Fail.Type($"{function}() missing a required argument: '{parameters[i]}'");
        }
        return bound;
    }

    /// <summary>Adds a named argument; a name may come once.</summary>
    public void AddNamed(string name, object? value)
    {
        _names ??= [.. Named.Select(argument => argument.Name)];
        if (!_names.Add(name)) throw Fail.Type($"got multiple values for keyword argument '{name}'");
        Named.Add((name, value));
    }

    /// <summary>The same arguments after a first one.</summary>
    public Arguments After(object? first) => new() { Positional = [first, .. Positional], Named = Named };

    private static int IndexOf(ReadOnlySpan<string> parameters, string name)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].AsSpan().TrimEnd('?').SequenceEqual(name)) return i;
        }
        return -1;
    }
}
