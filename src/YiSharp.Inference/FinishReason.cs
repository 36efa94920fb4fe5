namespace YiSharp.Inference;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model gave one of its stop ids.</summary>
    Stop,

    /// <summary>The limit of new tokens, or the model's context, was reached.</summary>
    Length,
}
