using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Evaluation;

namespace YiSharp.Endpoints;

/// <summary>
/// <c>requests.jsonl</c> in a run's folder: a line for each question that ended, in the order in which they did, over all starts of the run. It differs from run to
/// run and stands apart from the samples, which do not. What a start got before it was interrupted is not asked for, and paid, again.
/// </summary>
public sealed class RequestLog : IDisposable
{
    /// <summary>The file's name in a run's folder.</summary>
    public const string FileName = "requests.jsonl";

    /// <summary>The file's name for what a judge was asked.</summary>
    public const string JudgeFileName = "judge.requests.jsonl";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly FileStream _file;
    private readonly Dictionary<string, Response> _earlier = [];
    private readonly Dictionary<string, double[]> _earlierScores = [];

    private RequestLog(FileStream file, IReadOnlyList<RequestRecord> earlier)
    {
        _file = file;
        foreach (RequestRecord record in earlier)
        {
            if (record.ToResponse() is { } response) _earlier[record.Request] = response;
            if (record.LogLikelihoods is { } values && values.All(double.IsFinite)) _earlierScores[record.Request] = [.. values];
        }
    }

    /// <summary>Opens the log of a run to go on with it; a line that was torn by an interruption is taken out.</summary>
    /// <param name="folder">The run's folder; created if absent.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidDataException">The file is not such a log.</exception>
    public static RequestLog Open(string folder, string name = FileName)
    {
        Directory.CreateDirectory(folder);
        IReadOnlyList<RequestRecord> earlier = Read(folder, name);
        var file = new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        file.SetLength(ReadLines(file).Length);
        file.Seek(0, SeekOrigin.End);
        return new RequestLog(file, earlier);
    }

    /// <summary>The questions of a run so far; none where it has no log. A torn last line does not count.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidDataException">The file is not such a log.</exception>
    public static IReadOnlyList<RequestRecord> Read(string folder, string name = FileName)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path)) return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ReadOnlySpan<byte> content = ReadLines(file);
        var records = new List<RequestRecord>();
        while (content.IndexOf((byte)'\n') is int end and >= 0)
        {
            try
            {
                records.Add(JsonSerializer.Deserialize<RequestRecord>(content[..end], Json) ?? throw new JsonException("null."));
            }
            catch (JsonException e)
            {
                throw new InvalidDataException($"{path}: line {records.Count + 1} is not a request's record: {e.Message.Split('\n')[0]} Move the file away; the run goes on without it.", e);
            }
            content = content[(end + 1)..];
        }
        return records;
    }

    /// <summary>What an earlier start was answered to a question; null where it was not. A failure is no answer.</summary>
    /// <param name="request">The question, as <see cref="RequestRecord.Request"/> names it.</param>
    internal Response? Earlier(string request) => _earlier.GetValueOrDefault(request);

    /// <summary>Log-likelihoods of options that an earlier start was given; null where it was not.</summary>
    /// <param name="request">The question, as <see cref="RequestRecord.Request"/> names it.</param>
    internal double[]? EarlierScores(string request) => _earlierScores.GetValueOrDefault(request);

    /// <summary>Adds a line.</summary>
    public void Append(RequestRecord record)
    {
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(record, Json));
        _file.WriteByte((byte)'\n');
        _file.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>What is in a file up to its last line end.</summary>
    private static ReadOnlySpan<byte> ReadLines(FileStream file)
    {
        byte[] content = new byte[file.Length];
        int count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content.AsSpan(0, content.AsSpan(0, count).LastIndexOf((byte)'\n') + 1);
    }
}
