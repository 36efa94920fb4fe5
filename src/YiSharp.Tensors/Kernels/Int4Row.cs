using System.Runtime.Intrinsics;

namespace YiSharp.Tensors.Kernels;

/// <summary>
/// Products of a group's 4-bit codes with one row of activations: what <see cref="Int4Products{TGroups}"/> gives, bit for bit, as fast as memory gives the weights. Scales
/// are read on the way, and the group that comes next is fetched.
/// </summary>
internal static unsafe class Int4Row
{
    private const int BlockLength = PackedWeight.BlockLength;
    private const int GroupRows = PackedWeight.GroupRows;
    private const int BlockCodeBytes = GroupRows * BlockLength / 2;

    /// <summary>Whether these scales can be read on the way.</summary>
    public static bool Takes(AffineForm form) =>
        form.GroupLength >= BlockLength && form.Scales is GroupScales.Half or GroupScales.HalfWithOffset or GroupScales.TwoLevels;

    /// <summary>y[lane] for 16 rows of weights.</summary>
    public static void Multiply(AffineForm form, in GroupView weights, in ActivationTile x, float* y, InstructionSet set)
    {
        if (set >= InstructionSet.Avx512) Multiply<CodeLanes16, Vector512<byte>, Vector512<float>>(form, in weights, in x, y);
        else if (set == InstructionSet.Avx2) Multiply<CodeLanes8, Vector256<byte>, Vector256<float>>(form, in weights, in x, y);
        else Multiply<CodeLanes4, Vector128<byte>, Vector128<float>>(form, in weights, in x, y);
    }

    private static void Multiply<TLanes, TBits, TFloats>(AffineForm form, in GroupView weights, in ActivationTile x, float* y)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
    {
        for (int lane = 0; lane < GroupRows; lane += TLanes.Count)
        {
            TFloats sum = form.Scales switch
            {
                GroupScales.Half => Row<TLanes, TBits, TFloats, HalfScales<TLanes, TBits, TFloats>>(new(form, lane), form, in weights, in x, lane),
                GroupScales.HalfWithOffset => Row<TLanes, TBits, TFloats, HalfScalesWithOffsets<TLanes, TBits, TFloats>>(new(lane), form, in weights, in x, lane),
                _ => Row<TLanes, TBits, TFloats, TwoLevelScales<TLanes, TBits, TFloats>>(new(form, lane), form, in weights, in x, lane),
            };
            TLanes.Store(y + lane, sum);
        }
    }

    private static TFloats Row<TLanes, TBits, TFloats, TScales>(TScales scales, AffineForm form, in GroupView weights, in ActivationTile x, int lane)
        where TLanes : struct, ICodeLanes<TBits, TFloats>
        where TBits : struct
        where TFloats : struct
        where TScales : struct, IStoredScales<TFloats>
    {
        // Locals, not properties: a call in the loop would store the accumulator.
        byte* codes = weights.Codes + lane * sizeof(int), end = weights.Codes + weights.BlockCount * (nint)BlockCodeBytes, stored = weights.Stored, xCodes = x.Codes;
        float* xScales = x.Scales, xSums = x.Sums;
        int groupCount = TScales.IsFlat ? 1 : form.GroupCount, groupBlocks = form.GroupLength / BlockLength;
        nint scaleBytes = form.ScaleBytes * GroupRows / (TScales.IsFlat ? form.GroupCount : 1), ahead = (nint)(weights.Next - weights.Stored);
        bool fetches = lane == 0 && weights.NextStep > 0;
        TFloats sum = default, scale = default, offset = default;
        for (int group = groupCount, block = groupBlocks; codes < end; block++, codes += BlockCodeBytes, xCodes += BlockLength, xScales++, xSums++)
        {
            if (block == groupBlocks)
            {
                if (group == groupCount)
                {
                    if (fetches) Prefetch.Lines(stored + ahead, (int)scaleBytes);
                    scales.Open(stored);
                    stored += scaleBytes;
                    group = 0;
                }
                scale = scales.Scale(group);
                offset = scales.Offset(group, scale);
                group++;
                block = 0;
            }
            if (fetches) Prefetch.Lines(codes + ahead, BlockCodeBytes);
            TBits w0 = TLanes.Load(codes), w1 = TLanes.Load(codes + 64), w2 = TLanes.Load(codes + 128), w3 = TLanes.Load(codes + 192);
            TBits w4 = TLanes.High(w0), w5 = TLanes.High(w1), w6 = TLanes.High(w2), w7 = TLanes.High(w3);
            w0 = TLanes.Low(w0);
            w1 = TLanes.Low(w1);
            w2 = TLanes.Low(w2);
            w3 = TLanes.Low(w3);
            sum = Int4Products<Whole>.Add<TLanes, TBits, TFloats>(w0, w1, w2, w3, w4, w5, w6, w7, xCodes, scale, offset, default, default, xScales, xSums, 1, sum);
        }
        return sum;
    }
}
