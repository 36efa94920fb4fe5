namespace YiSharp.Reports;

/// <summary>The files under wwwroot, as they travel inside the assembly.</summary>
internal static class Resources
{
    /// <summary>The page's style.</summary>
    public static string Style { get; } = Read("page.css");

    /// <summary>
    /// The libraries that draw plots and the page's own script, in loading order, each with its licence in front. Source maps are not inlined, so their addresses go.
    /// </summary>
    public static IReadOnlyList<string> PlotScripts { get; } =
    [
        Library("vega"),
        Library("vega-lite"),
        Library("vega-embed"),
        Read("plots.js"),
    ];

    private static string Library(string name)
    {
        string script = Read($"lib/{name}.min.js");
        int map = script.LastIndexOf("//# sourceMappingURL=", StringComparison.Ordinal);
        if (map >= 0) script = script[..map];
        return $"/*! {name}\n{Read($"lib/{name}.LICENSE").Trim()}\n*/\n{script}";
    }

    private static string Read(string name)
    {
        using Stream stream = typeof(Resources).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly holds no resource {name}; it belongs under src/YiSharp.Reports/wwwroot.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
