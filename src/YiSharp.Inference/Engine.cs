using YiSharp.Models;
using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>
/// Ids in, ids out: one forward pass a step over all running sequences, prompts in chunks beside answers token by token. A
/// sequence's ids do not depend on what runs beside it, because no row of a backend's results does. Not for several threads at once.
/// </summary>
public sealed class Engine
{
    /// <summary>Most guessed ids of a pass, but for those that were drawn.</summary>
    private const int MaxProposals = 64;

    private readonly LlamaModel _model;
    private readonly IBackend _backend;
    private readonly SequenceBatch _batch = new();
    private readonly List<Sequence> _ready = [];
    private int[] _ids = new int[16];
    private int[] _rows = new int[1];
    private int _readyRows;
    private float[] _logits;

    /// <summary>Stays empty; says what caches take.</summary>
    private KvCache? _measure;

    /// <summary>An engine for <paramref name="model"/>, whose weights <paramref name="backend"/> holds.</summary>
    public Engine(LlamaModel model, IBackend backend, EngineOptions? options = null)
    {
        _model = model;
        _backend = backend;
        Options = (options ?? new EngineOptions()).Validate();
        MaxTokens = Math.Min(Options.MaxTokens ?? int.MaxValue, model.Config.ContextLength);
        _logits = new float[model.Config.VocabSize];
    }

    /// <summary>Bounds on what runs at once.</summary>
    public EngineOptions Options { get; }

    /// <summary>Longest sequence, prompt and answer together, tokens.</summary>
    public int MaxTokens { get; }

    /// <summary>Number of ids the model knows.</summary>
    public int VocabSize => _model.Config.VocabSize;

    /// <summary>Forward passes so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>The model that guesses for requests with <see cref="Speculation.Draft"/>; null for none.</summary>
    /// <exception cref="ArgumentException">It has another number of ids.</exception>
    public DraftModel? Draft
    {
        get;
        set
        {
            if (value is not null && value.VocabSize != VocabSize)
            {
                throw new ArgumentException($"The draft model knows {value.VocabSize} ids and the model {VocabSize}; a draft model needs the same vocabulary.");
            }
            field = value;
        }
    }

    /// <summary>Tokens that forward passes have computed so far.</summary>
    public long TokenCount { get; private set; }

    /// <summary>A sequence without ids, whose cache several prompts after each other may share.</summary>
    public Sequence CreateSequence() => new(_model.CreateKvCache(_backend, MaxTokens), MaxTokens, _model.FixedLength);

    /// <summary>Gives a sequence another prompt, of which what its cache already holds need not be computed again.</summary>
    /// <returns>Number of the prompt's ids that the cache held.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, too long, or holds ids that the model does not know.</exception>
    public int Begin(Sequence sequence, GenerationRequest request, Sampler? sampler = null)
    {
        RequireValid(request);
        IDraft? draft = request.Speculation switch
        {
            Speculation.Lookup => sequence.Draft as PromptLookup ?? new PromptLookup(),
            Speculation.Draft => sequence.Draft is DraftSequence drafting && drafting.Model == Draft ? drafting : new DraftSequence(Draft!, MaxTokens),
            _ => null,
        };
        return sequence.Begin(request, sampler ?? new Sampler(request.Sampling, VocabSize), draft);
    }

    /// <summary>
    /// One forward pass over what the sequences have pending: a chunk of a prompt, or the last id with guesses behind it. A sequence with
    /// nothing left pending gets its next id, and with right guesses more than one. Those that finished are passed over.
    /// </summary>
    public void Step(IReadOnlyList<Sequence> sequences)
    {
        Gather(sequences);
        if (_batch.TokenCount == 0) return;

        // A pass over the middle of prompts alone has no row to choose from, but a model wants one.
        int rowCount = Math.Max(_readyRows, 1);
        if (_ready.Count == 0) _rows[0] = _batch.TokenCount - 1;
        if (_logits.Length < rowCount * VocabSize) _logits = new float[rowCount * VocabSize];
        using (Tensor hidden = _model.Forward(_backend, _ids.AsSpan(0, _batch.TokenCount), _batch, _rows.AsSpan(0, rowCount)))
        {
            StepCount++;
            TokenCount += _batch.TokenCount;
            if (_ready.Count == 0) return;
            using Tensor logits = _model.Logits(_backend, hidden);
            _backend.Read(logits, _logits.AsSpan(0, rowCount * VocabSize));
        }
        int row = 0;
        foreach (Sequence sequence in _ready)
        {
            int rows = 1 + sequence.ProposedCount;
            sequence.Choose(_logits.AsSpan(row * VocabSize, rows * VocabSize));
            row += rows;
        }
    }

