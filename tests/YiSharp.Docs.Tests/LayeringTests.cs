using System.Xml.Linq;

namespace YiSharp.Docs.Tests;

/// <summary>The table of projects in CONTRIBUTING.md, held against the project files.</summary>
public sealed class LayeringTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Tensors"] = [],
        ["Checkpoints"] = ["Tensors"],
        ["Text"] = ["Checkpoints"],
        ["Models"] = ["Tensors", "Checkpoints"],
        ["Inference"] = ["Models", "Text"],
        ["Quantization"] = ["Models"],
        ["Data"] = ["Text"],
        ["Training"] = ["Models", "Data"],
        ["Reports"] = [],
        ["Evaluation"] = ["Inference", "Data", "Reports"],
        ["Endpoints"] = ["Evaluation"],
        ["Recipes"] = ["Training", "Quantization", "Evaluation", "Reports"],
    };

    [Fact]
    public void A_project_refers_only_to_what_its_row_says()
    {
        string[] projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Count + 1, projects.Length); // and Cli, which may refer to all

        foreach (string project in projects)
        {
            string name = Short(project);
            if (name == "Cli") continue;
            var references = XDocument.Load(project).Descendants("ProjectReference").Select(e => Short((string)e.Attribute("Include")!)).ToArray();
            Assert.True(Allowed.ContainsKey(name), $"{name} has no row in the table of projects.");
            Assert.Empty(references.Except(Allowed[name]));
        }
    }

    private static string Short(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')).Replace("YiSharp.", "", StringComparison.Ordinal);
}
