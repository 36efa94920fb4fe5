using System.Text.Json.Serialization;
using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>What a file of packed weights says of itself: which model's they are, and where each lies.</summary>
internal sealed record PackedTable
{
    /// <summary>What tells the model from all others: see <see cref="ModelIdentity"/>.</summary>
    public required string Key { get; init; }

    /// <summary>The folder or file that the model was opened from, a full path.</summary>
    public required string Model { get; init; }

    /// <summary>The model's files as they were.</summary>
    public required IReadOnlyList<ModelFileStamp> Files { get; init; }

    /// <summary>The weights that are packed, in order and one behind the other.</summary>
    public required IReadOnlyList<PackedTensor> Tensors { get; init; }

    /// <summary>Bytes of all of them.</summary>
    [JsonIgnore]
    public long DataBytes => Tensors.Count == 0 ? 0 : Tensors[^1].Offset + Tensors[^1].Bytes;

    /// <summary>The table of a model's weights in their packed form.</summary>
    public static PackedTable Of(ModelIdentity identity, IEnumerable<WeightData> weights) => new()
    {
        Key = identity.Key,
        Model = identity.Model,
        Files = identity.Files,
        Tensors = PackedTensor.Of(weights),
    };

    /// <summary>Whether the files that it was made from are still there as they were.</summary>
    public bool IsOfFilesThatStand() => Files.All(file => file.Equals(ModelFileStamp.Of(file.Path)));
}

/// <summary>Where a weight's packed form lies.</summary>
/// <param name="Name">The tensor's Hugging Face name.</param>
/// <param name="Format">How the model's file stores it.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="Offset">Where it begins, bytes from the first tensor's; a multiple of <see cref="PackedForm.Alignment"/>.</param>
/// <param name="Bytes">How long it is.</param>
internal sealed record PackedTensor(string Name, string Format, int Rows, int Columns, long Offset, long Bytes)
{
    /// <summary>The places of all weights that have a packed form.</summary>
    public static IReadOnlyList<PackedTensor> Of(IEnumerable<WeightData> weights)
    {
        var tensors = new List<PackedTensor>();
        long end = 0;
        foreach (WeightData data in weights)
        {
            if (PackedForm.LengthBytes(data) is not long bytes) continue;
            long offset = (end + PackedForm.Alignment - 1) / PackedForm.Alignment * PackedForm.Alignment;
            tensors.Add(new PackedTensor(data.Name, data.Format.Name, data.Rows, data.Columns, offset, bytes));
            end = offset + bytes;
        }
        return tensors;
    }
}

/// <summary>A file as it was when weights were packed from it.</summary>
/// <param name="Path">Its full path, links followed.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was last written, 100 ns since the year 1, UTC.</param>
internal sealed record ModelFileStamp(string Path, long Bytes, long Modified)
{
    /// <summary>A file as it is; null where there is none.</summary>
    public static ModelFileStamp? Of(string path)
    {
        try
        {
            var info = new FileInfo(RealPath.Of(path));
            return info.Exists ? new ModelFileStamp(info.FullName, info.Length, info.LastWriteTimeUtc.Ticks) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>How the table stands in the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackedTable))]
internal sealed partial class PackedTableJson : JsonSerializerContext;
