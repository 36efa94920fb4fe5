using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Checkpoints;
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

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FileStream _file;
    private readonly Dictionary<string, Response> _earlier = [];
    private readonly Dictionary<string, double[]> _earlierScores = [];

    private RequestLog(FileStream file, IEnumerable<RequestRecord> earlier)
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
        var file = new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            var log = new RequestLog(file, Read(folder, name));
            file.SetLength(TornLine.WholeBytes(file));
            file.Seek(0, SeekOrigin.End);
            return log;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The questions of a run so far, one after another and read anew whenever they are enumerated; none where it has no log. A torn last line does not count.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidDataException">While enumerating: the file is not such a log.</exception>
    public static IEnumerable<RequestRecord> Read(string folder, string name = FileName)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path)) yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        bool isTorn = TornLine.WholeBytes(file) < file.Length;
        file.Position = 0;
        using var reader = new StreamReader(file, StrictUtf8);
        int number = 1;
        for (string? line = Next(reader, path, number), next; line is not null; line = next, number++)
        {
            next = Next(reader, path, number + 1);
            if (next is not null || !isTorn) yield return Parse(path, number, line);
        }
    }

    private static string? Next(StreamReader reader, string path, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (DecoderFallbackException e)
        {
            throw Wrong(path, number, "its bytes are not UTF-8", e);
        }
    }

    private static RequestRecord Parse(string path, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RequestRecord>(line, Json) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw Wrong(path, number, JsonSyntax.ReasonOrField(Encoding.UTF8.GetBytes(line), e), e);
        }
    }

    private static InvalidDataException Wrong(string path, int number, string what, Exception e) => new($"{path}: line {number} is not a request's record: {what}. Move the file away; the run goes on without it.", e);

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
}
