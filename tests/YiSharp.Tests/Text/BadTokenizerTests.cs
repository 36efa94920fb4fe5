using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>
/// Files that are damaged, contradict themselves or ask for what we do not know: one sentence each, soon, whatever they say. YISHARP_MUTATIONS sets the number of mutations.
/// </summary>
public sealed class BadTokenizerTests
{
    /// <summary>A small file costs a model's and a pattern's tables, some hundred kilobytes each, and no more.</summary>
    private const long MostBytes = 1 << 26;

    private static readonly long Mutations = long.Parse(Environment.GetEnvironmentVariable("YISHARP_MUTATIONS") ?? "3000", CultureInfo.InvariantCulture);

    /// <summary>Valid files that between them hold every kind of component.</summary>
    private static readonly string[] Valid =
    [
        """
        {"version": "1.0", "truncation": null, "padding": {"strategy": "BatchLongest"},
         "added_tokens": [{"id": 0, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
                          {"id": 9, "content": "ab ", "single_word": true, "lstrip": true, "rstrip": true, "normalized": true, "special": false}],
         "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}, {"type": "Prepend", "prepend": "▁"},
                        {"type": "Strip", "strip_left": false, "strip_right": true}, {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}]},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "(?i:'s)|\\p{N}{1,3}|[^\\s]+?(?=b)|\\s+(?!\\S)"}, "behavior": "MergedWithNext", "invert": false},
                        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}, {"type": "FixedLength", "length": 3}, {"type": "Punctuation", "behavior": "Isolated"}]},
         "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}},
         "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
         "model": {"type": "BPE", "dropout": null, "unk_token": "<s>", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
                   "vocab": {"<s>": 0, "a": 1, "b": 2, "ab": 3, "▁": 4, "▁a": 5}, "merges": [["a", "b"], "▁ a"]}}
        """,
        """
        {"added_tokens": [], "normalizer": null, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
         "post_processor": {"type": "RobertaProcessing", "sep": ["a", 0], "cls": ["b", 1], "trim_offsets": true, "add_prefix_space": true},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "BPE", "end_of_word_suffix": "</w>", "continuing_subword_prefix": "##", "vocab": {"a": 0, "b": 1, "##b": 2, "##b</w>": 3, "ab</w>": 4}, "merges": ["a ##b</w>"]}}
        """,
        """
        {"normalizer": {"type": "Nmt"}, "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true}, "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
         "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", 0.0], ["▁", -2.5], ["a", -3], ["ab", -1e1]]}}
        """,
    ];

