namespace YiSharp.Endpoints;

/// <summary>What follows from an HTTP status other than success.</summary>
internal static class StatusRules
{
    private const string WrongPlace = "no such address or model is known there; look at the address, which usually ends in /v1, and at the model's name.";

    /// <summary>Errors whose body says more than their status; null for anything.</summary>
    private static readonly (int Status, string? Code, string? Parameter, Verdict Verdict, string Advice)[] NamedErrors =
    [
        (400, null, EndpointRequest.Limit, Verdict.RenameLimit, ""),
        (400, null, "temperature", Verdict.RunStops, "the model takes no temperature 0, so that its answers would be drawn and differ from run to run; take another model."),
        (429, "insufficient_quota", null, Verdict.RunStops, "the account's quota is used up, which waiting does not heal."),
    ];

    /// <summary>All others, by status; the first row that fits counts.</summary>
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

    /// <summary>What follows from a status, and what to do about it; a status that no row knows may pass.</summary>
    /// <param name="status">The status.</param>
    /// <param name="error">What the body says.</param>
    public static (Verdict Verdict, string Advice) For(int status, EndpointError error)
    {
        foreach (var row in NamedErrors)
        {
            if (status == row.Status && (row.Code is null || error.Code == row.Code) && (row.Parameter is null || error.Parameter == row.Parameter)) return (row.Verdict, row.Advice);
        }
        foreach (var row in Rows)
        {
            if (status >= row.From && status <= row.To) return (row.Verdict, row.Advice);
        }
        return (Verdict.TryAgain, "");
    }
}

/// <summary>What the body of an error says, as far as it says something.</summary>
/// <param name="Message">For people; fit to stand in a sentence.</param>
/// <param name="Code">For programs, such as <c>insufficient_quota</c>.</param>
/// <param name="Parameter">The field of the request that is to blame.</param>
internal readonly record struct EndpointError(string? Message, string? Code = null, string? Parameter = null);
