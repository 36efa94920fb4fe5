using System.Text.RegularExpressions;

namespace YiSharp.Docs.Tests;

/// <summary>What the documents name is there.</summary>
public sealed class WalkthroughTests
{
    [Fact]
    public void Every_file_that_the_walkthrough_names_exists()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "walkthrough.md"));
        HashSet<string> names = [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(p => Path.GetFileName(p)!)];
        string[] paths = [.. Regex.Matches(text, "`(src/[^`]+)`").Select(m => m.Groups[1].Value)];
        string[] files = [.. Regex.Matches(text, "`([A-Z][A-Za-z0-9.]*\\.cs)`").Select(m => m.Groups[1].Value)];
        Assert.True(paths.Length >= 40, $"{paths.Length} paths found.");
        Assert.All(paths, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{path} is not there."));
        Assert.All(files, file => Assert.Contains(file, names));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("CHANGELOG.md")]
    public void Links_lead_somewhere(string document)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, document));
        foreach (Match link in Regex.Matches(text, "\\]\\((?!http|#)([^)]+)\\)"))
        {
            Assert.True(Path.Exists(Path.Combine(Repository.Root, link.Groups[1].Value)), $"{document} links to {link.Groups[1].Value}, which is not there.");
        }
    }
}
