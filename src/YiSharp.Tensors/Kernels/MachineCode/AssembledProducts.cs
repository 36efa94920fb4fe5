using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>Products of a group of rows with activations by the instructions of <see cref="ProductCode"/>, assembled when weights of a form are first loaded.</summary>
internal sealed unsafe class AssembledProducts
{
    private const uint Nibbles = 0x0F0F0F0F;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<AffineForm, AssembledProducts?> s_all = [];

    private readonly AffineForm _form;

    // By rows of activations, from 1 on.
    private readonly nint[] _table = new nint[Activations.TileRows];
    private readonly nint[] _stored = new nint[Activations.TileRows];

    private readonly int _blockCodeBytes;
    private readonly int _xBytes;
    private readonly int _parts;

    private AssembledProducts(AffineForm form)
    {
        _form = form;
        _blockCodeBytes = PackedWeight.GroupRows * PackedWeight.BlockLength * form.CodeBits / 8;
        _xBytes = PackedWeight.BlockLength * form.CodeBits / 4;
        _parts = form.GroupLength < PackedWeight.BlockLength ? 2 : 1;
    }

    /// <summary>Whether the processor has the instructions and the system lets new ones be called.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && Avx512BW.IsSupported && HasVnni() && ExecutableCode.IsAllowed;

    /// <summary>Those of a form; null where there are none.</summary>
    public static AssembledProducts? Of(AffineForm form)
    {
        if (!IsSupported) return null;
        lock (s_lock)
        {
            if (!s_all.TryGetValue(form, out AssembledProducts? products))
            {
                products = new AssembledProducts(form);
                s_all[form] = products = products.TryPlace() ? products : null;
            }
            return products;
        }
    }

    /// <summary>y[row, lane] for the rows of x and 16 rows of weights, or what further blocks add to it.</summary>
    public void Multiply(in GroupView weights, in Activations x, BlockRange blocks, float* y, int yColumns)
    {
        nint before = blocks.First, yBytes = (nint)yColumns * sizeof(float), table = before * _parts * PackedWeight.GroupRows;
        Vector512<float> nothing = default;
        var call = new ProductCall
        {
            Codes = weights.Codes + before * _blockCodeBytes,
            End = weights.Codes + blocks.End * (nint)_blockCodeBytes,
            Scales = (byte*)(weights.Scales + table),
            Offsets = weights.Offsets + table,
            From = (float*)&nothing,
            FromBytes = before > 0 ? yBytes : 0,
            YBytes = yBytes,
            Nibbles = Nibbles,
        };
        for (int index = 0; index < x.TileCount; index++, y += Activations.TileRows * (nint)yColumns)
        {
            ActivationTile tile = x.Tile(index);
            nint rowsBefore = before * tile.Rows;
            call.X = tile.Codes + rowsBefore * _xBytes;
            call.XScales = tile.Scales + rowsBefore;
            call.XSums = tile.Sums + rowsBefore * _parts;
            call.Y = y;
            if (before > 0) call.From = y;
            Call(_table[tile.Rows - 1], &call);
        }
    }

    /// <summary>The same over all blocks for one tile, the scales read as they are stored; false where there are no such instructions.</summary>
    public bool TryMultiplyStored(in GroupView weights, in ActivationTile x, float* y, int yColumns)
    {
        if (!StoredProductCode.Takes(_form)) return false;
        Vector512<float> nothing = default;
        var call = new ProductCall
        {
            Codes = weights.Codes,
            End = weights.Codes + weights.BlockCount * (nint)_blockCodeBytes,
            Scales = weights.Stored,
            X = x.Codes,
            XScales = x.Scales,
            XSums = x.Sums,
            From = (float*)&nothing,
            Y = y,
            YBytes = (nint)yColumns * sizeof(float),
            Ahead = FetchAhead.StepOf(weights.Next - weights.Stored),
            Nibbles = Nibbles,
            MinusZero = -_form.Zero,
            MinusOne = -1,
        };
        Call(_stored[x.Rows - 1], &call);
        return true;
    }

    /// <summary>A call takes some microseconds, so that the collector may wait for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Call(nint function, ProductCall* call) => ((delegate* unmanaged[SuppressGCTransition]<ProductCall*, void>)function)(call);

    private static bool HasVnni()
    {
        const int ExtendedFeatures = 7, VnniBit = 11;
        return X86Base.CpuId(0, 0).Eax >= ExtendedFeatures && (X86Base.CpuId(ExtendedFeatures, 0).Ecx >> VnniBit & 1) != 0;
    }

    /// <summary>Assembles the functions for every number of rows.</summary>
    private bool TryPlace()
    {
        for (int rows = 1; rows <= Activations.TileRows; rows++)
        {
            var table = new TableProductCode(_form.CodeBits, _parts == 2, _form.HasOffsets, rows);
            if (!ExecutableCode.TryPlace(table.Assemble(), out _table[rows - 1])) return false;
            if (StoredProductCode.Takes(_form) && !ExecutableCode.TryPlace(new StoredProductCode(_form, rows).Assemble(), out _stored[rows - 1])) return false;
        }
        return true;
    }
}
