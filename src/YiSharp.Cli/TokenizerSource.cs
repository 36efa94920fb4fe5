using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>A tokenizer and the chat template beside it, read without any weights.</summary>
internal sealed class TokenizerSource
{
    private readonly Lazy<(Tokenizer Tokenizer, ChatTemplate Template)> _chat;

    /// <summary>Reads a <c>tokenizer.json</c>, a .gguf file or a model folder.</summary>
    public TokenizerSource(string path)
    {
        Tokenizer = Tokenizer.FromFile(path);
        _chat = new(() => OpenChat(path));
    }

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Messages to text.</summary>
    public ChatTemplate Template => _chat.Value.Template;

    /// <summary>The tokenizer for what the template writes: a folder knows of control tokens that its bare <c>tokenizer.json</c> does not mark.</summary>
    public Tokenizer ChatTokenizer => _chat.Value.Tokenizer;

    private (Tokenizer, ChatTemplate) OpenChat(string path)
    {
        bool isBare = File.Exists(path) && !path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && Path.GetFileName(path) == "tokenizer.json";
        Tokenizer tokenizer = isBare ? Tokenizer.FromFile(Path.GetDirectoryName(Path.GetFullPath(path))!) : Tokenizer;
        return (tokenizer, ChatTemplate.Load(path, TokenizerFiles.Open(path), tokenizer));
    }
}