    [Theory]
    [InlineData("model.type", "\"WordPiece\"", "\"WordPiece\"", "known: BPE, Unigram")]
    [InlineData("model.type", "\"WordLevel\"", "\"WordLevel\"", "known: BPE, Unigram")]
    [InlineData("model.dropout", "0.1", "ids would be random")]
    [InlineData("model.dropout", "\"0\"", "model.dropout", "expected a number")]
    [InlineData("model.unk_token", "\"?\"", "model.unk_token", "a token of the vocabulary")]
    [InlineData("model.byte_fallback", "1", "model.byte_fallback", "expected true or false")]
    [InlineData("model.vocab", "{\"a\": 0, \"a\": 1}", "not valid JSON")]
    [InlineData("model.vocab", "{\"a\": 99999}", "the id 99999")]
    [InlineData("model.vocab", "{\"a\": 1e99}", "expected an integer")]
    [InlineData("model.merges", "[[\"a\"]]", "model.merges[0]", "two tokens")]
    [InlineData("model.merges", "[[\"a\", \"\"]]", "model.merges[0]", "not in the vocabulary")]
    [InlineData("model", "[]", "expected an object")]
    [InlineData("version", "\"2.0\"", "version", "\"2.0\"")]
    [InlineData("truncation", "5", "truncation", "an object or null")]
    [InlineData("added_tokens", "{}", "added_tokens", "expected an array")]
    [InlineData("added_tokens", "[{\"id\": 9, \"content\": \"\"}]", "added_tokens[0].content", "not empty")]
    [InlineData("added_tokens", "[{\"id\": 5, \"content\": \"x\"}]", "added_tokens[0]", "has it already")]
    [InlineData("added_tokens", "[{\"id\": 5, \"content\": \"a\"}]", "added_tokens[0]", "gives id 5")]
    [InlineData("added_tokens", "[{\"id\": -1, \"content\": \"x\"}]", "the id -1")]
    [InlineData("added_tokens", "[{\"id\": 500000000, \"content\": \"x\"}]", "the id 500000000")]
    [InlineData("added_tokens", "[{\"id\": 9, \"content\": \"x\", \"special\": \"yes\"}]", "added_tokens[0].special", "true or false")]
    [InlineData("added_tokens", "[{\"content\": \"x\"}]", "added_tokens[0].id", "is missing")]
    [InlineData("normalizer", "{\"type\": \"NFX\"}", "normalizer.type", "\"NFX\"", "NFKD")]
    [InlineData("normalizer", "\"NFC\"", "normalizer", "expected an object")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(\"}, \"content\": \"\"}", "normalizer.pattern.Regex", "leaves a group open")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(a)\\\\1\"}, \"content\": \"\"}", "normalizer.pattern.Regex", "back-reference")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": \"a\", \"content\": \"\"}", "normalizer.pattern", "\"String\"")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\", \"Regex\": \"a\"}, \"content\": \"\"}", "exactly one")]
    [InlineData("normalizer", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}}", "normalizer.content", "is missing")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"?\"}", "normalizer.precompiled_charsmap", "base64")]
    [InlineData("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAAAAAAAAAA\"}", "normalizer.precompiled_charsmap")]
    [InlineData("pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"String\": \"a\"}, \"behavior\": \"Sliced\"}", "pre_tokenizer.behavior", "\"Sliced\"", "Contiguous")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"__\"}", "pre_tokenizer.replacement", "one character")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"last\"}", "\"last\"", "always, first, never")]
    [InlineData("pre_tokenizer", "{\"type\": \"Metaspace\", \"replacement\": \"_\", \"prepend_scheme\": \"first\", \"add_prefix_space\": false}", "expected \"never\"")]
    [InlineData("pre_tokenizer", "{\"type\": \"FixedLength\", \"length\": 0}", "pre_tokenizer.length", "1 or more")]
    [InlineData("pre_tokenizer", "{\"type\": \"Sequence\", \"pretokenizers\": {}}", "pre_tokenizer.pretokenizers", "expected an array")]
    [InlineData("decoder", "{\"type\": \"Strip\", \"content\": \" \", \"start\": -1, \"stop\": 0}", "decoder.start", "0 or more")]
    [InlineData("decoder", "{\"type\": \"BPEDecoder\", \"suffix\": \"\"}", "decoder.suffix", "not empty")]
    [InlineData("post_processor", "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<x>\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}}", "post_processor.single[0].SpecialToken.id", "\"<x>\"")]
    [InlineData("post_processor", "{\"type\": \"TemplateProcessing\", \"single\": [], \"pair\": [], \"special_tokens\": {}}", "post_processor.single", "the text A")]
    [InlineData("post_processor", "{\"type\": \"BertProcessing\", \"sep\": [\"a\", 77], \"cls\": [\"a\", 1]}", "post_processor.sep", "the id of a token")]
    public void A_file_is_refused_in_one_sentence_that_names_the_place(string path, string value, params string[] parts)
    {
        // Text and not nodes, since a name may stand twice in what is put in.
        const string mark = "\"put it here\"";
        JsonNode root = JsonNode.Parse(Valid[0])!;
        string[] names = path.Split('.');
        JsonNode owner = names[..^1].Aggregate(root, (node, name) => node[name]!);
        owner[names[^1]] = JsonNode.Parse(mark);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], root.ToJsonString().Replace(mark, value, StringComparison.Ordinal));
        Exception error = Assert.ThrowsAny<Exception>(() => Tokenizer.FromFile(folder["tokenizer.json"]));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(folder["tokenizer.json"], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        foreach (string part in parts) Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", "normalizers", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aa\"}")]
    [InlineData("pre_tokenizer", "pretokenizers", "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": false}")]
    [InlineData("decoder", "decoders", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aa\"}")]
    public void Steps_that_double_the_text_again_and_again_are_stopped(string name, string list, string step)
    {
        JsonNode root = JsonNode.Parse(Valid[0])!;
        root[name] = new JsonObject { ["type"] = "Sequence", [list] = new JsonArray([.. Enumerable.Range(0, 60).Select(_ => JsonNode.Parse(step))]) };
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], root.ToJsonString());
        Assert.Throws<InvalidDataException>(() =>
        {
            Tokenizer tokenizer = Tokenizer.FromFile(folder["tokenizer.json"]);
            tokenizer.Decode(tokenizer.Encode("aaé"));
        });
    }

    [Fact]
    public void Steps_are_bounded_in_number_and_depth()
    {
        string step = "{\"type\": \"NFC\"}";
        string many = "{\"type\": \"Sequence\", \"normalizers\": [" + string.Join(",", Enumerable.Repeat(step, 200)) + "]}";
        string deep = step;
        for (int i = 0; i < 40; i++) deep = "{\"type\": \"Sequence\", \"normalizers\": [" + deep + "]}";
        foreach (string normalizer in (string[])[many, deep])
        {
            using var folder = new TemporaryFolder();
            File.WriteAllText(folder["tokenizer.json"], "{\"normalizer\": " + normalizer + ", \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}");
            Assert.Throws<InvalidDataException>(() => Tokenizer.FromFile(folder["tokenizer.json"]));
        }
    }

    [Fact]
    public void Added_tokens_that_share_beginnings_take_linear_time()
    {
        JsonNode root = JsonNode.Parse(Valid[0])!;
        root["added_tokens"] = new JsonArray([.. Enumerable.Range(0, 3).Select(i => new JsonObject { ["id"] = 20 + i, ["content"] = new string('x', 60_000 + i) + "y", ["normalized"] = false })]);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], root.ToJsonString());
        Assert.Single(Tokenizer.FromFile(folder["tokenizer.json"]).Encode(new string('x', 300_000) + "y"), id => id == 22); // 10¹⁰ steps for a search that starts anew everywhere
    }

    [Fact]
    public void Any_change_of_a_file_is_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        string[] values = ["null", "true", "-1", "0", "1e999", "99999999999", "\"\"", "\"a\"", "\"▁\"", "[]", "{}", "[[]]", "\"(a\"", "\"\\u0000\\n\"", "{\"type\": \"NFC\"}", "{\"type\": \"ByteLevel\"}", "{\"String\": \"a\"}", "{\"Regex\": \"(a*)*b|\"}"];
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Select(Gen.Int[0, 500], Gen.Int[0, values.Length + 1]).Array[1, 3]).Sample((file, edits) =>
        {
            JsonNode root = JsonNode.Parse(Valid[file])!;
            foreach ((int place, int change) in edits) Change(root, place, change < values.Length ? JsonNode.Parse(values[change]) : null, removes: change == values.Length);
            File.WriteAllText(folder["tokenizer.json"], root.ToJsonString());
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Tokenizer tokenizer = Tokenizer.FromFile(folder["tokenizer.json"]);
                int[] ids = tokenizer.Encode(" ab  <s> ab 12's é漢😀\0\n");
                string text = tokenizer.Decode(ids);
                IncrementalDecoder decoder = tokenizer.CreateDecoder();
                string streamed = string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
                if (!text.Contains('\uFFFD', StringComparison.Ordinal)) Assert.Equal(text, streamed);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }, iter: Mutations, threads: 1);
    }

    /// <summary>Puts a value in a place of a tree, counted from its root; or removes what is there, or puts a copy of it into itself.</summary>
    private static void Change(JsonNode root, int place, JsonNode? value, bool removes)
    {
        var places = new List<(JsonNode Owner, string? Name, int Index)>();
        var open = new Stack<JsonNode>([root]);
        while (open.TryPop(out JsonNode? node))
        {
            if (node is JsonObject members)
            {
                foreach ((string name, JsonNode? child) in members)
                {
                    places.Add((node, name, -1));
                    if (child is not null) open.Push(child);
                }
            }
            else if (node is JsonArray items)
            {
                for (int i = 0; i < items.Count; i++)
                {
                    places.Add((node, null, i));
                    if (items[i] is { } child) open.Push(child);
                }
            }
        }
        if (places.Count == 0) return;
        (JsonNode owner, string? memberName, int index) = places[place % places.Count];
        if (removes && memberName is not null) ((JsonObject)owner).Remove(memberName);
        else if (removes) ((JsonArray)owner).RemoveAt(index);
        else if (memberName is not null) owner[memberName] = value ?? JsonNode.Parse(JsonSerializer.Serialize(owner));
        else owner[index] = value ?? JsonNode.Parse(JsonSerializer.Serialize(owner));
    }
}
