using System.Globalization;

namespace YiSharp.Endpoints;

/// <summary>What a run took at an endpoint, over all its starts.</summary>
/// <param name="Questions">Questions that ended, with an answer or without.</param>
/// <param name="Requests">Requests sent for them.</param>
/// <param name="Retries">Those beyond the ones that each question needs.</param>
/// <param name="Failures">Questions without an answer.</param>
/// <param name="PromptTokens">Tokens of prompts, as far as the endpoint said.</param>
/// <param name="CompletionTokens">Tokens of answers, likewise.</param>
/// <param name="Cost">What they cost; null without prices.</param>
/// <param name="MedianMilliseconds">Median time of an answer's request; null without answers.</param>
/// <param name="Percentile95Milliseconds">95th percentile of it.</param>
public sealed record EndpointTotals(
    int Questions, long Requests, long Retries, int Failures, long PromptTokens, long CompletionTokens, double? Cost, double? MedianMilliseconds, double? Percentile95Milliseconds)
{
    /// <summary>Adds records up; a failure of a question that was asked again later is only a request. Percentiles are nearest ranks: the least time that so many answers do not exceed.</summary>
    /// <param name="records">The lines of <see cref="RequestLog"/>.</param>
    /// <param name="prices">What tokens cost; null where it is not known.</param>
    public static EndpointTotals Of(IReadOnlyCollection<RequestRecord> records, EndpointPrices? prices)
    {
        double[] times = [.. records.Where(r => r.Failure is null).Select(r => r.Milliseconds).Order()];
        double? Percentile(double share) => times.Length == 0 ? null : times[(int)Math.Ceiling(share * times.Length) - 1];
        int overcome = 0;
        var later = new HashSet<string>(StringComparer.Ordinal);
        foreach (RequestRecord record in records.Reverse())
        {
            if (!later.Add(record.Request) && record.Failure is not null) overcome++;
        }
        int questions = records.Count - overcome;
        long needed = records.Sum(r => 1L + (r.LogLikelihoods?.Count ?? 0)) - overcome; // of options that are scored, one each and one for the prompt
        long requests = records.Sum(r => (long)r.Attempts), promptTokens = records.Sum(r => (long)(r.PromptTokens ?? 0)), completionTokens = records.Sum(r => (long)(r.CompletionTokens ?? 0));
        return new EndpointTotals(questions, requests, requests - needed, records.Count(r => r.Failure is not null) - overcome, promptTokens, completionTokens,
            prices?.Of(promptTokens, completionTokens), Percentile(0.5), Percentile(0.95));
    }

    /// <summary>The totals in a line.</summary>
    public override string ToString()
    {
        string cost = Cost is { } sum ? string.Create(CultureInfo.InvariantCulture, $", cost {sum:0.####}") : "";
        string times = MedianMilliseconds is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {MedianMilliseconds:0} ms an answer in the median, {Percentile95Milliseconds:0} ms at the 95th percentile");
        return string.Create(CultureInfo.InvariantCulture, $"{Questions} questions in {Requests} requests ({Retries} retries), {Failures} without an answer; {PromptTokens} tokens in, {CompletionTokens} out{cost}{times}");
    }
}
