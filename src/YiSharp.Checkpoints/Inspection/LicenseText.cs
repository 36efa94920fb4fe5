namespace YiSharp.Checkpoints;

/// <summary>Under which licence a model's folder is published.</summary>
internal static class LicenseText
{
    private const string Card = "README.md";
    private const int MaxFrontMatterLines = 200;
    private const long MaxCardBytes = 16L << 20;

    /// <summary>What the card says, or that there is a licence's text; null where nothing says.</summary>
    public static (string Name, string Source)? OfFolder(ModelFolder folder)
    {
        if (OfCard(folder) is string name) return (name, Card);
        return folder.Names.FirstOrDefault(n => System.IO.Path.GetFileNameWithoutExtension(n) is "LICENSE" or "LICENCE") is string text ? ($"see {text}", text) : null;
    }

    /// <summary>The <c>license</c> of the card's front matter (<c>license_name</c> where that says "other"), or null.</summary>
    public static string? OfCard(ModelFolder folder)
    {
        if (folder.Find(Card) is not string card || new FileInfo(card).Length > MaxCardBytes) return null;
        Dictionary<string, string> fields = FrontMatter(card);
        string? name = fields.GetValueOrDefault("license");
        if (name == "other") name = fields.GetValueOrDefault("license_name") ?? name;
        return string.IsNullOrEmpty(name) ? null : JsonFile.Shorten(name);
    }

    /// <summary>The plain <c>name: value</c> lines between the first two lines of three dashes.</summary>
    private static Dictionary<string, string> FrontMatter(string card)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<string> lines = File.ReadLines(card).Take(MaxFrontMatterLines);
        if (lines.FirstOrDefault()?.TrimEnd() != "---") return fields;
        foreach (string line in lines.Skip(1).TakeWhile(l => l.TrimEnd() != "---"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && !char.IsWhiteSpace(line[0])) fields[line[..colon].Trim()] = line[(colon + 1)..].Trim().Trim('"', '\'');
        }
        return fields;
    }
}
