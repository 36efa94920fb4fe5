using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>
/// Where a run stands, in one file that is replaced whole: a line of JSON with the number of steps done and the run's fingerprint, then of each
/// trained weight its values and Adam's two moments as little-endian single-precision numbers.
/// </summary>
internal static class TrainingState
{
    private const string Format = "yisharp-training-state-1";
    private const int MaxHeaderBytes = 4096;

    private static readonly ParameterPart[] Parts = [ParameterPart.Values, ParameterPart.FirstMoment, ParameterPart.SecondMoment];

    /// <summary>Writes the state after <paramref name="stepCount"/> steps.</summary>
    public static void Save(string path, int stepCount, string fingerprint, IReadOnlyList<Parameter> parameters) => AtomicFile.Write(path, stream =>
    {
        string header = JsonSerializer.Serialize(new Dictionary<string, object> { ["format"] = Format, ["steps"] = stepCount, ["fingerprint"] = fingerprint });
        stream.Write(Encoding.UTF8.GetBytes(header + "\n"));
        foreach (Parameter parameter in parameters)
        {
            var values = new float[parameter.Rows * parameter.Columns];
            foreach (ParameterPart part in Parts)
            {
                parameter.Read(part, values);
                stream.Write(MemoryMarshal.AsBytes<float>(values));
            }
        }
    });

    /// <summary>Steps done according to a state's file, whose weights are put into <paramref name="parameters"/>.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or belongs to another run.</exception>
    public static int Load(string path, string fingerprint, IReadOnlyList<Parameter> parameters)
    {
        using FileStream stream = File.OpenRead(path);
        (int stepCount, string found) = ReadHeader(path, stream);
        if (found != fingerprint)
        {
            throw new InvalidDataException($"{path} belongs to a run with other data, options or base model. Name another run folder, or delete this one to start over.");
        }
        long expected = parameters.Sum(p => (long)p.Rows * p.Columns) * Parts.Length * sizeof(float);
        if (stream.Length - stream.Position != expected)
        {
            throw new InvalidDataException($"{path} holds {stream.Length - stream.Position} bytes of weights; this run has {expected}. It is damaged: delete it to start over.");
        }
        foreach (Parameter parameter in parameters)
        {
            var values = new float[parameter.Rows * parameter.Columns];
            foreach (ParameterPart part in Parts)
            {
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                parameter.Write(part, values);
            }
        }
        return stepCount;
    }

    private static (int StepCount, string Fingerprint) ReadHeader(string path, FileStream stream)
    {
        var bytes = new byte[MaxHeaderBytes];
        int read = stream.ReadAtLeast(bytes, MaxHeaderBytes, throwOnEndOfStream: false);
        int end = bytes.AsSpan(0, read).IndexOf((byte)'\n');
        try
        {
            if (end < 0) throw new JsonException();
            JsonElement header = JsonDocument.Parse(bytes.AsMemory(0, end)).RootElement;
            if (header.GetProperty("format").GetString() != Format) throw new JsonException();
            stream.Position = end + 1;
            int steps = header.GetProperty("steps").GetInt32();
            return steps >= 0 ? (steps, header.GetProperty("fingerprint").GetString() ?? "") : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path} does not begin with the header of a {Format}. It is damaged: delete it to start over.", e);
        }
    }
}
