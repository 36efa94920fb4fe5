namespace YiSharp.Recipes;

/// <summary>A value that is made when it is first asked for, and disposed of if it was.</summary>
internal sealed class Lazily<T>(Func<T> create) : IDisposable where T : class, IDisposable
{
    private T? _value;

    /// <summary>The value.</summary>
    public T Value => _value ??= create();

    /// <inheritdoc/>
    public void Dispose() => _value?.Dispose();
}
