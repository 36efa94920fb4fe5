namespace YiSharp.Tensors;

/// <summary>A handle to weights, [rows, columns], in a backend's own layout.</summary>
public abstract class Weight(string name, int rows, int columns)
{
    /// <summary>The tensor's Hugging Face name.</summary>
    public string Name { get; } = name;

    /// <summary>Outputs of a linear, entries of an embedding table; 1 for a vector.</summary>
    public int Rows { get; } = rows;

    /// <summary>Inputs of a linear; the length of a vector.</summary>
    public int Columns { get; } = columns;

    /// <summary>Bytes that it takes in memory, all of which a product reads.</summary>
    public virtual long LengthBytes => (long)Rows * Columns * sizeof(float);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} [{Rows}, {Columns}]";
}
