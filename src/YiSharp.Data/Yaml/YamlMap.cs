using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace YiSharp.Data;

/// <summary>
/// A mapping of a YAML file, read key by key: each getter checks the type and remembers the key, and <see cref="RequireNoOthers"/>
/// refuses what nobody asked for, naming the nearest known key.
/// </summary>
public sealed class YamlMap
{
    private const int MaxFileBytes = 1 << 20;

    private readonly string _file;
    private readonly string _noun;
    private readonly string _path;
    private readonly Dictionary<string, YamlNode> _children = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    private YamlMap(string file, string noun, string path, YamlNode node)
    {
        (_file, _noun, _path) = (file, noun, path);
        if (node is not YamlMappingNode mapping) throw Wrong(node, path, "a mapping of keys to values", Describe(node));
        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is not YamlScalarNode { Value: { } name }) throw Wrong(key, path, "a plain word as key", Describe(key));
            _children.Add(name, value);
            _lines.Add(name, key.Start.Line);
        }
    }

    /// <summary>The keys of this mapping in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _children.Keys;

    /// <summary>The top-level mapping of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="noun">What it is, for messages, such as <c>recipe</c>.</param>
    /// <param name="example">A file of the kind, for messages.</param>
    /// <exception cref="InvalidDataException">Not readable, not YAML, not a mapping, or larger than anything of the kind.</exception>
    public static YamlMap Read(string file, string noun, string example)
    {
        if (Directory.Exists(file)) throw new InvalidDataException($"{file} is a folder; a {noun} is a YAML file such as {example}.");
        if (!File.Exists(file)) throw new InvalidDataException($"There is no {noun} {file}; give the path of a YAML file such as {example}.");
        if (new FileInfo(file).Length > MaxFileBytes) throw new InvalidDataException($"{file} has {new FileInfo(file).Length:N0} bytes; a {noun} has at most {MaxFileBytes:N0}.");
        using var reader = new StreamReader(file);
        return Parse(file, noun, reader);
    }

    /// <summary>The top-level mapping of a text.</summary>
    /// <param name="file">What messages call it.</param>
    /// <param name="noun">What it is, for messages.</param>
    /// <param name="reader">The text.</param>
    /// <exception cref="InvalidDataException">Not YAML, or not a mapping.</exception>
    public static YamlMap Parse(string file, string noun, TextReader reader)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new BoundedParser(new Parser(reader), file, noun));
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"{file} line {e.Start.Line} is not YAML: {(e.InnerException ?? e).Message.TrimEnd('.')}.", e);
        }
        if (stream.Documents.Count != 1) throw new InvalidDataException($"{file} holds {stream.Documents.Count} YAML documents; a {noun} is exactly one.");
        return new YamlMap(file, noun, "", stream.Documents[0].RootNode);
    }

    /// <summary>Whether the key is there.</summary>
    public bool Has(string key) => Known(key) && _children.ContainsKey(key);

    /// <summary>A text that must be there.</summary>
    public string Text(string key) => Scalar(key, "a text") ?? throw Missing(key);

    /// <summary>A text, or null when absent.</summary>
    public string? TextOrNull(string key) => Scalar(key, "a text");

    /// <summary>A whole number within bounds, or <paramref name="fallback"/> when absent.</summary>
    public long Integer(string key, long fallback, long min, long max)
    {
        string wanted = $"a whole number from {min} to {max}";
        if (Scalar(key, wanted) is not { } text) return fallback;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max
            ? value
            : throw Wrong(key, wanted, text);
    }

    /// <summary>A finite number within bounds, or <paramref name="fallback"/> when absent.</summary>
    public double Number(string key, double fallback, double min, double max)
    {
        string wanted = string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}");
        if (Scalar(key, wanted) is not { } text) return fallback;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw Wrong(key, wanted, text);
    }

    /// <summary>One of some words, or <paramref name="fallback"/> when absent.</summary>
    public string Choice(string key, string fallback, params ReadOnlySpan<string> choices)
    {
        string wanted = "one of " + string.Join(", ", choices);
        if (Scalar(key, wanted) is not { } text) return fallback;
        return choices.Contains(text) ? text : throw Wrong(key, wanted, text);
    }

    /// <summary>A mapping that must be there.</summary>
    public YamlMap Map(string key) => MapOrNull(key) ?? throw Missing(key);

    /// <summary>A mapping, or null when absent.</summary>
    public YamlMap? MapOrNull(string key) => Known(key) && _children.TryGetValue(key, out YamlNode? node) ? new YamlMap(_file, _noun, Join(key), node) : null;

    /// <summary>A list of mappings; empty when absent.</summary>
    public IReadOnlyList<YamlMap> Maps(string key)
    {
        if (!Known(key) || !_children.TryGetValue(key, out YamlNode? node)) return [];
        if (node is not YamlSequenceNode sequence) throw Wrong(node, Join(key), "a list", Describe(node));
        return [.. sequence.Children.Select((child, i) => new YamlMap(_file, _noun, $"{Join(key)}[{i}]", child))];
    }

    /// <summary>A list of texts; empty when absent.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        if (!Known(key) || !_children.TryGetValue(key, out YamlNode? node)) return [];
        if (node is not YamlSequenceNode sequence) throw Wrong(node, Join(key), "a list", Describe(node));
        return [.. sequence.Children.Select(child => child is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw Wrong(child, Join(key), "texts", Describe(child)))];
    }

    /// <summary>Refuses every key that no getter asked for.</summary>
    public void RequireNoOthers()
    {
        string[] unknown = [.. _children.Keys.Where(key => !_known.Contains(key))];
        if (unknown.Length == 0) return;
        string first = unknown[0];
        string nearest = NearestName.Of(first, _known) is { } name ? $" (did you mean '{name}'?)" : "";
        throw new InvalidDataException(
            $"{_file} line {_lines[first]} has an unknown key '{Join(first)}'{nearest}; known {(_path.Length == 0 ? "keys" : $"keys of '{_path}'")}: {string.Join(", ", _known)}.");
    }

    /// <summary>An error about the value of a key.</summary>
    public InvalidDataException Wrong(string key, string wanted, string found) =>
        new($"{_file} line {(_lines.TryGetValue(key, out long line) ? line : 1)}: '{Join(key)}' is {Shorten(found)}; expected {wanted}.");

    private InvalidDataException Missing(string key) => NearestName.Of(key, _children.Keys.Except(_known)) is { } misspelt
        ? new($"{_file} has no '{Join(key)}'; is '{misspelt}' in line {_lines[misspelt]} meant?")
        : new($"{_file} has no '{Join(key)}'; add it.");

    private InvalidDataException Wrong(YamlNode node, string path, string wanted, string found) =>
        new($"{_file} line {node.Start.Line}: {(path.Length == 0 ? $"the {_noun}" : $"'{path}'")} is {found}; expected {wanted}.");

    private static string Describe(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: { Length: > 0 } value } => Shorten(value),
        _ => "empty",
    };

    private static string Shorten(string value) => value.Length <= 60 ? $"'{value}'" : $"'{value[..60]}…'";

    private string Join(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    private bool Known(string key)
    {
        if (!_known.Contains(key)) _known.Add(key);
        return true;
    }

    private string? Scalar(string key, string wanted)
    {
        Known(key);
        if (!_children.TryGetValue(key, out YamlNode? node)) return null;
        return node is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw Wrong(node, Join(key), wanted, Describe(node));
    }
}
