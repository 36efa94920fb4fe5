using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>How activations are rounded for a kind of weights.</summary>
internal enum ActivationForm
{
    /// <summary>Codes of 8 bits; a sum is scale · Σ codes.</summary>
    Bytes,

    /// <summary>Codes of 8 bits; a sum is 8 · Σ codes, an integer.</summary>
    BytesCenteredAt8,

    /// <summary>Codes of 16 bits, without sums.</summary>
    Words,
}

/// <summary>
/// Activations as integers: x ≈ scale · code in each block of 32, scale = max|x| / 127 (words: 32767).
/// </summary>
/// <remarks>
/// A few blocks of a row hold its outliers, and with them most of the rounding error, which grows with the square of the scale. Blocks
/// whose scale is above half the row's root mean square get a second byte: x ≈ scale · (code + fine code / 254). Log-probabilities of the embedded model
/// are then 0.0085 nats a token from single precision's (mean absolute, the golden passages); 0.017 with blocks above the root mean square alone, 0.0002 with all, 0.041 with none.
/// Decoding takes the same time in all three; prefill a third more than with the fewest, and half as much again with all.
/// </remarks>
internal readonly unsafe struct Activations
{
    private const float GreatestByte = 127;
    private const float GreatestWord = 32767;

    /// <summary>A block gets fine codes when its squared scale is above this share of the row's mean.</summary>
    private const float FineShare = 0.25f;

    /// <summary>A rounding error is at most half a step: a fine code of at most 127.</summary>
    private const float FineSteps = 254;

    /// <summary>A block whose values are all smaller counts as zero: the inverse of its scale would not be finite.</summary>
    private const float Least = 1e-30f;

    /// <summary>1.5 · 2^23: adding it rounds to an integer, ties to even, which then stands in the lower bits.</summary>
    private const float Rounder = 12582912f;

    private const int BlockLength = PackedWeight.BlockLength;

    private readonly CpuTensor _codes;
    private readonly CpuTensor _numbers;

    private Activations(CpuTensor codes, CpuTensor numbers, int blockCount) => (_codes, _numbers, BlockCount) = (codes, numbers, blockCount);

    /// <summary>Blocks of a row.</summary>
    public int BlockCount { get; }

    /// <summary>Codes of a row, [columns] of 1 or 2 bytes.</summary>
    public byte* Codes(int row) => (byte*)(_codes.Pointer + (long)row * _codes.Columns);

    /// <summary>Fine codes of a row, [columns]; set where <see cref="FineBlocks"/> says.</summary>
    public byte* FineCodes(int row) => Codes(row) + BlockCount * BlockLength;

    /// <summary>Scales of a row's blocks; the next row's follow after <see cref="RowStride"/>.</summary>
    public float* Scales(int row) => _numbers.Pointer + (long)row * _numbers.Columns;

    /// <summary>Sums of a row's blocks.</summary>
    public float* Sums(int row) => Scales(row) + BlockCount;

    /// <summary>Scales of a row's fine codes.</summary>
    public float* FineScales(int row) => Scales(row) + 2 * BlockCount;

    /// <summary>Sums of a row's fine codes.</summary>
    public float* FineSums(int row) => Scales(row) + 3 * BlockCount;

    /// <summary>Which blocks have fine codes, ascending, after their number.</summary>
    public int* FineBlocks(int row) => (int*)(Scales(row) + 4 * BlockCount);

    /// <summary>Floats from a row's scales to the next row's.</summary>
    public int RowStride => _numbers.Columns;

    /// <summary>Rounds every row of x; <see cref="Return"/> gives the memory back.</summary>
    public static Activations Round(CpuTensor x, ActivationForm form, Workspace workspace, Parallelism parallelism)
    {
        int blockCount = x.Columns / BlockLength;
        var rounded = new Activations(workspace.Rent(x.Rows, 2 * x.Columns / sizeof(float)), workspace.Rent(x.Rows, 5 * blockCount + 1), blockCount);
        int grain = Math.Max(1, (1 << 14) / x.Columns);
        parallelism.For(x.Rows, grain, (rounded, x, form), static (in (Activations To, CpuTensor X, ActivationForm Form) call, int start, int end) =>
        {
            for (int row = start; row < end; row++)
            {
                float* from = call.X.Pointer + (long)row * call.X.Columns;
                if (call.Form == ActivationForm.Words) call.To.RoundToWords(from, row);
                else call.To.RoundToBytes(from, row, call.Form);
            }
        });
        return rounded;
    }

    /// <summary>Gives the memory back.</summary>
    public void Return()
    {
        _codes.Dispose();
        _numbers.Dispose();
    }

    private void RoundToBytes(float* x, int row, ActivationForm form)
    {
        float* scales = Scales(row), sums = Sums(row);
        float squares = 0;
        for (int block = 0; block < BlockCount; block++)
        {
            float max = MaxMagnitude(x + block * BlockLength);
            scales[block] = max < Least ? 0 : max / GreatestByte;
            float inverse = max < Least ? 0 : GreatestByte / max;
            Store(Codes(row), x + block * BlockLength, inverse, block, scales[block], sums, form);
            squares += scales[block] * scales[block];
        }

        int* fine = FineBlocks(row);
        int count = 0;
        for (int block = 0; block < BlockCount; block++)
        {
            if (scales[block] * scales[block] * BlockCount <= FineShare * squares) continue;
            fine[++count] = block;
            Refine(x + block * BlockLength, row, block, form);
        }
        fine[0] = count;
    }

    /// <summary>What the codes of a block leave over, in steps of scale / 254.</summary>
    private void Refine(float* x, int row, int block, ActivationForm form)
    {
        float scale = Scales(row)[block];
        sbyte* codes = (sbyte*)Codes(row) + block * BlockLength;
        float* rest = stackalloc float[BlockLength];
        for (int i = 0; i < BlockLength; i++) rest[i] = x[i] - codes[i] * scale;

        FineScales(row)[block] = scale / FineSteps;
        Store(FineCodes(row), rest, FineSteps / scale, block, scale / FineSteps, FineSums(row), form);
    }

    private static void Store(byte* codes, float* x, float inverse, int block, float scale, float* sums, ActivationForm form)
    {
        Vector256<int> a = Code(x, inverse), b = Code(x + 8, inverse), c = Code(x + 16, inverse), d = Code(x + 24, inverse);
        Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).Store((sbyte*)codes + block * BlockLength);
        int sum = Vector256.Sum(a + b + (c + d));
        if (form == ActivationForm.BytesCenteredAt8) ((int*)sums)[block] = 8 * sum;
        else sums[block] = scale * sum;
    }

    private void RoundToWords(float* x, int row)
    {
        short* codes = (short*)Codes(row);
        for (int block = 0; block < BlockCount; block++, x += BlockLength, codes += BlockLength)
        {
            float max = MaxMagnitude(x);
            Scales(row)[block] = max < Least ? 0 : max / GreatestWord;
            float inverse = max < Least ? 0 : GreatestWord / max;
            Vector256.Narrow(Code(x, inverse), Code(x + 8, inverse)).Store(codes);
            Vector256.Narrow(Code(x + 16, inverse), Code(x + 24, inverse)).Store(codes + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Code(float* x, float inverse) =>
        (Vector256.Load(x) * inverse + Vector256.Create(Rounder)).AsInt32() - Vector256.Create(Rounder).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxMagnitude(float* x)
    {
        Vector256<float> lower = Vector256.MaxNative(Vector256.Abs(Vector256.Load(x)), Vector256.Abs(Vector256.Load(x + 8)));
        Vector256<float> upper = Vector256.MaxNative(Vector256.Abs(Vector256.Load(x + 16)), Vector256.Abs(Vector256.Load(x + 24)));
        Vector256<float> eight = Vector256.MaxNative(lower, upper);
        Vector128<float> four = Vector128.MaxNative(eight.GetLower(), eight.GetUpper());
        Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
