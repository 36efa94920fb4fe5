using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class TokenizerTests
{
    private static readonly string[] ChatTokens = ["<|im_start|>", "<|im_end|>", "<|im_sep|>"];
    private static readonly Lazy<Tokenizer> YiFile = new(() => Tokenizer.FromFile(YiPath));

    private static string YiPath => Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi", "tokenizer.json");

    private static Tokenizer YiChat => YiFile.Value.WithSpecial(ChatTokens);

    [Fact]
    public void Yi_as_its_file_is() => Assert.Equal(167, new TokenizerGoldens("yi.json").AssertEqual(YiFile.Value));

    [Fact]
    public void Yi_with_its_chat_tokens() => Assert.Equal(167, new TokenizerGoldens("yi-chat-tokens-split.json").AssertEqual(YiChat));

    [Fact]
    public void Yi_on_difficult_texts() => Assert.Equal(605, new TokenizerGoldens("edge/yi.json").AssertEqual(YiChat));
}
