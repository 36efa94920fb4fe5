using System.Buffers.Binary;
using System.Text;
using YiSharp.Checkpoints;

namespace YiSharp.Tests.Text;

/// <summary>Writes SentencePiece models field by field, sound and unsound ones alike.</summary>
internal sealed class ModelProto
{
    private readonly MemoryStream _bytes = new();

    /// <summary>A model of the given type with <c>&lt;unk&gt;</c>, <c>&lt;s&gt;</c>, <c>&lt;/s&gt;</c>, these pieces and, where asked for, the 256 bytes.</summary>
    public static ModelProto Of(SentencePieceType type, (string Text, float Score, TokenKind Kind)[] pieces, bool byteFallback = false, bool removeSpaces = false)
    {
        ModelProto model = new ModelProto().Piece("<unk>", 0, TokenKind.Unknown).Piece("<s>", 0, TokenKind.Control).Piece("</s>", 0, TokenKind.Control);
        for (int b = 0; b < (byteFallback ? 256 : 0); b++) model.Piece(ByteToken.Write((byte)b), 0, TokenKind.Byte);
        foreach ((string text, float score, TokenKind kind) in pieces) model.Piece(text, score, kind);
        return model
            .Message(2, new ModelProto().Number(3, (ulong)type).Number(35, byteFallback ? 1u : 0))
            .Message(3, new ModelProto().Number(4, removeSpaces ? 1u : 0));
    }

    public ModelProto Piece(string text, float score, TokenKind kind) => Message(1, new ModelProto().Bytes(1, Encoding.UTF8.GetBytes(text)).Single(2, score).Number(3, (ulong)kind));

    public ModelProto Number(int field, ulong value) => Varint((ulong)field << 3).Varint(value);

    public ModelProto Single(int field, float value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Varint((ulong)field << 3 | 5).Raw(bytes);
    }

    public ModelProto Bytes(int field, byte[] value) => Varint((ulong)field << 3 | 2).Varint((ulong)value.Length).Raw(value);

    public ModelProto Message(int field, ModelProto value) => Bytes(field, value.ToArray());

    public ModelProto Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    private ModelProto Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
        return this;
    }
}
