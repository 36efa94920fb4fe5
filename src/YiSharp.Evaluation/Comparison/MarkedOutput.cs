namespace YiSharp.Evaluation;

/// <summary>What a model said, in three parts: before, in and after what was read out of it.</summary>
/// <param name="Before">Up to the answer; all of it where no place is known.</param>
/// <param name="Answer">The answer's own words; empty where no place is known.</param>
/// <param name="After">The rest.</param>
public readonly record struct MarkedOutput(string Before, string Answer, string After)
{
    /// <summary>Takes an answer apart.</summary>
    public static MarkedOutput Of(Sample sample)
    {
        string text = sample.Response.Text;
        // A span of another text, as a file by other hands may hold, marks nothing.
        return sample.Prediction.Span is { } span && span.From < span.To && span.To <= text.Length
            ? new MarkedOutput(text[..span.From], text[span.From..span.To], text[span.To..]) : new MarkedOutput(text, "", "");
    }

    /// <summary>The whole with the answer between two marks; as it is where there is none.</summary>
    public string With(string open, string close) => Answer.Length == 0 ? Before : Before + open + Answer + close + After;
}
