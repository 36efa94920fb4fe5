namespace YiSharp.Checkpoints;

/// <summary>How a SentencePiece model finds its pieces; numbered as in <c>trainer_spec.model_type</c>.</summary>
internal enum SentencePieceType
{
    /// <summary>The pieces whose scores have the highest sum.</summary>
    Unigram = 1,

    /// <summary>The neighbours whose union scores best are joined first.</summary>
    Bpe = 2,

    /// <summary>Words between spaces.</summary>
    Word = 3,

    /// <summary>Single characters.</summary>
    Char = 4,
}

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Text">As it is written: spaces are ▁.</param>
/// <param name="Score">Log-probability (unigram) or minus the rank (BPE).</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct SentencePiece(string Text, float Score, TokenKind Kind);

/// <summary>
/// A SentencePiece <c>.model</c> file: the fields of <c>ModelProto</c> (google/sentencepiece, <c>src/sentencepiece_model.proto</c>) that encoding and decoding
/// read, with the format's defaults. All others are passed over.
/// </summary>
internal sealed record SentencePieceModel
{
    private const long MaxBytes = 256L << 20;

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Pieces by id; each text once, exactly one unknown.</summary>
    public required IReadOnlyList<SentencePiece> Pieces { get; init; }

    /// <summary>How pieces are found.</summary>
    public SentencePieceType Type { get; private set; } = SentencePieceType.Unigram;

    /// <summary>Characters without a piece become their bytes; there are then 256 pieces of <see cref="TokenKind.Byte"/>.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>The dummy space goes to the end of the text.</summary>
    public bool TreatWhitespaceAsSuffix { get; private set; }

    /// <summary>What an unknown piece prints.</summary>
    public string UnkSurface { get; private set; } = " \u2047 ";

    /// <summary>Text of the begin-of-sequence piece.</summary>
    public string BosPiece { get; private set; } = "<s>";

    /// <summary>Text of the end-of-sequence piece.</summary>
    public string EosPiece { get; private set; } = "</s>";

    /// <summary>Text of the padding piece.</summary>
    public string PadPiece { get; private set; } = "<pad>";

    /// <summary>Compiled character map; empty where characters stay as they are.</summary>
    public byte[] PrecompiledCharsMap { get; private set; } = [];

    /// <summary>A space is put in front of the text (at its end, see <see cref="TreatWhitespaceAsSuffix"/>).</summary>
    public bool AddDummyPrefix { get; private set; } = true;

    /// <summary>Spaces at both ends go, and runs of spaces become one.</summary>
    public bool RemoveExtraWhitespaces { get; private set; } = true;

    /// <summary>Spaces are written as ▁.</summary>
    public bool EscapeWhitespaces { get; private set; } = true;

    /// <summary>Id of the unknown piece.</summary>
    public int UnkId => IdOf(TokenKind.Unknown);

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or contradicts itself.</exception>
    /// <exception cref="NotSupportedException">It asks for what is not known here.</exception>
    public static SentencePieceModel Read(string path)
    {
        byte[] bytes;
        try
        {
            var info = new FileInfo(RealPath.Of(path));
            if (info.Length > MaxBytes) throw new InvalidDataException($"{path} has {info.Length} bytes; a SentencePiece model of at most {MaxBytes} was expected. It may be another file under this name.");
            bytes = File.ReadAllBytes(info.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} could not be read: {e.Message} Check that it exists and may be read.", e);
        }
        return Parse(path, bytes);
    }

