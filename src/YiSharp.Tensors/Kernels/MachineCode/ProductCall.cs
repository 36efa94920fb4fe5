using System.Runtime.InteropServices;

namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>What assembled products are called with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProductCall
{
    /// <summary>Codes of the first block, and where those of the last end.</summary>
    public byte* Codes, End;

    /// <summary>Scales of the first block: a table in single precision, or as they are stored.</summary>
    public byte* Scales;

    /// <summary>A table of offsets.</summary>
    public float* Offsets;

    /// <summary>Activations of the first block, as <see cref="ActivationTile"/> has them.</summary>
    public byte* X;

    /// <summary>Their scales and sums.</summary>
    public float* XScales, XSums;

    /// <summary>What the sums begin with, 16 floats for each row.</summary>
    public float* From;

    /// <summary>From one row's to the next's.</summary>
    public nint FromBytes;

    /// <summary>Result, 16 floats for each row.</summary>
    public float* Y;

    /// <summary>From one row's to the next's.</summary>
    public nint YBytes;

    /// <summary>What <see cref="FetchAhead"/> takes.</summary>
    public nint Ahead;

    /// <summary>A nibble's bits in each byte.</summary>
    public uint Nibbles;

    /// <summary>The negative of <see cref="AffineForm.Zero"/>, and −1.</summary>
    public float MinusZero, MinusOne;
}
