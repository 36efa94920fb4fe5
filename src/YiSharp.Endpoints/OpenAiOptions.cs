using System.Security.Cryptography;
using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>A model behind an OpenAI-compatible address, and how it is asked. The key is no part of it, so that no print of it can show one.</summary>
/// <param name="Endpoint">The address in front of <c>/chat/completions</c>, such as <c>http://127.0.0.1:8000/v1</c>.</param>
/// <param name="Model">The model's name there.</param>
public sealed record OpenAiOptions(Uri Endpoint, string Model)
{
    /// <summary>Requests under way at a time, 1 to <see cref="MaxConcurrency"/>.</summary>
    /// <value>8.</value>
    public int Concurrency { get; init; } = 8;

    /// <summary>Most requests in any minute, retries included; null for no limit.</summary>
    /// <value>null.</value>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Most requests of a question beyond the first, 0 to <see cref="MaxRetries"/>.</summary>
    /// <value>6.</value>
    public int Retries { get; init; } = 6;

    /// <summary>Time for one request, from connecting to the answer's last byte; more than 0, at most <see cref="MaxRequestTimeout"/>.</summary>
    /// <value>2 minutes.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What tokens cost; null where it is not known.</summary>
    /// <value>null.</value>
    public EndpointPrices? Prices { get; init; }

    /// <summary>The bound of <see cref="Concurrency"/>: each holds a connection and up to <see cref="EndpointClient.MaxBodyBytes"/>.</summary>
    public const int MaxConcurrency = 256;

    /// <summary>The bound of <see cref="Retries"/>.</summary>
    public const int MaxRetries = 100;

    /// <summary>The bound of <see cref="RequestTimeout"/>.</summary>
    public static readonly TimeSpan MaxRequestTimeout = TimeSpan.FromDays(1);

    /// <summary>The options, if they hold together.</summary>
    /// <exception cref="ArgumentException">One does not.</exception>
    public OpenAiOptions Validate()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https"))
            throw new ArgumentException("The endpoint's address does not begin with http:// or https://; expected one such as http://127.0.0.1:8000/v1.");
        if (Endpoint.UserInfo.Length > 0) throw new ArgumentException($"The endpoint's address for {Endpoint.Host} holds a user or password, which others could read; give the key in an environment variable.");
        if (Endpoint.Query.Length > 0 || Endpoint.Fragment.Length > 0)
            throw new ArgumentException($"The endpoint's address for {Endpoint.Host} has a part behind ? or #; expected the address to which /chat/completions is added.");
        if (string.IsNullOrWhiteSpace(Model)) throw new ArgumentException("The endpoint's model has no name; give the one under which the endpoint knows it.");
        RequireWithin("requests at a time", Concurrency, 1, MaxConcurrency);
        RequireWithin("requests a minute", RequestsPerMinute ?? 1, 1, int.MaxValue);
        RequireWithin("retries", Retries, 0, MaxRetries);
        if (RequestTimeout <= TimeSpan.Zero || RequestTimeout > MaxRequestTimeout)
            throw new ArgumentException($"The time for a request is {RequestTimeout.TotalSeconds} s; expected more than 0 and at most {MaxRequestTimeout.TotalSeconds}.");
        Prices?.Validate();
        return this;
    }

    /// <summary>Who answers: its name, and a hash of what changes answers: address, name, and <see cref="EndpointRequest.Version"/>. Pace, retries and prices change none.</summary>
    public EvaluatedModel Describe()
    {
        byte[] identity = JsonSerializer.SerializeToUtf8Bytes(new[] { Endpoint.AbsoluteUri.TrimEnd('/'), Model, EndpointRequest.Version });
        return new EvaluatedModel(Model, Convert.ToHexStringLower(SHA256.HashData(identity)));
    }

    private static void RequireWithin(string what, int value, int least, int most)
    {
        if (value < least || value > most) throw new ArgumentException($"The number of {what} is {value}; expected {least} to {most}.");
    }
}
