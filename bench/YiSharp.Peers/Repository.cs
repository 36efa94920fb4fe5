namespace YiSharp.Peers;

/// <summary>Where the repository lies, and the data beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The path of a file in the folder of data beside the repository, YISHARP_SHARED or <c>../shared</c>.</summary>
    public static string Shared(string name) => Path.Combine(Environment.GetEnvironmentVariable("YISHARP_SHARED") ?? Path.Combine(Root, "..", "shared"), name);

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "YiSharp.slnx"))) return folder;
        }
        throw new InvalidOperationException($"No YiSharp.slnx in {AppContext.BaseDirectory} or above it.");
    }
}