    /// <summary>Generates one answer.</summary>
    /// <param name="request">Prompt and options.</param>
    /// <param name="onId">Called with every id of the answer; null for none.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="ArgumentException">The request does not hold.</exception>
    public GenerationResult Generate(GenerationRequest request, Action<int>? onId = null, CancellationToken cancellation = default)
    {
        using Sequence sequence = CreateSequence();
        Begin(sequence, request);
        Sequence[] one = [sequence];
        while (sequence.Finished is null)
        {
            cancellation.ThrowIfCancellationRequested();
            int before = sequence.NewIds.Length;
            Step(one);
            for (int i = before; i < sequence.NewIds.Length; i++) onId?.Invoke(sequence.NewIds[i]);
        }
        return ResultOf(sequence);
    }

    /// <summary>Generates an answer to each request, many at a time; the answers stand in the order of the requests.</summary>
    /// <param name="requests">Prompts and options.</param>
    /// <param name="onFinished">Called with a request's index and answer when it is there, in no fixed order; null for none.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="ArgumentException">A request does not hold.</exception>
    public GenerationResult[] GenerateAll(
        IReadOnlyList<GenerationRequest> requests, Action<int, GenerationResult>? onFinished = null, CancellationToken cancellation = default)
    {
        foreach (GenerationRequest request in requests) RequireValid(request);
        var results = new GenerationResult[requests.Count];
        int next = 0;
        Run(
            _ => next < requests.Count ? requests[next++] : null,
            (index, result) =>
            {
                results[index] = result;
                onFinished?.Invoke(index, result);
            },
            cancellation);
        return results;
    }

    /// <summary>
    /// Answers requests as they come, many at a time: whenever there is room, <paramref name="next"/> is asked for another, which
    /// takes the place of one that finished while the others go on. Prompts that begin alike compute what they share once
    /// (<see cref="EngineOptions.LeastSharedTokens"/>).
    /// </summary>
    /// <param name="next">
    /// The next request, or null. Its argument says whether nothing is running: then it may wait, and null ends the run; otherwise null means none yet.
    /// </param>
    /// <param name="onFinished">Called with a request's number, 0-based in the order taken, and its answer.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="ArgumentException">A request does not hold.</exception>
    public void Run(Func<bool, GenerationRequest?> next, Action<int, GenerationResult> onFinished, CancellationToken cancellation = default)
    {
        var running = new List<(int Index, long Bytes, Sequence Sequence)>();
        var sequences = new List<Sequence>();
        using var prefixes = new PrefixSharing(Options.LeastSharedTokens);
        GenerationRequest? waiting = null;
        int taken = 0;
        long cacheBytes = 0;
        try
        {
            while (true)
            {
                sequences.Clear();
                foreach (var entry in running) sequences.Add(entry.Sequence);
                while (running.Count < Options.MaxSequences)
                {
                    waiting ??= next(running.Count == 0);
                    if (waiting is null) break;
                    cancellation.ThrowIfCancellationRequested();
                    long bytes = CacheBytesOf(waiting);
                    if (running.Count > 0 && cacheBytes + bytes > Options.MaxCacheBytes) break;
                    if (prefixes.IsAwaited(waiting.Ids, sequences)) break;
                    Sequence sequence = prefixes.Fork(waiting.Ids, sequences) ?? CreateSequence();
                    running.Add((taken++, bytes, sequence));
                    sequences.Add(sequence);
                    cacheBytes += bytes;
                    if (cacheBytes + prefixes.KeptBytes > Options.MaxCacheBytes) prefixes.Drop();
                    Begin(sequence, waiting);
                    waiting = null;
                }
                if (running.Count == 0) return;

                cancellation.ThrowIfCancellationRequested();
                Step(sequences);

                for (int i = running.Count - 1; i >= 0; i--)
                {
                    (int index, long bytes, Sequence sequence) = running[i];
                    if (sequence.Finished is null) continue;
                    running.RemoveAt(i);
                    cacheBytes -= bytes;
                    GenerationResult result = ResultOf(sequence);
                    if (cacheBytes + bytes <= Options.MaxCacheBytes) prefixes.Keep(sequence, bytes);
                    else sequence.Dispose();
                    onFinished(index, result);
                }
            }
        }
        finally
        {
            foreach (var entry in running) entry.Sequence.Dispose();
        }
    }

