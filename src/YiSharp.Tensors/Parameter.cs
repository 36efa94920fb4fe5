namespace YiSharp.Tensors;

/// <summary>What a parameter is made of: single-precision matrices of the parameter's shape.</summary>
public enum ParameterPart
{
    /// <summary>The weights themselves.</summary>
    Values,

    /// <summary>The gradient summed so far in this step.</summary>
    Gradient,

    /// <summary>Adam's running mean of gradients.</summary>
    FirstMoment,

    /// <summary>Adam's running mean of squared gradients.</summary>
    SecondMoment,
}

/// <summary>A weight that training changes, [rows, columns], with its gradient and Adam's moments, in a backend's own layout.</summary>
public abstract class Parameter(string name, int rows, int columns) : Weight(name, rows, columns), IDisposable
{
    /// <summary>The values as they are now, as a weight that the forward operations take.</summary>
    public abstract Weight Current { get; }

    /// <summary>Copies a part out, [rows · columns].</summary>
    public abstract void Read(ParameterPart part, Span<float> destination);

    /// <summary>Replaces a part, [rows · columns].</summary>
    public abstract void Write(ParameterPart part, ReadOnlySpan<float> source);

    /// <inheritdoc/>
    public abstract void Dispose();
}
