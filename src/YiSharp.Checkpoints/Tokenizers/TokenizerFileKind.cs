using System.Buffers.Binary;
using System.Text;

namespace YiSharp.Checkpoints;

/// <summary>What a tokenizer's file is.</summary>
public enum TokenizerFileKind
{
    /// <summary>JSON: a <c>tokenizer.json</c>, as far as its first byte says.</summary>
    Json,

    /// <summary>A SentencePiece <c>.model</c>.</summary>
    SentencePiece,

    /// <summary>A GGUF file with its vocabulary.</summary>
    Gguf,
}

/// <summary>Tells what a tokenizer's file is by what is in it.</summary>
public static class TokenizerFileKinds
{
    private const int HeadBytes = 512;
    private const string Expected = "a tokenizer.json, a SentencePiece .model or a .gguf file was expected";

    /// <summary>What other files look like that lie beside tokenizers.</summary>
    private static readonly (string What, Func<byte[], bool> Is)[] Others =
    [
        ("is empty", static head => head.Length == 0),
        ("is a pointer of Git LFS, not the file itself", static head => head.AsSpan().StartsWith("version https://git-lfs"u8)),
        ("is an HTML page", static head => Text(head).TrimStart().StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase) || Text(head).TrimStart().StartsWith("<html", StringComparison.OrdinalIgnoreCase)),
        ("is a zip archive, such as PyTorch writes", static head => head.AsSpan().StartsWith("PK\x03\x04"u8)),
        ("is a Python pickle", static head => head is [0x80, >= 2 and <= 5, ..]),
        ("is a gzip archive", static head => head is [0x1F, 0x8B, ..]),
        ("is a safetensors file", static head => head.Length > 9 && BinaryPrimitives.ReadUInt64LittleEndian(head) < 1 << 30 && head[8] == '{'),
        ("is a vocabulary of tiktoken", static head => IsTiktoken(Text(head))),
    ];

    /// <summary>Reads the first bytes of a file.</summary>
    /// <exception cref="InvalidDataException">It is not there, or something else.</exception>
    public static TokenizerFileKind Of(string path)
    {
        byte[] head = Head(path);
        if (head.AsSpan().StartsWith("GGUF"u8)) return TokenizerFileKind.Gguf;
        ReadOnlySpan<byte> text = head.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? head.AsSpan(Encoding.UTF8.Preamble.Length) : head;
        if (text.TrimStart(" \t\r\n"u8) is [(byte)'{', ..]) return TokenizerFileKind.Json;
        foreach ((string what, Func<byte[], bool> isThat) in Others)
        {
            if (isThat(head)) throw new InvalidDataException($"{path} {what}; {Expected}.");
        }
        return Extension(path) switch
        {
            ".json" => TokenizerFileKind.Json,
            ".gguf" => TokenizerFileKind.Gguf,
            ".model" => TokenizerFileKind.SentencePiece,
            // The first field of a SentencePiece model: pieces, trainer_spec or normalizer_spec, each with its length.
            _ when head[0] is 0x0A or 0x12 or 0x1A => TokenizerFileKind.SentencePiece,
            _ => throw new InvalidDataException($"{path} starts with {Convert.ToHexString(head.AsSpan(0, Math.Min(4, head.Length)))} and is no tokenizer; {Expected}."),
        };
    }

    private static string Extension(string path) => Path.GetExtension(path).ToLowerInvariant();

    private static byte[] Head(string path)
    {
        try
        {
            string real = RealPath.Of(path);
            // Opening a pipe would wait for a writer; its length is 0.
            if (File.Exists(real) && new FileInfo(real).Length == 0) return [];
            using FileStream file = File.OpenRead(real);
            byte[] head = new byte[HeadBytes];
            return head[..file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} could not be read: {e.Message} Check that it exists and may be read.", e);
        }
    }

    private static string Text(byte[] head) => Encoding.Latin1.GetString(head);

    /// <summary>Lines of a piece in base64, a space and its rank.</summary>
    private static bool IsTiktoken(string text)
    {
        string[] line = text.Split('\n')[0].TrimEnd('\r').Split(' ');
        return line.Length == 2 && int.TryParse(line[1], out _) && line[0].Length % 4 == 0 && Convert.TryFromBase64String(line[0], new byte[HeadBytes], out int length) && length > 0;
    }
}
