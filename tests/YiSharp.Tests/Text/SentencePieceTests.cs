using System.Globalization;
using System.Text.Json;
using CsCheck;
using YiSharp.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class SentencePieceTests
{
    private static readonly (string, float, TokenKind)[] Pieces =
        [("▁", -1, TokenKind.Normal), ("a", -2, TokenKind.Normal), ("b", -3, TokenKind.Normal), ("ab", -4, TokenKind.Normal), ("▁ab", -5, TokenKind.Normal), ("<sep>", 0, TokenKind.UserDefined)];

    private static string Models => Path.Combine(Repository.Root, "..", "shared", "data", "tokenizers", "sentencepiece");

    [Theory]
    [InlineData("chinese_sp")]
    [InlineData("sentencepiece_test_model")]
    [InlineData("sentencepiece_test_ja_model")]
    [InlineData("llama2_tokenizer")]
    public void Models_give_the_original_s_ids_and_texts(string name)
    {
        Tokenizer tokenizer = Tokenizer.FromFile(Shared(name));
        Assert.True(TokenizerGoldens.Shared($"spm-{name}.json").AssertEqual(tokenizer) > 100);
        Assert.True(TokenizerGoldens.Shared($"edge/spm-{name}.json").AssertEqual(tokenizer) > 500);
    }

    [Theory]
    [InlineData("chinese_sp")]
    [InlineData("sentencepiece_test_model")]
    [InlineData("sentencepiece_test_ja_model")]
    [InlineData("llama2_tokenizer")]
    public void Models_normalize_as_the_original(string name)
    {
        TokenizerParts parts = SentencePieceVocabulary.Parts(SentencePieceModel.Read(Shared(name)));
        int rows = 0;
        foreach (JsonElement row in TokenizerGoldens.SharedRows($"edge/spm-{name}.json"))
        {
            if (!row.TryGetProperty("normalized", out JsonElement normalized)) continue;
            Assert.Equal(normalized.GetString(), parts.Normalizer!.Normalize(row.GetProperty("text").GetString()!));
            rows++;
        }
        Assert.True(rows > 100);
    }

    [Fact]
    public void Control_pieces_are_text_in_a_bare_model_and_print_nothing()
    {
        Tokenizer tokenizer = Read(ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true));
        Assert.DoesNotContain(1, tokenizer.Encode("<s>ab"));
        Assert.True(tokenizer.IsSpecial(1));
        Assert.Equal("ab", tokenizer.Decode([1, 263, 2]));
    }

    [Theory]
    [InlineData(nameof(SentencePieceType.Bpe))]
    [InlineData(nameof(SentencePieceType.Unigram))]
    public void User_defined_pieces_are_never_split_nor_joined(string type)
    {
        Tokenizer tokenizer = Read(ModelProto.Of(Enum.Parse<SentencePieceType>(type), Pieces));
        Assert.Equal(["▁ab", "<sep>", "ab"], tokenizer.Encode("ab<sep>ab").Select(tokenizer.TokenOf));
    }

    [Fact]
    public void The_dummy_space_goes_once_and_unknown_pieces_print_their_mark()
    {
        Tokenizer tokenizer = Read(ModelProto.Of(SentencePieceType.Unigram, Pieces));
        int space = 3, ab = 7, unknown = 0, control = 1;
        Assert.Equal("ab ab", tokenizer.Decode([ab, ab]));
        Assert.Equal(" ab", tokenizer.Decode([space, ab]));
        Assert.Equal("ab", tokenizer.Decode([control, ab]));
        Assert.Equal(" ⁇  ab", tokenizer.Decode([unknown, ab]));
        Tokenizer removing = Read(ModelProto.Of(SentencePieceType.Unigram, Pieces, removeSpaces: true));
        Assert.Equal("ab", removing.Decode([space, space, ab]));
    }

    [Fact]
    public void Only_broken_bytes_are_replaced()
    {
        Tokenizer tokenizer = Read(ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true));
        int[] ids = [.. new byte[] { 0xE4, 0xBD, 0xA0, 0x80, 0xE5 }.Select(b => b + 3)];
        Assert.Equal("你\uFFFD\uFFFD", tokenizer.Decode(ids));
        IncrementalDecoder decoder = tokenizer.CreateDecoder();
        Assert.Equal(["", "", "你", "\uFFFD", ""], ids.Select(decoder.Push));
        Assert.Equal("\uFFFD", decoder.Flush());
    }

    [Fact]
    public void Texts_come_back_and_streaming_agrees() => Gen.String[Gen.Char["ab ▁好é<\n"], 0, 16].Sample(text =>
    {
        int[] ids = Stream.Value.Encode(text);
        Assert.Equal(text.Replace('▁', ' '), Stream.Value.Decode(ids));
        IncrementalDecoder decoder = Stream.Value.CreateDecoder();
        Assert.Equal(Stream.Value.Decode(ids), string.Concat(ids.Select(decoder.Push)) + decoder.Flush());
    }, iter: 2000);

    private static readonly Lazy<Tokenizer> Stream = new(() => Read(ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true)));

    public static TheoryData<string, string> Unsound()
    {
        ModelProto sound = ModelProto.Of(SentencePieceType.Bpe, Pieces);
        ModelProto Plus(Action<ModelProto> add)
        {
            ModelProto model = ModelProto.Of(SentencePieceType.Bpe, Pieces);
            add(model);
            return model;
        }
        (ModelProto Model, string Part)[] cases =
        [
            (new ModelProto().Raw(sound.ToArray()[..^1]), "normalizer_spec has 2 bytes, but only 1 follow"),
            (Plus(m => m.Raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 1)), "says that pieces has 2147483647 bytes, but only 1 follow"),
            (Plus(m => m.Raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01)), "says that pieces has 18446744073709551615 bytes"),
            (Plus(m => m.Raw(0xFF)), "ends in the middle of a number"),
            (Plus(m => m.Raw(0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1)), "wire type 0"),
            (Plus(m => m.Raw(0x03)), "field number 0"),
            (Plus(m => m.Raw(0x3B)), "wire type 3"),
            (Plus(m => m.Number(1, 7)), "stores pieces in wire type 0"),
            (Plus(m => m.Message(1, new ModelProto().Number(2, 7))), "stores score in wire type 0"),
            (Plus(m => m.Message(1, new ModelProto().Single(2, 7))), "has no text for pieces[9]"),
            (Plus(m => m.Message(1, new ModelProto().Bytes(1, [0xC3, 0x28]))), "not valid UTF-8"),
            (Plus(m => m.Piece("x", float.NaN, TokenKind.Normal)), "the score NaN"),
            (Plus(m => m.Piece("x", float.NegativeInfinity, TokenKind.Normal)), "a finite number was expected"),
            (Plus(m => m.Piece("x", 0, (TokenKind)9)), "the type 9"),
            (Plus(m => m.Piece("ab", 0, TokenKind.Normal)), "\"ab\" as pieces[6] and as pieces[9]"),
            (Plus(m => m.Piece("x", 0, TokenKind.Unknown)), "two unknown pieces, pieces[0] and pieces[9]"),
            (Plus(m => m.Piece("<0x00>", 0, TokenKind.Byte)), "byte_fallback is false"),
            (Plus(m => m.Message(2, new ModelProto().Number(35, 1))), "lacks 256 of the 256 byte pieces, <0x00> first"),
            (Plus(m => m.Message(2, new ModelProto().Number(35, 1)).Piece("<0xZZ>", 0, TokenKind.Byte)), "<0x00> to <0xFF> were expected"),
            (Plus(m => m.Message(2, new ModelProto().Number(3, 3))), "model_type = 3 (Word)"),
            (Plus(m => m.Message(2, new ModelProto().Number(3, 4))), "model_type = 4 (Char)"),
            (Plus(m => m.Message(2, new ModelProto().Number(3, 77))), "model_type = 77"),
            (Plus(m => m.Message(5, new ModelProto().Bytes(2, [1, 2, 3]))), "denormalizer_spec.precompiled_charsmap of 3 bytes"),
            (Plus(m => m.Message(3, new ModelProto().Bytes(2, [1, 2, 3]))), "normalizer_spec.precompiled_charsmap"),
            (Plus(m => m.Message(3, new ModelProto().Bytes(2, [4, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 7]))), "points at unit"),
            (new ModelProto().Piece("a", 0, TokenKind.Normal), "no piece of type UNKNOWN"),
            (new ModelProto().Message(2, new ModelProto()), "holds no pieces"),
        ];
        var data = new TheoryData<string, string>();
        foreach ((ModelProto model, string part) in cases) data.Add(Convert.ToBase64String(model.ToArray()), part);
        return data;
    }

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Unsound_models_are_refused_in_one_sentence(string base64, string part)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Read(Convert.FromBase64String(base64)));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Mutated_models_are_read_or_refused_but_never_crash()
    {
        byte[] map = PrecompiledCharsMapTests.Compile([("a", "b"), ("  ", " ")]);
        byte[][] sound =
        [
            ModelProto.Of(SentencePieceType.Bpe, Pieces, byteFallback: true).ToArray(),
            ModelProto.Of(SentencePieceType.Unigram, Pieces, removeSpaces: true).Message(3, new ModelProto().Bytes(2, map)).ToArray(),
        ];
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 9], Gen.Byte.Array[0, 6]).Array[1, 3]).Sample((which, edits) =>
        {
            List<byte> bytes = [.. sound[which]];
            foreach ((int at, int removed, byte[] inserted) in edits)
            {
                int from = at % (bytes.Count + 1);
                bytes.RemoveRange(from, Math.Min(removed, bytes.Count - from));
                bytes.InsertRange(from, inserted);
            }
            try
            {
                Tokenizer tokenizer = Read([.. bytes]);
                tokenizer.Decode(tokenizer.Encode(" ab  <sep> 好 a\0b"));
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: long.Parse(Environment.GetEnvironmentVariable("YISHARP_MUTATIONS") ?? "4000", CultureInfo.InvariantCulture));
    }

    private static string Shared(string name)
    {
        string path = Path.Combine(Models, name + ".model");
        if (!File.Exists(path)) Assert.Skip($"{path} is not here: other models' tokenizers stay outside the repository.");
        return path;
    }

    private static Tokenizer Read(ModelProto model) => Read(model.ToArray());

    private static Tokenizer Read(byte[] bytes) => new(SentencePieceVocabulary.Parts(SentencePieceModel.Parse("test.model", bytes)));
}
