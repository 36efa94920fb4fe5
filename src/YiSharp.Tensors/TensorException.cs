namespace YiSharp.Tensors;

/// <summary>Shapes that do not fit together: a caller's mistake, found before any arithmetic.</summary>
public sealed class TensorException(string message) : Exception(message);
