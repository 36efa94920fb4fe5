namespace YiSharp.Tensors.Kernels;

/// <summary>
/// The few operations on integer codes that the packed products need, so that one body serves every vector width. A lane of 32 bits belongs to
/// one row of weights: no sum runs across lanes, and every width gives the same bits.
/// </summary>
/// <typeparam name="TBits">A vector of any integers.</typeparam>
/// <typeparam name="TFloats">A vector of as many bits, of floats.</typeparam>
internal unsafe interface ICodeLanes<TBits, TFloats>
    where TBits : struct
    where TFloats : struct
{
    /// <summary>Lanes, and with them rows.</summary>
    static abstract int Count { get; }

    /// <summary>Bytes as they lie, 4 a lane.</summary>
    static abstract TBits Load(byte* source);

    /// <summary>The lower nibble of each byte.</summary>
    static abstract TBits Low(TBits pairs);

    /// <summary>The upper nibble of each byte.</summary>
    static abstract TBits High(TBits pairs);

    /// <summary>Bits [<paramref name="shift"/>, + 4) of each lane, as integers.</summary>
    static abstract TBits Nibble(TBits bits, int shift);

    /// <summary>Products of unsigned bytes up to 15 with the four signed bytes at <paramref name="four"/>, summed in pairs: 2 shorts a lane.</summary>
    static abstract TBits BytePairs(TBits codes, byte* four);

    /// <summary>Sums of shorts.</summary>
    static abstract TBits AddShorts(TBits a, TBits b);

    /// <summary>The sum of a lane's two shorts.</summary>
    static abstract TBits Widen(TBits shorts);

    /// <summary>Signed bytes as shorts, 2 a lane.</summary>
    static abstract TBits LoadShorts(byte* source);

    /// <summary>Products of shorts with the two shorts at <paramref name="two"/>, summed: one integer a lane.</summary>
    static abstract TBits ShortPairs(TBits codes, byte* two);

    /// <summary>Sums of integers.</summary>
    static abstract TBits AddIntegers(TBits a, TBits b);

    /// <summary>Integers as floats.</summary>
    static abstract TFloats ToFloats(TBits integers);

    static abstract TFloats LoadFloats(float* source);

    /// <summary>Finite halves as floats.</summary>
    static abstract TFloats LoadHalves(ushort* source);

    /// <summary>Unsigned bytes as floats.</summary>
    static abstract TFloats LoadBytes(byte* source);

    /// <summary>Signed bytes as floats.</summary>
    static abstract TFloats LoadSignedBytes(sbyte* source);

    static abstract void Store(float* target, TFloats value);

    static abstract TFloats Add(TFloats a, TFloats b);

    static abstract TFloats Multiply(TFloats a, TFloats b);

    static abstract TFloats Scale(TFloats a, float b);

    /// <summary>a · <paramref name="b"/>[0].</summary>
    static abstract TFloats Scale(TFloats a, float* b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract TFloats MultiplyAdd(TFloats a, TFloats b, TFloats c);

    /// <summary>a · <paramref name="b"/>[0] + c, rounded once.</summary>
    static abstract TFloats MultiplyAdd(TFloats a, float* b, TFloats c);
}
