namespace YiSharp.Endpoints;

/// <summary>What follows from an HTTP status other than success.</summary>
internal static class StatusRules
{
    private const string WrongPlace = "no such address or model is known there; look at the address, which usually ends in /v1, and at the model's name.";

    /// <summary>The first row that fits counts.</summary>
    private static readonly (int From, int To, Verdict Verdict, string Advice)[] Rows =
    [
        (300, 399, Verdict.RunStops, "the endpoint is elsewhere; give the address to which it points."),
        (401, 401, Verdict.RunStops, "the key is missing or wrong; name the environment variable that holds it."),
        (402, 402, Verdict.RunStops, "the account has to be paid first."),
        (403, 403, Verdict.RunStops, "the key may not use this model; take another key or model."),
        (404, 405, Verdict.RunStops, WrongPlace),
        (408, 409, Verdict.TryAgain, ""),
        (410, 410, Verdict.RunStops, WrongPlace),
        (425, 425, Verdict.TryAgain, ""),
        (429, 429, Verdict.TryAgain, ""),
        (400, 499, Verdict.QuestionFails, ""),
        (500, 599, Verdict.TryAgain, ""),
    ];

    /// <summary>The code of a 429 that waiting does not heal.</summary>
    private const string NoQuota = "insufficient_quota";

    /// <summary>What follows from a status, and what to do about it; a status that no row knows may pass.</summary>
    /// <param name="status">The status.</param>
    /// <param name="errorCode">The code that the body names, or null.</param>
    public static (Verdict Verdict, string Advice) For(int status, string? errorCode)
    {
        if (status == 429 && errorCode == NoQuota) return (Verdict.RunStops, "the account's quota is used up, which waiting does not heal.");
        foreach (var row in Rows)
        {
            if (status >= row.From && status <= row.To) return (row.Verdict, row.Advice);
        }
        return (Verdict.TryAgain, "");
    }
}
