using YiSharp.Tensors;
using YiSharp.Text;
using SentencePieceTokenizer = Microsoft.ML.Tokenizers.SentencePieceTokenizer;

namespace YiSharp.Oracles.Tests.Text;

/// <summary>
/// Ids of SentencePiece's unigram models against Microsoft's reading of them. It differs from sentencepiece itself, as the goldens show, in two things: it gives
/// each unknown character an id where sentencepiece gives one to a run, and keeps control characters. Of BPE it joins equals in another order, so
/// <see cref="LlamaCppTokenizersTests"/> judges that.
/// </summary>
public sealed class SentencePieceTests
{
    private const ulong Seed = 20260;
    private const int UnknownId = 0;

    private static readonly RandomTexts Texts = new("<s>", "</s>", "<unk>", "<0x0A>");

    public static TheoryData<string> Unigrams => [.. TokenizerFiles.SentencePieces.Where(name => name != TokenizerFiles.LlamaSentencePiece)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Unigrams))]
    public void Ids_of_random_texts_are_equal(string name)
    {
        using FileStream file = File.OpenRead(TokenizerFiles.PathOf(name));
        SentencePieceTokenizer theirs = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        Tokenizer ours = Tokenizer.FromFile(TokenizerFiles.PathOf(name));
        Fuzz.Compare(RandomStream.For(Seed, "texts of " + name), Fuzz.Count, random => Fuzz.Characters(Texts.Next(random)), characters =>
        {
            string text = string.Concat(characters.Where(character => !char.IsControl(character[0])));
            IReadOnlyList<int> expected = theirs.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);
            return (Fuzz.Print(Fused(expected)), Fuzz.Print(ours.Encode(text, SpecialTokens.AsText)));
        });
    }

    private static IEnumerable<int> Fused(IReadOnlyList<int> ids) => ids.Where((id, i) => id != UnknownId || i == 0 || ids[i - 1] != UnknownId);
}