    /// <summary>Parses bytes that came from <paramref name="path"/>.</summary>
    public static SentencePieceModel Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var pieces = new List<SentencePiece>();
        var model = new SentencePieceModel { Path = path, Pieces = pieces };
        var cursor = new ProtobufCursor(path, "the model", bytes);
        while (cursor.Next())
        {
            switch (cursor.Field)
            {
                case 1:
                    pieces.Add(ReadPiece(path, pieces.Count, cursor.Bytes("pieces")));
                    break;
                case 2:
                    model.ReadTrainerSpec(cursor.Bytes("trainer_spec"));
                    break;
                case 3:
                    model.ReadNormalizerSpec(cursor.Bytes("normalizer_spec"));
                    break;
                case 5:
                    RefuseDenormalizer(path, cursor.Bytes("denormalizer_spec"));
                    break;
                default:
                    cursor.Skip();
                    break;
            }
        }
        model.RequireSound();
        return model;
    }

    private static SentencePiece ReadPiece(string path, int id, ReadOnlySpan<byte> bytes)
    {
        (string text, float score, int kind) = ("", 0, (int)TokenKind.Normal);
        var cursor = new ProtobufCursor(path, $"pieces[{id}]", bytes);
        while (cursor.Next())
        {
            switch (cursor.Field)
            {
                case 1:
                    text = cursor.Text("piece");
                    break;
                case 2:
                    score = cursor.Single("score");
                    break;
                case 3:
                    kind = cursor.Int32("type");
                    break;
                default:
                    cursor.Skip();
                    break;
            }
        }
        if (text.Length == 0) throw Damaged(path, $"has no text for pieces[{id}]; every piece must have some");
        if (!float.IsFinite(score)) throw Damaged(path, $"gives pieces[{id}] (\"{JsonFile.Shorten(text)}\") the score {score}; a finite number was expected");
        return Enum.IsDefined((TokenKind)kind) ? new SentencePiece(text, score, (TokenKind)kind)
            : throw new NotSupportedException($"{path} gives pieces[{id}] (\"{JsonFile.Shorten(text)}\") the type {kind}; 1 to 6 are known.");
    }

    private void ReadTrainerSpec(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ProtobufCursor(Path, "trainer_spec", bytes);
        while (cursor.Next())
        {
            switch (cursor.Field)
            {
                case 3:
                    Type = (SentencePieceType)cursor.Int32("model_type");
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = cursor.Flag("treat_whitespace_as_suffix");
                    break;
                case 35:
                    ByteFallback = cursor.Flag("byte_fallback");
                    break;
                case 44:
                    UnkSurface = cursor.Text("unk_surface");
                    break;
                case 46:
                    BosPiece = cursor.Text("bos_piece");
                    break;
                case 47:
                    EosPiece = cursor.Text("eos_piece");
                    break;
                case 48:
                    PadPiece = cursor.Text("pad_piece");
                    break;
                default:
                    cursor.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizerSpec(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ProtobufCursor(Path, "normalizer_spec", bytes);
        while (cursor.Next())
        {
            switch (cursor.Field)
            {
                case 2:
                    PrecompiledCharsMap = cursor.Bytes("precompiled_charsmap").ToArray();
                    break;
                case 3:
                    AddDummyPrefix = cursor.Flag("add_dummy_prefix");
                    break;
                case 4:
                    RemoveExtraWhitespaces = cursor.Flag("remove_extra_whitespaces");
                    break;
                case 5:
                    EscapeWhitespaces = cursor.Flag("escape_whitespaces");
                    break;
                default:
                    cursor.Skip();
                    break;
            }
        }
    }

    private static void RefuseDenormalizer(string path, ReadOnlySpan<byte> bytes)
    {
        var cursor = new ProtobufCursor(path, "denormalizer_spec", bytes);
        while (cursor.Next())
        {
            if (cursor.Field != 2) cursor.Skip();
            else if (cursor.Bytes("precompiled_charsmap").Length is > 0 and var length)
                throw new NotSupportedException($"{path} rewrites decoded text by denormalizer_spec.precompiled_charsmap of {length} bytes; only models without one can be read.");
        }
    }

    private void RequireSound()
    {
        if (Pieces.Count == 0) throw Damaged(Path, "holds no pieces; a SentencePiece model was expected");
        if (Type is not (SentencePieceType.Unigram or SentencePieceType.Bpe))
            throw new NotSupportedException($"{Path} says trainer_spec.model_type = {(int)Type} ({Type}); 1 (unigram) and 2 (BPE) can be read.");

        var ids = new Dictionary<string, int>(Pieces.Count, StringComparer.Ordinal);
        int unk = -1;
        for (int id = 0; id < Pieces.Count; id++)
        {
            (string text, _, TokenKind kind) = Pieces[id];
            if (!ids.TryAdd(text, id)) throw Damaged(Path, $"has \"{JsonFile.Shorten(text)}\" as pieces[{ids[text]}] and as pieces[{id}]; each text may occur once");
            if (kind == TokenKind.Byte) RequireByte(id, text);
            if (kind != TokenKind.Unknown) continue;
            if (unk >= 0) throw Damaged(Path, $"has two unknown pieces, pieces[{unk}] and pieces[{id}]; exactly one was expected");
            unk = id;
        }
        if (unk < 0) throw Damaged(Path, "has no piece of type UNKNOWN; exactly one was expected");
        if (!ByteFallback) return;
        string[] missing = [.. Enumerable.Range(0, 256).Select(b => ByteToken.Write((byte)b)).Where(text => !ids.TryGetValue(text, out int id) || Pieces[id].Kind != TokenKind.Byte)];
        if (missing.Length > 0) throw Damaged(Path, $"says byte_fallback but lacks {missing.Length} of the 256 byte pieces, {missing[0]} first");
    }

    private void RequireByte(int id, string text)
    {
        if (!ByteFallback) throw Damaged(Path, $"has pieces[{id}] (\"{JsonFile.Shorten(text)}\") of type BYTE, but trainer_spec.byte_fallback is false");
        if (!ByteToken.TryRead(text, out _)) throw Damaged(Path, $"has \"{JsonFile.Shorten(text)}\" as pieces[{id}] of type BYTE; <0x00> to <0xFF> were expected");
    }

    private int IdOf(TokenKind kind)
    {
        for (int id = 0; id < Pieces.Count; id++)
        {
            if (Pieces[id].Kind == kind) return id;
        }
        return -1;
    }

    private static InvalidDataException Damaged(string path, string complaint) => new($"{path} {complaint}. The file is damaged, fetch it again.");
}
