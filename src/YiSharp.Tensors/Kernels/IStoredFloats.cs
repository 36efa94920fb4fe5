using System.Runtime.CompilerServices;
using YiSharp.Tensors.Blocks;

namespace YiSharp.Tensors.Kernels;

/// <summary>Floating-point weights as they are stored, read straight into vectors of single precision.</summary>
internal unsafe interface IStoredFloats
{
    /// <summary>Bytes of a weight.</summary>
    static abstract int Bytes { get; }

    /// <summary>A vector of weights.</summary>
    static abstract TVector Load<TLanes, TVector>(byte* source) where TLanes : struct, ILanes<TVector> where TVector : struct;

    /// <summary>One weight.</summary>
    static abstract float At(byte* source);
}

/// <summary>Single precision.</summary>
internal readonly unsafe struct StoredF32 : IStoredFloats
{
    public static int Bytes => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source) where TLanes : struct, ILanes<TVector> where TVector : struct => TLanes.Load((float*)source);

    public static float At(byte* source) => *(float*)source;
}

/// <summary>IEEE half precision.</summary>
internal readonly unsafe struct StoredF16 : IStoredFloats
{
    public static int Bytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source) where TLanes : struct, ILanes<TVector> where TVector : struct => TLanes.LoadFloat16((ushort*)source);

    public static float At(byte* source) => Float16.ToSingle(*(ushort*)source);
}

/// <summary>The upper half of single precision.</summary>
internal readonly unsafe struct StoredBF16 : IStoredFloats
{
    public static int Bytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TLanes, TVector>(byte* source) where TLanes : struct, ILanes<TVector> where TVector : struct => TLanes.LoadBFloat16((ushort*)source);

    public static float At(byte* source) => BitConverter.UInt32BitsToSingle((uint)*(ushort*)source << 16);
}
