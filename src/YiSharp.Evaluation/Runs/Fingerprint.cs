using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using YiSharp.Text;

namespace YiSharp.Evaluation;

/// <summary>SHA-256 over texts and numbers, each with its length in front, so that no two lists of texts run together.</summary>
internal sealed class Fingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public Fingerprint Add(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Add(bytes.Length);
        _hash.AppendData(bytes);
        return this;
    }

    public Fingerprint Add(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        _hash.AppendData(bytes);
        return this;
    }

    public Fingerprint Add(IReadOnlyList<ChatMessage> messages)
    {
        Add(messages.Count);
        foreach (ChatMessage message in messages) Add(message.Role).Add(message.Content);
        return this;
    }

    public Fingerprint Add(IReadOnlyList<string> texts)
    {
        Add(texts.Count);
        foreach (string text in texts) Add(text);
        return this;
    }

    public Fingerprint Add(EvaluatedModel model) => Add(model.Name).Add(model.Fingerprint).Add(model.Arithmetic?.ToString() ?? "");

    public Fingerprint Add(Rubric rubric, EvaluationJudge? judge) => Add(rubric.Sha256).Add(judge?.Model ?? new EvaluatedModel("", "")).Add(judge?.Model.TemplateSha256 ?? "");

    public Fingerprint Add(EvaluationProtocol protocol) =>
        Add(protocol.Name).Add(protocol.Version).Add(protocol.Shots).Add(protocol.Generation).Add(protocol.MaxNewTokens).Add(protocol.BatchSize)
        .Add(protocol.Limit ?? 0).Add(protocol.Seed ?? 0);

    /// <summary>The hash so far, 32 bytes.</summary>
    public byte[] ToBytes() => _hash.GetCurrentHash();

    /// <summary>The same, 64 hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());

    public void Dispose() => _hash.Dispose();
}
