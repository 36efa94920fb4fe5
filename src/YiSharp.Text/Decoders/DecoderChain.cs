using System.Text;

namespace YiSharp.Text;

/// <summary>
/// Decoders one after the other, as tokenizer.json lists them, for vocabularies that <see cref="PieceTable"/> has no shorter way for. Tokens go through one by
/// one, so decoding a whole and decoding step by step are one computation.
/// </summary>
/// <param name="steps">Makes a fresh step; told whether it may print broken bytes early.</param>
internal sealed class DecoderChain(IReadOnlyList<Func<bool, DecoderStep>> steps)
{
    /// <summary>The text of some tokens.</summary>
    public string Decode(IEnumerable<string> tokens)
    {
        Flow flow = Start(early: false);
        var text = new StringBuilder();
        foreach (string token in tokens) text.Append(flow.Push(token));
        return text.Append(flow.End()).ToString();
    }

    /// <param name="early">Whether text is wanted as early as it can be had, at the price of runs of bytes that break later (<see cref="IncrementalDecoder"/>).</param>
    public Flow Start(bool early) => new([.. steps.Select(step => step(early))]);

    /// <summary>One text on its way.</summary>
    public sealed class Flow(DecoderStep[] steps)
    {
        /// <summary>Takes a token and returns what may be printed now.</summary>
        public string Push(string token) => Run([token], 0);

        /// <summary>Ends the text and returns what was held back.</summary>
        public string End()
        {
            var text = new StringBuilder();
            for (int step = 0; step < steps.Length; step++)
            {
                var output = new List<string>();
                steps[step].End(output);
                text.Append(Run(output, step + 1));
            }
            return text.ToString();
        }

        private string Run(List<string> tokens, int first)
        {
            int length = tokens.Sum(token => token.Length);
            for (int step = first; step < steps.Length; step++)
            {
                var output = new List<string>();
                foreach (string token in tokens) steps[step].Push(token, output);
                tokens = output;
                GrowthLimit.Check(length, tokens.Sum(token => (long)token.Length));
            }
            return string.Concat(tokens);
        }
    }
}

/// <summary>One decoder of a chain: takes tokens, gives tokens.</summary>
internal abstract class DecoderStep
{
    /// <summary>Takes the next token and appends those that are ready.</summary>
    public abstract void Push(string token, List<string> output);

    /// <summary>Appends what is left when the last token was taken.</summary>
    public virtual void End(List<string> output)
    {
    }
}
