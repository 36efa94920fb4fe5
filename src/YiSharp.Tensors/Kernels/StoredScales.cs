using System.Runtime.CompilerServices;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// The scales and offsets of a few of a group's 16 rows, read as <see cref="ScaleTable"/> stores them and with its arithmetic: for one row of activations, where a
/// table would be written to be read once.
/// </summary>
/// <typeparam name="TFloats">A lane for each row.</typeparam>
internal unsafe interface IStoredScales<TFloats> where TFloats : struct
{
    /// <summary>Whether scales of groups follow each other, whatever blocks the file has.</summary>
    static abstract bool IsFlat { get; }

    /// <summary>Goes to one of the file's blocks, or to any group where scales are flat.</summary>
    void Open(byte* stored);

    /// <summary>Scales of a group of weights of that block.</summary>
    TFloats Scale(int group);

    /// <summary>Its offsets, after its scales have been read.</summary>
    TFloats Offset(int group, TFloats scale);
}

/// <summary>Of <see cref="GroupScales.Half"/>.</summary>
internal unsafe struct HalfScales<TLanes, TBits, TFloats>(AffineForm form, int lane) : IStoredScales<TFloats>
    where TLanes : struct, ICodeLanes<TBits, TFloats>
    where TBits : struct
    where TFloats : struct
{
    private readonly float _zero = -form.Zero;
    private readonly int _lane = lane;
    private ushort* _halves;

    public static bool IsFlat => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Open(byte* stored) => _halves = (ushort*)stored + _lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Scale(int group) => TLanes.LoadHalves(_halves + group * PackedWeight.GroupRows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Offset(int group, TFloats scale) => TLanes.Scale(scale, _zero);
}

/// <summary>Of <see cref="GroupScales.HalfWithOffset"/>.</summary>
internal unsafe struct HalfScalesWithOffsets<TLanes, TBits, TFloats>(int lane) : IStoredScales<TFloats>
    where TLanes : struct, ICodeLanes<TBits, TFloats>
    where TBits : struct
    where TFloats : struct
{
    private readonly int _lane = lane;
    private ushort* _halves;

    public static bool IsFlat => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Open(byte* stored) => _halves = (ushort*)stored + _lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Scale(int group) => TLanes.LoadHalves(_halves + 2 * group * PackedWeight.GroupRows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Offset(int group, TFloats scale) => TLanes.LoadHalves(_halves + (2 * group + 1) * PackedWeight.GroupRows);
}

/// <summary>Of <see cref="GroupScales.TwoLevels"/>.</summary>
internal unsafe struct TwoLevelScales<TLanes, TBits, TFloats>(AffineForm form, int lane) : IStoredScales<TFloats>
    where TLanes : struct, ICodeLanes<TBits, TFloats>
    where TBits : struct
    where TFloats : struct
{
    private readonly int _lane = lane;
    private readonly int _scaleBytes = form.GroupCount * PackedWeight.GroupRows;
    private byte* _bytes;
    private TFloats _scale;
    private TFloats _offset;

    public static bool IsFlat => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Open(byte* stored)
    {
        ushort* halves = (ushort*)stored + _lane;
        _scale = TLanes.LoadHalves(halves);
        _offset = TLanes.Scale(TLanes.LoadHalves(halves + PackedWeight.GroupRows), -1);
        _bytes = stored + 2 * PackedWeight.GroupRows * sizeof(ushort) + _lane;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Scale(int group) => TLanes.Multiply(_scale, TLanes.LoadBytes(_bytes + group * PackedWeight.GroupRows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Offset(int group, TFloats scale) => TLanes.Multiply(_offset, TLanes.LoadBytes(_bytes + _scaleBytes + group * PackedWeight.GroupRows));
}

/// <summary>Of <see cref="GroupScales.TwoLevelsSigned"/>.</summary>
internal unsafe struct SignedTwoLevelScales<TLanes, TBits, TFloats>(AffineForm form, int lane) : IStoredScales<TFloats>
    where TLanes : struct, ICodeLanes<TBits, TFloats>
    where TBits : struct
    where TFloats : struct
{
    private readonly float _zero = -form.Zero;
    private readonly int _lane = lane;
    private sbyte* _bytes;
    private TFloats _scale;

    public static bool IsFlat => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Open(byte* stored)
    {
        _scale = TLanes.LoadHalves((ushort*)stored + _lane);
        _bytes = (sbyte*)stored + PackedWeight.GroupRows * sizeof(ushort) + _lane;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Scale(int group) => TLanes.Multiply(_scale, TLanes.LoadSignedBytes(_bytes + group * PackedWeight.GroupRows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TFloats Offset(int group, TFloats scale) => TLanes.Scale(scale, _zero);
}
