using System.CommandLine;
using YiSharp.Endpoints;

namespace YiSharp.Cli;

/// <summary>A model behind an OpenAI-compatible address, and how it is asked.</summary>
internal sealed class EndpointOptions
{
    private static readonly OpenAiOptions Defaults = new(new Uri("http://127.0.0.1"), "default");

    private readonly string _prefix;
    private readonly Option<string?> _endpoint, _model, _apiKeyEnv;
    private readonly Option<int?> _concurrency, _requestsPerMinute, _retries;
    private readonly Option<double?> _requestTimeout, _priceIn, _priceOut;

    /// <param name="prefix">What the options' names begin with, such as <c>judge-</c>.</param>
    /// <param name="purpose">What the model is asked for, such as "Ask".</param>
    public EndpointOptions(string prefix = "", string purpose = "Ask")
    {
        _prefix = prefix;
        _endpoint = Named<string?>("endpoint", "URL", $"{purpose} a model behind this OpenAI-compatible address, to which /chat/completions is added, such as http://127.0.0.1:8000/v1.");
        _model = Named<string?>("endpoint-model", "NAME", "The model's name at the endpoint.");
        _apiKeyEnv = Named<string?>("api-key-env", "NAME", "The environment variable that holds the endpoint's key; none is sent when not given.");
        _concurrency = Named<int?>("concurrency", "N", $"Requests under way at a time; {Defaults.Concurrency} when not given.");
        _requestsPerMinute = Named<int?>("requests-per-minute", "N", "Most requests in any minute, retries included; no limit when not given.");
        _retries = Named<int?>("retries", "N", $"Most requests of a question beyond the first, after errors that pass; {Defaults.Retries} when not given.");
        _requestTimeout = Real("request-timeout", "S", $"Seconds for one request; {Defaults.RequestTimeout.TotalSeconds} when not given.");
        _priceIn = Real("price-in", "X", "What a million tokens of prompts cost, for the cost in the table.");
        _priceOut = Real("price-out", "X", "What a million tokens of answers cost.");
    }

    private Option<T> Named<T>(string name, string value, string description) => new($"--{_prefix}{name}") { Description = description, HelpName = value };

    private Option<double?> Real(string name, string value, string description) => new($"--{_prefix}{name}") { Description = description, HelpName = value, CustomParser = RealNumber.ParseOptional };

    private Option[] OfEndpoint => [_model, _apiKeyEnv, _concurrency, _requestsPerMinute, _retries, _requestTimeout, _priceIn, _priceOut];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Option> All => [_endpoint, .. OfEndpoint];

    /// <summary>Puts the options on a verb.</summary>
    public void AddTo(Command verb)
    {
        foreach (Option option in All) verb.Add(option);
    }

    /// <summary>Who is asked, and how; null where no endpoint is given.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="hasOthers">Whether other endpoints are given, to which the options may belong.</param>
    /// <exception cref="UsageException">An option is out of its range, or stands without another that it needs.</exception>
    public OpenAiOptions? Read(ParseResult parse, bool hasOthers = false)
    {
        if (parse.GetValue(_endpoint) is not { } address)
        {
            return (hasOthers ? (Option[])[_model] : OfEndpoint).FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } alone
                ? throw new UsageException($"{alone.Name} is given without {_endpoint.Name}; give the endpoint's address too, or leave it out.") : null;
        }
        return Of(parse, address, parse.GetValue(_model) ?? throw new UsageException($"{_endpoint.Name} needs {_model.Name}, the model's name there."));
    }

    /// <summary>A model behind an address, asked as the other options say.</summary>
    /// <exception cref="UsageException">An option is out of its range, or the address is none.</exception>
    public OpenAiOptions Of(ParseResult parse, string address, string model)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new UsageException($"{_endpoint.Name} is no address that begins with http:// or https://; one such as http://127.0.0.1:8000/v1 was expected.");
        try
        {
            return new OpenAiOptions(endpoint, model)
            {
                Concurrency = parse.GetValue(_concurrency) ?? Defaults.Concurrency,
                RequestsPerMinute = parse.GetValue(_requestsPerMinute),
                Retries = parse.GetValue(_retries) ?? Defaults.Retries,
                RequestTimeout = parse.GetValue(_requestTimeout) is { } seconds ? Seconds(seconds) : Defaults.RequestTimeout,
                Prices = Prices(parse),
            }.Validate();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>One that asks, and logs what answers take into the run's folder.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="options">What <see cref="Read"/> gave.</param>
    /// <param name="folder">The run's folder, where the log goes.</param>
    /// <param name="logName">The log's name.</param>
    /// <exception cref="UsageException">There is no key where one should be.</exception>
    public OpenAiResponder Open(ParseResult parse, OpenAiOptions options, string folder, string logName = RequestLog.FileName)
    {
        string? key = Key(parse);
        RequestLog log = RequestLog.Open(folder, logName);
        try
        {
            return new OpenAiResponder(options, key, log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>The key itself is never on a command line, where others could read it.</summary>
    private string? Key(ParseResult parse)
    {
        if (parse.GetValue(_apiKeyEnv) is not { } name) return null;
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '_')) throw new UsageException($"{_apiKeyEnv.Name} is no name of a variable; give the name of the one that holds the key, not the key.");
        string key = (Environment.GetEnvironmentVariable(name) ?? "").Trim();
        return key.Length > 0 ? key : throw new UsageException($"{_apiKeyEnv.Name} names the variable {name}, which is not set or empty; put the key into it, or leave the option out where the endpoint wants none.");
    }

    private EndpointPrices? Prices(ParseResult parse) => (parse.GetValue(_priceIn), parse.GetValue(_priceOut)) switch
    {
        (null, null) => null,
        (double priceIn, double priceOut) => new EndpointPrices(priceIn, priceOut),
        _ => throw new UsageException($"{_priceIn.Name} and {_priceOut.Name} belong together; give both, 0 for what is free."),
    };

    private TimeSpan Seconds(double seconds) => seconds > 0 && seconds <= OpenAiOptions.MaxRequestTimeout.TotalSeconds
        ? TimeSpan.FromSeconds(seconds) : throw new UsageException($"{_requestTimeout.Name} is {seconds}; more than 0 and at most {OpenAiOptions.MaxRequestTimeout.TotalSeconds} seconds were expected.");
}
