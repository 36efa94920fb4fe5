using System.Collections.Frozen;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>A tensor type of GGUF: a row of the table below.</summary>
/// <param name="Id">Its number in the file (<c>enum ggml_type</c>).</param>
/// <param name="Name">ggml's name.</param>
/// <param name="BlockLength">Weights in a block.</param>
/// <param name="BlockBytes">Bytes of a block.</param>
/// <param name="Format">How to read it; null for a type that is known by size only.</param>
/// <param name="FileType">llama.cpp's number for a file that is mostly of this type (<c>enum llama_ftype</c>); null for a type that is not written.</param>
public sealed record GgufType(uint Id, string Name, int BlockLength, int BlockBytes, WeightFormat? Format = null, uint? FileType = null)
{
    private static readonly GgufType[] Table =
    [
        Of(0, WeightFormat.F32, fileType: 0),
        Of(1, WeightFormat.F16, fileType: 1),
        Of(2, WeightFormat.Q4_0, fileType: 2),
        Of(3, WeightFormat.Q4_1, fileType: 3),
        Of(6, WeightFormat.Q5_0, fileType: 8),
        Of(7, WeightFormat.Q5_1, fileType: 9),
        Of(8, WeightFormat.Q8_0, fileType: 7),
        new(9, "Q8_1", 32, 36),
        Of(10, WeightFormat.Q2_K, fileType: 10),
        Of(11, WeightFormat.Q3_K, fileType: 12),
        Of(12, WeightFormat.Q4_K, fileType: 15),
        Of(13, WeightFormat.Q5_K, fileType: 17),
        Of(14, WeightFormat.Q6_K, fileType: 18),
        new(15, "Q8_K", 256, 292),
        new(16, "IQ2_XXS", 256, 66),
        new(17, "IQ2_XS", 256, 74),
        new(18, "IQ3_XXS", 256, 98),
        new(19, "IQ1_S", 256, 50),
        Of(20, WeightFormat.IQ4_NL, fileType: 25),
        new(21, "IQ3_S", 256, 110),
        new(22, "IQ2_S", 256, 82),
        Of(23, WeightFormat.IQ4_XS, fileType: 30),
        new(24, "I8", 1, 1),
        new(25, "I16", 1, 2),
        new(26, "I32", 1, 4),
        new(27, "I64", 1, 8),
        new(28, "F64", 1, 8),
        new(29, "IQ1_M", 256, 56),
        Of(30, WeightFormat.BF16, fileType: 32),
        Of(34, WeightFormat.TQ1_0, fileType: 36),
        Of(35, WeightFormat.TQ2_0, fileType: 37),
        Of(39, WeightFormat.MXFP4, fileType: 38),
        new(40, "NVFP4", 64, 36),
        new(41, "Q1_0", 128, 18),
        new(42, "Q2_0", 64, 18),
    ];

    private static readonly FrozenDictionary<uint, GgufType> ById = Table.ToFrozenDictionary(t => t.Id);

    /// <summary>Names of the types that can be read.</summary>
    public static string Readable { get; } = string.Join(", ", Table.Where(t => t.Format is not null).Select(t => t.Name));

    /// <summary>The type with a number, or null.</summary>
    public static GgufType? Find(uint id) => ById.GetValueOrDefault(id);

    /// <summary>The type that stores a format.</summary>
    /// <exception cref="NotSupportedException">GGUF has no such type.</exception>
    public static GgufType For(WeightFormat format) =>
        Table.FirstOrDefault(t => t.Format == format) ?? throw new NotSupportedException($"GGUF has no type for {format} here; it stores {Readable}.");

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static GgufType Of(uint id, WeightFormat format, uint fileType) => new(id, format.Name, format.BlockLength, format.BlockBytes, format, fileType);
}
