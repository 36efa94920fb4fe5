using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Cli;

/// <summary>A tokenizer and the chat template beside it, read without any weights.</summary>
internal sealed class TokenizerSource
{
    private readonly Lazy<(Tokenizer Tokenizer, ChatTemplate Template)> _chat;

    /// <summary>Reads a <c>tokenizer.json</c>, a SentencePiece <c>.model</c>, a .gguf file or a model folder.</summary>
    public TokenizerSource(string path)
    {
        Tokenizer = Tokenizer.FromFile(path);
        _chat = new(() => OpenChat(path));
    }

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Messages to text.</summary>
    public ChatTemplate Template => _chat.Value.Template;

    /// <summary>The tokenizer for what the template writes: a folder knows of control tokens that its bare vocabulary does not mark.</summary>
    public Tokenizer ChatTokenizer => _chat.Value.Tokenizer;

    private (Tokenizer, ChatTemplate) OpenChat(string path)
    {
        string? folder = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path)) : null;
        bool isOfFolder = folder is not null && TokenizerFiles.VocabularyOf(folder) == Path.GetFullPath(path);
        Tokenizer tokenizer = isOfFolder ? Tokenizer.FromFile(folder!) : Tokenizer;
        return (tokenizer, ChatTemplate.Load(path, TokenizerFiles.Open(path), tokenizer));
    }
}
