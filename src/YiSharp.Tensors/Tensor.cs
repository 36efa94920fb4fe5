namespace YiSharp.Tensors;

/// <summary>
/// A handle to activations, [rows, columns], that a backend owns: only the backend sees the elements. Disposing of it hands its
/// memory back to the backend for the next operation; it does not free anything.
/// </summary>
public abstract class Tensor : IDisposable
{
    /// <summary>Number of rows: tokens, mostly.</summary>
    public int Rows { get; protected set; }

    /// <summary>Length of a row: features.</summary>
    public int Columns { get; protected set; }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"[{Rows}, {Columns}]";
}
