namespace YiSharp.Docs.Tests;

/// <summary>The guide of CONTRIBUTING.md: a file has about 400 lines at most. It warns; a reader decides.</summary>
public sealed class SizeGuideTests
{
    private const int LineGuide = 400;

    [Fact]
    public void Long_files_are_pointed_out()
    {
        string[] files = [.. new[] { "src", "tests", "oracles" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories))];
        Assert.True(files.Length > 100, $"{files.Length} files found.");
        foreach (string file in files)
        {
            int lines = File.ReadLines(file).Count();
            if (lines > LineGuide) TestContext.Current.AddWarning($"{Path.GetRelativePath(Repository.Root, file)} has {lines} lines; the guide is {LineGuide}.");
        }
    }
}
