using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using YiSharp.Evaluation;
using YiSharp.Text;

namespace YiSharp.Endpoints;

/// <summary>A prompt as the endpoint gets it.</summary>
internal sealed class EndpointRequest
{
    /// <summary>Changes with whatever in a request changes answers, so that a run is not continued with other requests.</summary>
    public const string Version = "temperature 0, 1";

    /// <summary>Most stop texts that the API takes; the rest is only cut here.</summary>
    private const int MaxStopsSent = 4;

    /// <summary>The limit of tokens as nearly every endpoint calls it.</summary>
    public const string Limit = "max_tokens";

    /// <summary>The limit of tokens as OpenAI's own later models call it, which take no <see cref="Limit"/>.</summary>
    public const string CompletionLimit = "max_completion_tokens";

    /// <param name="prompt">What is asked.</param>
    /// <param name="model">The model's name at the endpoint.</param>
    /// <param name="limitName"><see cref="Limit"/> or <see cref="CompletionLimit"/>.</param>
    public EndpointRequest(Prompt prompt, string model, string limitName)
    {
        Stops = [.. prompt.Stops.Where(stop => stop.Length > 0)];
        IsChat = prompt.Text is null;
        Body = Write(prompt, model, limitName);
    }

    private EndpointRequest(ReadOnlyMemory<byte> body) => (Stops, Body, IsEcho) = ([], body, true);

    /// <summary>A text that is to be repeated with the log-probabilities of its tokens. One token is written behind it, since few servers take none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="model">The model's name at the endpoint.</param>
    /// <param name="limitName"><see cref="Limit"/> or <see cref="CompletionLimit"/>.</param>
    public static EndpointRequest Echo(string text, string model, string limitName)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        json.WriteString("prompt", text);
        json.WriteNumber(limitName, 1);
        json.WriteNumber("temperature", 0);
        json.WriteNumber("logprobs", 1);
        json.WriteBoolean("echo", true);
        json.WriteEndObject();
        json.Flush();
        return new EndpointRequest(buffer.WrittenMemory);
    }

    /// <summary>Whether the prompt's log-probabilities are wanted instead of an answer.</summary>
    public bool IsEcho { get; }

    /// <summary>Whether it goes to <c>chat/completions</c>; otherwise to <c>completions</c>.</summary>
    public bool IsChat { get; }

    /// <summary>What is sent, JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> Stops { get; }

    /// <summary>What tells a question to an endpoint from others: the first 16 hexadecimal digits of the SHA-256 of the address, a line end, and the body with <see cref="Limit"/>.</summary>
    public static string NameOf(Prompt prompt, OpenAiOptions options) => NameOf(options, new EndpointRequest(prompt, options.Model, Limit).Body.Span);

    /// <summary>The same of any content.</summary>
    public static string NameOf(OpenAiOptions options, ReadOnlySpan<byte> content)
    {
        byte[] all = [.. Encoding.UTF8.GetBytes(options.Endpoint.AbsoluteUri + "\n"), .. content];
        return Convert.ToHexStringLower(SHA256.HashData(all).AsSpan(0, 8));
    }

    private ReadOnlyMemory<byte> Write(Prompt prompt, string model, string limitName)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", model);
        if (prompt.Text is { } text)
        {
            json.WriteString("prompt", text);
        }
        else
        {
            json.WriteStartArray("messages");
            foreach (ChatMessage message in prompt.Messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role);
                json.WriteString("content", message.Content);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteNumber(limitName, prompt.MaxNewTokens);
        json.WriteNumber("temperature", 0);
        if (Stops.Count > 0)
        {
            json.WriteStartArray("stop");
            foreach (string stop in Stops.Take(MaxStopsSent)) json.WriteStringValue(stop);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
