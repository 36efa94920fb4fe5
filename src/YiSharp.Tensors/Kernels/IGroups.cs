namespace YiSharp.Tensors.Kernels;

/// <summary>Whether the scales of a block of 32 inputs are one or two; known when a kernel is compiled.</summary>
internal interface IGroups
{
    /// <summary>Whether each half of a block has a scale of its own.</summary>
    static abstract bool AreHalved { get; }
}

/// <summary>A scale for each block.</summary>
internal readonly struct Whole : IGroups
{
    public static bool AreHalved => false;
}

/// <summary>A scale for each half.</summary>
internal readonly struct Halved : IGroups
{
    public static bool AreHalved => true;
}
