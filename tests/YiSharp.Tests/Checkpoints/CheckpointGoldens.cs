namespace YiSharp.Tests.Checkpoints;

/// <summary>Where the small checkpoints of the original software lie.</summary>
internal static class CheckpointGoldens
{
    public static string Root { get; } = Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "checkpoints");

    public static string Tiny(string name) => Path.Combine(Root, "tiny", name);

    public static string Gguf(string name) => Path.Combine(Root, "gguf", name + ".gguf");

    public static string Adapter(string name) => Path.Combine(Root, "adapters", name);

    public static string Embedded { get; } = Path.Combine(Repository.Root, "models", "smollm2-135m-instruct");
}
