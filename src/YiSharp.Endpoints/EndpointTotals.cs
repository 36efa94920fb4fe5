using System.Globalization;
using YiSharp.Reports;

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
    public static EndpointTotals Of(IEnumerable<RequestRecord> records, EndpointPrices? prices)
    {
        var times = new List<double>();
        var failing = new HashSet<string>(StringComparer.Ordinal); // questions whose last record is a failure
        int count = 0, failures = 0, overcome = 0;
        long needed = 0, requests = 0, promptTokens = 0, completionTokens = 0;
        foreach (RequestRecord record in records)
        {
            count++;
            if (failing.Remove(record.Request)) overcome++;
            if (record.Failure is null) times.Add(record.Milliseconds);
            else
            {
                failures++;
                failing.Add(record.Request);
            }
            needed += 1L + (record.LogLikelihoods?.Count ?? 0); // of options that are scored, one each and one for the prompt
            requests += record.Attempts;
            promptTokens += record.PromptTokens ?? 0;
            completionTokens += record.CompletionTokens ?? 0;
        }
        times.Sort();
        double? Percentile(double share) => times.Count == 0 ? null : times[(int)Math.Ceiling(share * times.Count) - 1];
        return new EndpointTotals(count - overcome, requests, requests - (needed - overcome), failures - overcome, promptTokens, completionTokens,
            prices?.Of(promptTokens, completionTokens), Percentile(0.5), Percentile(0.95));
    }

    /// <summary>The totals in a line.</summary>
    public override string ToString()
    {
        string cost = Cost is { } sum ? string.Create(CultureInfo.InvariantCulture, $", cost {sum:0.####}") : "";
        string times = MedianMilliseconds is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {MedianMilliseconds:0} ms an answer in the median, {Percentile95Milliseconds:0} ms at the 95th percentile");
        return string.Create(CultureInfo.InvariantCulture, $"{Sizes.Of(Questions, "question", "questions")} in {Sizes.Of(Requests, "request", "requests")} ({Sizes.Of(Retries, "retry", "retries")}), {Sizes.Whole(Failures)} without an answer; {Sizes.Of(PromptTokens, "token", "tokens")} in, {Sizes.Whole(CompletionTokens)} out{cost}{times}");
    }
}
