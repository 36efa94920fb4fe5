using System.Diagnostics;
using YiSharp.Text;

namespace YiSharp.Inference;

/// <summary>
/// A conversation of several turns. The cache stays between them: of each turn's ids, only those behind the longest common beginning
/// with what the cache holds are computed.
/// </summary>
public sealed class ChatSession : IDisposable
{
    private readonly LanguageModel _model;
    private readonly Generator _generator;
    private readonly Sequence _sequence;
    private readonly Sequence[] _one;
    private readonly List<ChatMessage> _messages = [];
    private Sampler? _sampler;
    private GenerationOptions _options;

    /// <summary>A conversation without messages.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidDataException">The model has no chat template.</exception>
    public ChatSession(LanguageModel model, GenerationOptions options)
    {
        _model = model;
        _generator = new Generator(model);
        options.Sampling.Validate();
        _options = options;
        _ = model.Template;
        _sequence = model.Engine.CreateSequence();
        _one = [_sequence];
    }

    /// <summary>How answers are generated, from the next one on. Another value starts the random numbers anew.</summary>
    public GenerationOptions Options
    {
        get => _options;
        set
        {
            value.Sampling.Validate();
            if (value.Sampling != _options.Sampling) _sampler = null;
            _options = value;
        }
    }

    /// <summary>What the model is told before the conversation; null leaves that to the template.</summary>
    public string? System { get; set; }

    /// <summary>The conversation with its system message, oldest first.</summary>
    public IReadOnlyList<ChatMessage> Messages => System is null ? [.. _messages] : [new ChatMessage("system", System), .. _messages];

    /// <summary>Forgets the conversation, but not the system message.</summary>
    public void Reset() => _messages.Clear();

    /// <summary>Puts a question and gives the answer. When <paramref name="cancellation"/> ends it, what was said so far stays.</summary>
    /// <param name="question">The user's message.</param>
    /// <param name="onText">Called with each piece of the answer as soon as its characters are whole; null for none.</param>
    /// <param name="cancellation">Ends the answer between two tokens.</param>
    /// <exception cref="ArgumentException">The conversation is longer than the model reads; the question is then not part of it.</exception>
    public ChatAnswer Ask(string question, Action<string>? onText = null, CancellationToken cancellation = default)
    {
        _messages.Add(new ChatMessage("user", question));
        try
        {
            return Answer(onText, cancellation);
        }
        catch
        {
            _messages.RemoveAt(_messages.Count - 1);
            throw;
        }
    }

    /// <summary>Answers the last question once more.</summary>
    /// <exception cref="InvalidOperationException">There is no question yet.</exception>
    public ChatAnswer Regenerate(Action<string>? onText = null, CancellationToken cancellation = default)
    {
        if (_messages.Count == 0) throw new InvalidOperationException("There is no question to answer again.");
        ChatMessage before = _messages[^1];
        _messages.RemoveAt(_messages.Count - 1);
        try
        {
            return Answer(onText, cancellation);
        }
        catch
        {
            _messages.Add(before);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sequence.Dispose();

    private ChatAnswer Answer(Action<string>? onText, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        GenerationRequest request = _generator.Request(_generator.Encode(Messages), _options);
        _sampler ??= new Sampler(request.Sampling, _model.Engine.VocabSize);
        int cached = _model.Engine.Begin(_sequence, request, _sampler);
        var text = new AnswerText(_model.Tokenizer, request.StopIds, onText);

        long firstToken = 0;
        while (_sequence.Finished is null && !cancellation.IsCancellationRequested)
        {
            int before = _sequence.NewIds.Length;
            _model.Engine.Step(_one);
            if (_sequence.NewIds.Length == before) continue;
            if (before == 0) firstToken = Stopwatch.GetTimestamp();
            foreach (int id in _sequence.NewIds[before..]) text.Add(id);
        }
        long ended = Stopwatch.GetTimestamp();
        if (firstToken == 0) firstToken = ended;

        string answer = text.Finish();
        _messages.Add(new ChatMessage("assistant", answer));
        return new ChatAnswer(
            answer, _sequence.Finished, request.Ids.Length, cached, _sequence.NewIds.Length,
            Stopwatch.GetElapsedTime(started, firstToken), Stopwatch.GetElapsedTime(firstToken, ended))
        {
            Speculation = _sequence.Speculation,
        };
    }
}
