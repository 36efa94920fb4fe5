using System.Buffers.Binary;

namespace YiSharp.Evaluation;

/// <summary>Hashes by which two samples are held to be of the same question.</summary>
/// <param name="Answer">Of the right answer.</param>
/// <param name="Prompt">Of the prompt, or of the conversation with its roles.</param>
/// <param name="Text">Of the prompt's only text; null for a conversation of several messages.</param>
internal readonly record struct AskedQuestion(UInt128 Answer, UInt128 Prompt, UInt128? Text)
{
    /// <summary>That of a sample.</summary>
    public static AskedQuestion Of(Sample sample)
    {
        string? text = sample.Prompt ?? (sample.Messages.Count == 1 ? sample.Messages[0].Content : null);
        return new AskedQuestion(Hash(hash => hash.Add(PairedRuns.Final(sample.Answer))), Hash(hash => hash.Add(sample.Prompt ?? "").Add(sample.Messages)), text is null ? null : Hash(hash => hash.Add(text)));
    }

    /// <summary>In what the questions differ, in words; null where they are the same. A text is the same with a chat template or without.</summary>
    /// <param name="other">The other.</param>
    /// <param name="anyPrompt">Whether prompts may differ.</param>
    public string? WhatDiffers(AskedQuestion other, bool anyPrompt)
    {
        if (Answer != other.Answer) return "right answer";
        return anyPrompt || Prompt == other.Prompt || Text is { } text && text == other.Text ? null : "prompt";
    }

    private static UInt128 Hash(Action<Fingerprint> add)
    {
        using var hash = new Fingerprint();
        add(hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.ToBytes());
    }
}
