using System.Text.Json;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>A file of texts, ids and decodings written by the original tokenizers.</summary>
internal sealed class TokenizerGoldens
{
    private readonly JsonElement _root;
    private readonly string _name;

    private readonly bool _isLlamaCpp;

    public TokenizerGoldens(string name)
        : this(name, Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", name))
    {
    }

    private TokenizerGoldens(string name, string file)
    {
        _name = name;
        _root = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        _isLlamaCpp = _root.GetProperty("library").GetString()!.StartsWith("llama.cpp", StringComparison.Ordinal);
    }

    /// <summary>A file that stays outside the repository.</summary>
    public static TokenizerGoldens Shared(string name) => new(name, Path.Combine(Repository.Root, "..", "shared", "goldens", "tokenizers", name));

    /// <summary>The rows of such a file.</summary>
    public static IReadOnlyList<JsonElement> SharedRows(string name) => [.. Shared(name)._root.GetProperty("rows").EnumerateArray()];

    /// <summary>Holds every row against a tokenizer; returns how many there were.</summary>
    public int AssertEqual(Tokenizer tokenizer)
    {
        int rows = 0;
        foreach (JsonElement row in _root.GetProperty("rows").EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            string label = $"{_name} row {rows++}, {(text.Length < 200 ? text : text[..200])}";
            int[] ids = Ids(row, "ids")!;
            Same(ids, tokenizer.Encode(text), label);
            if (row.TryGetProperty("words", out JsonElement words)) Assert.Equal(words.EnumerateArray().Select(word => word.GetString()!), tokenizer.Words(text));
            if (_isLlamaCpp || _root.TryGetProperty("bytes_without_token", out _) || row.TryGetProperty("ids_plain", out _))
                Same(Ids(row, "ids_plain") ?? ids, tokenizer.Encode(text, SpecialTokens.AsText), label + " as text");
            AssertDecodes(tokenizer, row, ids, label);
        }
        int random = 0;
        foreach (JsonElement row in _root.TryGetProperty("random_ids", out JsonElement made) ? made.EnumerateArray() : [])
            AssertDecodes(tokenizer, row, Ids(row, "ids")!, $"{_name} random ids {random++}");
        return rows + random;
    }

    private static void AssertDecodes(Tokenizer tokenizer, JsonElement row, int[] ids, string label)
    {
        string decoded = row.GetProperty("decoded").GetString()!;
        Assert.True(decoded == tokenizer.Decode(ids), $"{label}: decoded {tokenizer.Decode(ids)}, expected {decoded}");
        if (row.TryGetProperty("decoded_skip", out JsonElement skipped)) Assert.Equal(skipped.GetString(), tokenizer.Decode(ids, skipSpecial: true));

        IncrementalDecoder decoder = tokenizer.CreateDecoder();
        string[] deltas = [.. ids.Select(decoder.Push)];
        string flush = decoder.Flush();
        if (row.TryGetProperty("deltas", out JsonElement expected))
        {
            Assert.Equal(expected.EnumerateArray().Select(e => e.GetString()!), deltas);
            Assert.Equal(row.GetProperty("flush").GetString(), flush);
        }
        if (tokenizer.TryGetId("<0x00>", out _) && decoded.Contains('\uFFFD')) return; // broken runs of byte fallback differ by nature
        Assert.Equal(decoded, string.Concat(deltas) + flush);
    }

    private static int[]? Ids(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement ids) ? [.. ids.EnumerateArray().Select(e => e.GetInt32())] : null;

    private static void Same(int[] expected, int[] actual, string label)
    {
        int from = Math.Max(0, expected.AsSpan().CommonPrefixLength(actual) - 5);
        Assert.True(expected.AsSpan().SequenceEqual(actual),
            $"{label}: from {from} on expected [{string.Join(", ", expected.Skip(from).Take(30))}], found [{string.Join(", ", actual.Skip(from).Take(30))}]");
    }
}
