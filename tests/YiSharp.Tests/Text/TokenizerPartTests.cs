using System.Text.Json;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>Each part of a tokenizer.json on its own against tokenizers 0.23.3.</summary>
public sealed class TokenizerPartTests
{
    public static TheoryData<string> SplitTokenizers =>
        ["cl100k", "deepseek-coder", "deepseek-v3", "gpt2", "gpt2-prefix-space", "llama3", "metaspace-always-split", "metaspace-first", "metaspace-never", "o200k", "starcoder-digits"];

    private static string Edge => Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "edge");

    [Fact]
    public void Pre_tokenizers()
    {
        Assert.Equal(26, ForEach("pre_tokenizers.json", (config, row, label) =>
        {
            var words = new List<Piece>();
            PreTokenizerReader.Read(config, modelTakesBytes: false).Split(new Piece(row.GetProperty("text").GetString()!.AsMemory(), AtStart: true), words);
            string[] expected = [.. row.GetProperty("words").EnumerateArray().Select(word => word.GetString()!)];
            Assert.True(expected.SequenceEqual(words.Select(word => word.Text.ToString())), $"{label}: expected {Show(expected)}, found {Show(words.Select(word => word.Text.ToString()))}");
        }));
    }

    [Fact]
    public void Normalizers()
    {
        Assert.Equal(12, ForEach("normalizers.json", (config, row, label) =>
        {
            string expected = row.GetProperty("normalized").GetString()!, found = NormalizerReader.Read(config).Normalize(row.GetProperty("text").GetString()!);
            Assert.True(expected == found, $"{label}: expected {Show([expected])}, found {Show([found])}");
        }));
    }

    [Fact]
    public void Added_tokens()
    {
        JsonElement[] groups = [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(Edge, "added_tokens.json"))).RootElement.EnumerateArray()];
        foreach (JsonElement group in groups)
        {
            string vocabulary = string.Join(",", ByteCharacters().Order(StringComparer.Ordinal).Select((c, id) => $"{JsonSerializer.Serialize(c)}:{id}"));
            using var folder = new TemporaryFolder();
            File.WriteAllText(folder["tokenizer.json"],
                $$"""
                {"added_tokens": {{group.GetProperty("added_tokens").GetRawText()}}, "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
                 "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": { {{vocabulary}} }, "merges": [] } }
                """);
            Tokenizer tokenizer = Tokenizer.FromFile(folder["tokenizer.json"]);
            foreach (JsonElement row in group.GetProperty("rows").EnumerateArray())
            {
                string label = $"{group.GetProperty("flags")} {row.GetProperty("text")}";
                int[] ids = [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
                int[] found = tokenizer.Encode(row.GetProperty("text").GetString()!);
                Assert.True(ids.AsSpan().SequenceEqual(found), $"{label}: expected [{string.Join(", ", ids)}], found [{string.Join(", ", found)}]");
                Assert.Equal(row.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
                Assert.Equal(row.GetProperty("decoded_skip").GetString(), tokenizer.Decode(ids, skipSpecial: true));
            }
        }
        Assert.Equal(6, groups.Length);
    }

    [Theory]
    [MemberData(nameof(SplitTokenizers))]
    public void Split_patterns_of_known_models(string name)
    {
        string path = Path.Combine(Repository.Root, "..", "shared", "goldens", "tokenizers", "edge", "trained", name + ".tokenizer.json");
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: tokenizers that only goldens need stay outside the repository.");
        Assert.True(TokenizerGoldens.Shared($"edge/split-{name}.json").AssertEqual(Tokenizer.FromFile(path)) > 400);
    }

    private static IEnumerable<string> ByteCharacters() => Enumerable.Range(0, 256).Select(b => ByteAlphabet.ToChar((byte)b).ToString());

    private static int ForEach(string file, Action<JsonField, JsonElement, string> check)
    {
        int parts = 0;
        foreach (JsonElement part in JsonDocument.Parse(File.ReadAllText(Path.Combine(Edge, file))).RootElement.EnumerateArray())
        {
            foreach (JsonElement row in part.GetProperty("rows").EnumerateArray())
                check(new JsonField(part.GetProperty("config"), file, "part"), row, $"{part.GetProperty("name")} of {JsonSerializer.Serialize(row.GetProperty("text").GetString())}");
            parts++;
        }
        return parts;
    }

    private static string Show(IEnumerable<string> words) => JsonSerializer.Serialize(words);
}
