using System.Text.Json;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

/// <summary>A byte-level vocabulary without merges, with control tokens of the test's choice.</summary>
internal static class ByteTokenizer
{
    /// <summary>Writes <c>tokenizer.json</c> into a folder and reads it.</summary>
    public static Tokenizer With(TemporaryFolder folder, params IEnumerable<string> special)
    {
        File.WriteAllText(folder["tokenizer.json"], Json(special));
        return Tokenizer.FromFile(folder["tokenizer.json"]);
    }

    public static string Json(params IEnumerable<string> special)
    {
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(b => ByteAlphabet.ToChar((byte)b).ToString(), b => b);
        string[] marks = [.. special.Distinct()];
        return JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = marks.Select((mark, i) => new { id = 256 + i, content = mark, single_word = false, lstrip = false, rstrip = false, normalized = false, special = true }),
            normalizer = (object?)null,
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            post_processor = (object?)null,
            decoder = new { type = "ByteLevel" },
            model = new { type = "BPE", vocab = vocabulary, merges = Array.Empty<string>() },
        });
    }
}
