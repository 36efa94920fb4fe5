using System.Text.Json;
using System.Text.Json.Serialization;
using YiSharp.Checkpoints;

namespace YiSharp.Quantization;

/// <summary>What quantization did to one matrix.</summary>
/// <param name="Name">Hugging Face's name.</param>
/// <param name="Shape">Lengths, slowest dimension first.</param>
/// <param name="Format">How it is stored.</param>
/// <param name="Bytes">Bytes it takes.</param>
/// <param name="BitsPerWeight">Bits a weight takes, scales included.</param>
/// <param name="NormalizedSquaredError">Σ(w − q)² / Σw² against the weights that came in; 0 when stored without loss.</param>
/// <param name="Note">Why it is stored otherwise than asked for, or null.</param>
public sealed record TensorReport(string Name, IReadOnlyList<int> Shape, string Format, long Bytes, double BitsPerWeight, double NormalizedSquaredError, string? Note = null);

/// <summary>What quantization did to a model: <c>quantization.json</c>.</summary>
public sealed record QuantizationReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
    };

    /// <summary>How the codes were found, such as <c>round-to-nearest</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Nominal bits of a weight: 8 or 4.</summary>
    public required int Bits { get; init; }

    /// <summary>The file of weights, beside the report.</summary>
    public required string File { get; init; }

    /// <summary>Bytes of that file, header and vocabulary included.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Number of weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Bytes of the weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bits a weight takes over the whole model, scales included.</summary>
    public required double BitsPerWeight { get; init; }

    /// <summary>Σ(w − q)² / Σw² over the whole model.</summary>
    public required double NormalizedSquaredError { get; init; }

    /// <summary>Each matrix, in the order of the computation.</summary>
    public required IReadOnlyList<TensorReport> Tensors { get; init; }

    /// <summary>Writes the report; equal reports give equal bytes.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a report.</summary>
    /// <exception cref="InvalidDataException">The file is absent or no report.</exception>
    public static QuantizationReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<QuantizationReport>(System.IO.File.ReadAllBytes(path), Json) ?? throw new JsonException("it holds null");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} is no report of a quantization: {e.Message} Quantize the model again.", e);
        }
    }
}
