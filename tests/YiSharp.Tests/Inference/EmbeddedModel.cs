using System.Text.Json;
using YiSharp.Checkpoints;
using YiSharp.Inference;
using YiSharp.Tensors;

namespace YiSharp.Tests.Inference;

/// <summary>The model of the repository, and what the original software says of it (<c>Goldens/smollm2/README.md</c>).</summary>
internal static class EmbeddedModel
{
    public static string Folder => Path.Combine(Repository.Root, "models", "smollm2-135m-instruct");

    public static LanguageModel Load(Precision precision, EngineOptions? options = null) =>
        new(Checkpoint.Open(Folder), new CpuBackend(new CpuOptions { Precision = precision, Threads = 2 }), options: options);

    public static JsonElement[] Rows(string file)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "smollm2", file)));
        return [.. json.RootElement.GetProperty("rows").Clone().EnumerateArray()];
    }

    public static int[] Ids(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];

    public static double[] Numbers(JsonElement row, string name) => [.. row.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];
}
