using System.Text;

namespace YiSharp.Checkpoints;

/// <summary>
/// What lies beside a vocabulary: the special tokens' names and the chat template, without opening any weights. A folder without a
/// model, a GGUF file of another architecture, or one of a vocabulary alone will do.
/// </summary>
/// <param name="Config">Names of special tokens.</param>
/// <param name="ChatTemplate">Jinja source, or null.</param>
public sealed record TokenizerFiles(TokenizerConfig Config, string? ChatTemplate)
{
    private const long MaxTemplateBytes = 16L << 20;
    private const string TemplateName = "chat_template.jinja";
    private const string GgufTemplateKey = "tokenizer.chat_template";

    /// <summary>The file or GGUF key that holds <see cref="ChatTemplate"/>, or null.</summary>
    public string? ChatTemplateSource { get; init; }

    /// <summary>Reads what lies in a folder, in a .gguf file, or beside a <c>tokenizer.json</c> or <c>.model</c>.</summary>
    /// <exception cref="InvalidDataException">Nothing to read, or files that are damaged.</exception>
    public static TokenizerFiles Open(string path)
    {
        if (File.Exists(path))
        {
            if (TokenizerFileKinds.Of(path) == TokenizerFileKind.Gguf) return OpenGguf(path);
            path = Path.GetDirectoryName(Path.GetFullPath(path))!;
        }
        if (!Directory.Exists(path)) throw new InvalidDataException($"{path} does not exist; a tokenizer.json, a SentencePiece .model, a .gguf file or a model's folder was expected.");
        var folder = new ModelFolder(path);
        return FolderVocabulary.Find(folder) is null && folder.FindGguf() is string gguf ? OpenGguf(gguf) : OfFolder(folder);
    }

    /// <summary>The file that holds a folder's vocabulary: <c>tokenizer.json</c>, otherwise <c>tokenizer.model</c>; null where there is neither.</summary>
    public static string? VocabularyOf(string folder) => FolderVocabulary.Find(new ModelFolder(folder));

    /// <summary>The .gguf file of a folder that holds one model in that form; null where there is none.</summary>
    /// <exception cref="InvalidDataException">There are several models.</exception>
    public static string? GgufOf(string folder) => new ModelFolder(folder).FindGguf();

    internal static TokenizerFiles OfFolder(ModelFolder folder)
    {
        JsonFile? tokenizer = folder.Json("tokenizer_config.json");
        string? inFile = ReadTemplateFile(folder);
        string? template = inFile ?? (tokenizer is null ? null : TokenizerConfig.ReadChatTemplate(tokenizer));
        return new TokenizerFiles(TokenizerConfig.Read(tokenizer, folder.Json("special_tokens_map.json")), template)
        {
            ChatTemplateSource = template is null ? null : inFile is null ? "tokenizer_config.json" : TemplateName,
        };
    }

    internal static TokenizerFiles OfGguf(GgufFile file)
    {
        string? template = file.Text(GgufTemplateKey);
        return new(GgufConfigReader.ReadTokenizer(file), template) { ChatTemplateSource = template is null ? null : GgufTemplateKey };
    }

    private static TokenizerFiles OpenGguf(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return OfGguf(file);
    }

    private static string? ReadTemplateFile(ModelFolder folder)
    {
        if (folder.Find(TemplateName) is not string path) return null;
        try
        {
            if (new FileInfo(path).Length > MaxTemplateBytes) throw new InvalidDataException($"{path} has more than {MaxTemplateBytes} bytes; a chat template was expected.");
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidDataException($"{path} could not be read as UTF-8 text: {e.Message} Correct it or fetch it again.", e);
        }
    }
}
