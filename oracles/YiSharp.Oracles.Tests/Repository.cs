namespace YiSharp.Oracles.Tests;

/// <summary>Where the repository lies, found from the test's own folder.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The GGUF file of the embedded model.</summary>
    public static string EmbeddedModel => Path.Combine(Root, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "YiSharp.slnx"))) return folder;
        }
        throw new InvalidOperationException($"No YiSharp.slnx in {AppContext.BaseDirectory} or above it.");
    }
}