    /// <summary>Refuses a request that cannot be answered.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, too long, or holds ids that the model does not know, or an option is out of its range.</exception>
    public void RequireValid(GenerationRequest request)
    {
        request.Sampling.Validate();
        if (request.MaxNewTokens < 0) throw new ArgumentException($"max_new_tokens is {request.MaxNewTokens}; 0 or more was expected.");
        if (request.Speculation == Speculation.Draft && Draft is null) throw new ArgumentException("The request wants a draft model's guesses, and the engine has no draft model; give it one, or take Speculation.Lookup.");
        RequireValidIds(request.Ids, "The prompt");
        if (request.Ids.Length >= MaxTokens)
        {
            throw new ArgumentException($"The prompt has {request.Ids.Length} tokens, which leaves no room for an answer in the model's {MaxTokens}; shorten it.");
        }
    }

    internal void RequireValidIds(ReadOnlySpan<int> ids, string what)
    {
        if (ids.Length == 0) throw new ArgumentException($"{what} has no ids; at least one was expected.");
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] < (uint)VocabSize) continue;
            throw new ArgumentException($"{what} has id {ids[i]} at index {i}; the model knows 0 to {VocabSize - 1}.");
        }
    }

    private void Gather(IReadOnlyList<Sequence> sequences)
    {
        _batch.Clear();
        _ready.Clear();
        _readyRows = 0;
        int room = Options.PrefillTokens, proposalRoom = MaxProposals, running = 0;
        for (int i = 0; i < sequences.Count; i++)
        {
            if (sequences[i].Finished is null) running++;
        }
        for (int i = 0; i < sequences.Count; i++)
        {
            Sequence sequence = sequences[i];
            if (sequence.Finished is not null) continue;
            int take = TakeFrom(sequence, running, ref room, ref proposalRoom);
            if (take == 0) continue;

            ReadOnlySpan<int> pending = sequence.PendingIds;
            int start = _batch.TokenCount;
            if (_ids.Length < start + take) Array.Resize(ref _ids, Math.Max(2 * _ids.Length, start + take));
            pending[..take].CopyTo(_ids.AsSpan(start));
            _batch.Add(take, sequence.Cache, sequence.Ids.Length);
            if (take < pending.Length) continue;
            int wanted = 1 + sequence.ProposedCount;
            if (_rows.Length < _readyRows + wanted) Array.Resize(ref _rows, Math.Max(2 * _rows.Length, _readyRows + wanted));
            for (int row = start + take - wanted; row < start + take; row++) _rows[_readyRows++] = row;
            _ready.Add(sequence);
        }
    }

    /// <summary>How many of a sequence's pending ids the pass takes; behind a last id there are guesses then.</summary>
    private static int TakeFrom(Sequence sequence, int running, ref int room, ref int proposalRoom)
    {
        int take = sequence.PendingIds.Length - sequence.ProposedCount;
        if (take > 1)
        {
            take = Math.Min(take, room);
            room -= take;
            return take;
        }
        bool isDrawn = sequence is { Draft: DraftSequence, Sampler.IsGreedy: false };
        sequence.Propose(running, isDrawn ? DraftSequence.MaxProposals : proposalRoom);
        if (!isDrawn) proposalRoom -= sequence.ProposedCount;
        return 1 + sequence.ProposedCount;
    }

    private long CacheBytesOf(GenerationRequest request)
    {
        int tokens = (int)Math.Min(MaxTokens, (long)request.Ids.Length + request.MaxNewTokens);
        _measure ??= _model.CreateKvCache(_backend, MaxTokens);
        return _measure.BytesOf(tokens) + (request.Speculation == Speculation.Draft ? Draft!.CacheBytesOf(tokens) : 0);
    }

    private static GenerationResult ResultOf(Sequence sequence) =>
        new(sequence.NewIds.ToArray(), sequence.Finished!.Value, sequence.Sampler!.Seed) { Speculation = sequence.Speculation };
}
