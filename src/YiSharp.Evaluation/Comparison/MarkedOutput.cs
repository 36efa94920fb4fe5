namespace YiSharp.Evaluation;

/// <summary>What a model said, in three parts: before, in and after what was read out of it.</summary>
/// <param name="Before">Up to the answer; all of it where no place is known.</param>
/// <param name="Answer">The answer's own words; empty where no place is known.</param>
/// <param name="After">The rest.</param>
public readonly record struct MarkedOutput(string Before, string Answer, string After)
{
    /// <summary>Takes an answer apart. What a judge's verdict was read out of are the judge's words.</summary>
    public static MarkedOutput Of(Sample sample) => Of(sample.Response, sample.Judgement is null ? sample.Prediction.Span : null);

    /// <summary>Takes what was said apart.</summary>
    /// <param name="response">What was said.</param>
    /// <param name="place">UTF-16 positions of what was read out of it; null where none is known.</param>
    public static MarkedOutput Of(Response response, (int From, int To)? place)
    {
        string text = response.ShownText;
        // A span of another text, as a file by other hands may hold, marks nothing.
        return place is { } span && span.From < span.To && span.To <= text.Length ? new MarkedOutput(text[..span.From], text[span.From..span.To], text[span.To..]) : new MarkedOutput(text, "", "");
    }

    /// <summary>The whole with the answer between two marks; as it is where there is none.</summary>
    public string With(string open, string close) => Answer.Length == 0 ? Before : Before + open + Answer + close + After;
}
