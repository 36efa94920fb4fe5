using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class SentencePieceTests
{
    private static string Models => Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers", "sentencepiece");

    [Theory]
    [InlineData("chinese_sp")]
    [InlineData("sentencepiece_test_model")]
    [InlineData("sentencepiece_test_ja_model")]
    [InlineData("llama2_tokenizer")]
    public void Models_give_the_original_s_ids_and_texts(string name)
    {
        Tokenizer tokenizer = Read(name);
        Assert.True(TokenizerGoldens.Shared($"spm-{name}.json").AssertEqual(tokenizer) > 50);
        Assert.True(TokenizerGoldens.Shared($"edge/spm-{name}.json").AssertEqual(tokenizer) > 500);
    }

    private static Tokenizer Read(string name)
    {
        string path = Path.Combine(Models, name + ".model");
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: other models' tokenizers stay outside the repository.");
        return Tokenizer.FromFile(path);
    }
}
