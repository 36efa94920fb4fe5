using System.Text;

namespace YiSharp.Peers;

/// <summary>A text in documents, as training and serving meet it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Documents">Stretches of whole lines, of about <see cref="DocumentLength"/> UTF-16 units.</param>
/// <param name="Bytes">Length in UTF-8.</param>
internal sealed record TextSample(string Name, string[] Documents, long Bytes)
{
    private const int DocumentLength = 4096;

    /// <summary>The texts of the comparison, each at most so many megabytes.</summary>
    public static TextSample[] All(int megabytes) =>
    [
        Read("English, Gutenberg", megabytes, [Repository.Shared("data/corpora/nltk_gutenberg_en.txt")]),
        Read("English, speeches", megabytes, [Repository.Shared("data/corpora/nltk_state_union_en.txt")]),
        Read("Chinese, a book", megabytes, [Repository.Shared("data/corpora/d2l_zh.md")]),
        Read("Chinese, chats", megabytes, [Repository.Shared("data/instructions/yi_example_dataset/train.jsonl")]),
        Read("code, this repository's", megabytes, [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]),
    ];

    private static TextSample Read(string name, int megabytes, string[] files)
    {
        var documents = new List<string>();
        var document = new StringBuilder();
        long bytes = 0;
        foreach (string line in files.SelectMany(File.ReadLines))
        {
            if (bytes >= megabytes * 1_000_000L) break;
            document.Append(line).Append('\n');
            if (document.Length < DocumentLength) continue;
            bytes += Encoding.UTF8.GetByteCount(document.ToString());
            documents.Add(document.ToString());
            document.Clear();
        }
        return new TextSample(name, [.. documents], bytes);
    }
}
