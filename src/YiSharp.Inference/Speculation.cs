namespace YiSharp.Inference;

/// <summary>
/// Who guesses how an answer goes on, so that one forward pass may give several of its ids. A guess is only kept where the model would
/// have chosen it, so answers do not change: see each value.
/// </summary>
public enum Speculation
{
    /// <summary>Nobody: an id a pass.</summary>
    Off,

    /// <summary>
    /// The text itself: what stood behind the latest earlier occurrence of its last ids (Saxena 2023, prompt lookup decoding). Every id is the
    /// one that <see cref="Off"/> gives, at any temperature.
    /// </summary>
    Lookup,

    /// <summary>
    /// A smaller model, <see cref="Engine.Draft"/>. At temperature 0 every id is the one that <see cref="Off"/> gives; above it, answers
    /// have the same distribution, and a seed repeats them.
    /// </summary>
    Draft,
}
