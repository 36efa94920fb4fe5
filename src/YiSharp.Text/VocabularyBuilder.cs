using System.Globalization;

namespace YiSharp.Text;

/// <summary>Collects the pieces and merges of a file and refuses what does not fit together.</summary>
internal sealed class VocabularyBuilder(string source, int capacity)
{
    private const int LongestToken = 1 << 16;
    private readonly int _idLimit = (int)Math.Min(int.MaxValue, 65_536 + 8L * capacity);
    private readonly List<Merge> _merges = [];

    public Vocabulary Vocabulary { get; } = new(capacity);

    /// <summary>What a merge's right part begins with, and the merged token does not hold.</summary>
    public string ContinuingPrefix { get; init; } = "";

    public IReadOnlyList<Merge> Merges => _merges;

    /// <summary>Ids of added tokens that are no pieces of the model.</summary>
    public HashSet<int> AddedOnly { get; } = [];

    /// <summary>Adds an added token.</summary>
    public void AddAdded(string token, int id, string field)
    {
        if (Vocabulary.IdOf(token) is null) AddedOnly.Add(id);
        Add(token, id, field);
    }

    /// <summary>Adds a piece; <paramref name="field"/> says where it stands.</summary>
    public void Add(string token, int id, string field)
    {
        if (id < 0 || id >= _idLimit)
            throw Fail($"{field} gives token {JsonField.Quote(token)} the id {id}; expected 0 to {_idLimit - 1} for a vocabulary of {capacity} tokens");
        if (token.Length > LongestToken)
            throw Fail($"{field} holds a token of {token.Length} characters; expected at most {LongestToken}");
        if (Vocabulary.TryAdd(token, id)) return;
        throw Fail(Vocabulary.TokenOf(id) is { } other
            ? $"{field} gives id {id} to {JsonField.Quote(token)}, but {JsonField.Quote(other)} has it already; expected one token for each id"
            : $"{field} gives {JsonField.Quote(token)} the id {id}, but it has id {Vocabulary.IdOf(token)} already; expected one id for each token");
    }

    /// <summary>Adds a merge written as "left right", split at the first space after the first character.</summary>
    public void AddMerge(string merge, string field, int index)
    {
        int space = merge.Length == 0 ? -1 : merge.IndexOf(' ', 1);
        if (space < 0 || merge.IndexOf(' ', space + 1) >= 0)
            throw Fail($"{At(field, index)} is {JsonField.Quote(merge)}; expected two tokens with one space between them");
        AddMerge(merge[..space], merge[(space + 1)..], field, index);
    }

    /// <summary>Adds the merge of two tokens; its rank is its place in the file.</summary>
    public void AddMerge(string left, string right, string field, int index)
    {
        string merged = left + (right.StartsWith(ContinuingPrefix, StringComparison.Ordinal) ? right[ContinuingPrefix.Length..] : right);
        string[] parts = [left, right, merged];
        foreach (string part in parts)
        {
            if (part.Length > 0 && Vocabulary.IdOf(part) is not null) continue;
            throw Fail($"{At(field, index)} joins {JsonField.Quote(left)} and {JsonField.Quote(right)}, but {JsonField.Quote(part)} is not in the vocabulary; expected merges of its tokens only");
        }
        _merges.Add(new Merge(Vocabulary.IdOf(left)!.Value, Vocabulary.IdOf(right)!.Value, index, Vocabulary.IdOf(merged)!.Value));
    }

    /// <summary>A complaint about the file.</summary>
    public InvalidDataException Fail(string complaint) => new($"{complaint}, in {source}. The file is damaged or belongs to another model.");

    private static string At(string field, int index) => string.Create(CultureInfo.InvariantCulture, $"{field}[{index}]");
}
