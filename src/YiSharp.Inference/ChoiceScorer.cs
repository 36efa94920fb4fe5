using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using YiSharp.Tensors;

namespace YiSharp.Inference;

/// <summary>A prompt and the ways in which it may go on.</summary>
/// <param name="Prompt">The prompt; special tokens written in it count as such.</param>
/// <param name="Options">Continuations, with the space between.</param>
public sealed record ChoiceQuestion(string Prompt, IReadOnlyList<string> Options);

/// <summary>
/// Log-likelihoods of the options of many questions: prompts side by side in a pass, what they begin with computed once, and the vocabulary product for the
/// rows alone that an option needs. An option of one token costs nothing besides the prompt's last row.
/// </summary>
/// <remarks>Ids are those of <see cref="TextScorer"/>; a question's numbers do not depend on what runs beside it.</remarks>
/// <param name="model">The model that judges; its tokenizer gives the ids.</param>
public sealed class ChoiceScorer(LanguageModel model) : IDisposable
{
    /// <summary>Most tokens of a pass.</summary>
    private const int PassTokens = 512;

    /// <summary>Most questions of a pass.</summary>
    private const int MostQuestions = 32;

    /// <summary>Rows whose logits are held at once.</summary>
    private const int LogitRows = 32;

    /// <summary>A shorter common beginning is not worth a pass of its own.</summary>
    private const int LeastShared = 8;

    private readonly SequenceBatch _batch = new();
    private readonly float[] _logits = new float[LogitRows * model.Llama.Config.VocabSize];
    private readonly List<int> _ids = [];
    private readonly List<int> _rows = [];
    private KvCache? _prefix;
    private int[] _prefixIds = [];

    /// <summary>Scores questions.</summary>
    /// <param name="questions">The questions; those that begin alike best stand together.</param>
    /// <param name="onScored">Called with a question's index and the log-likelihood of each option, nats, in order; or none and why, in a sentence.</param>
    /// <param name="cancellation">Ends it between two passes.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    public void Score(IReadOnlyList<ChoiceQuestion> questions, Action<int, double[]?, string?> onScored, CancellationToken cancellation = default)
    {
        int index = 0;
        while (index < questions.Count)
        {
            var group = new List<Entry>();
            for (int tokens = 0; index < questions.Count && group.Count < MostQuestions; index++)
            {
                if (!TryEncode(questions[index], index, out Entry? entry, out string? reason))
                {
                    onScored(index, null, reason);
                    continue;
                }
                if (group.Count > 0 && tokens + entry.Context.Length > 2 * PassTokens) break;
                tokens += entry.Context.Length;
                group.Add(entry);
            }
            if (group.Count == 0) return; // the last ones could not be read
            ScoreGroup(group, cancellation);
            foreach (Entry entry in group) onScored(entry.Index, entry.LogProbs, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _prefix?.Dispose();

    private bool TryEncode(ChoiceQuestion question, int index, [NotNullWhen(true)] out Entry? entry, [NotNullWhen(false)] out string? reason)
    {
        (entry, reason) = (null, null);
        var targets = new int[question.Options.Count][];
        int[] context = [];
        try
        {
            for (int i = 0; i < targets.Length; i++) (context, targets[i]) = TextScorer.Encode(model, question.Prompt, question.Options[i]);
            model.Engine.RequireValidIds(context, "The question");
            foreach (int[] target in targets.Where(t => t.Length > 0)) model.Engine.RequireValidIds(target, "An option");
        }
        catch (ArgumentException e)
        {
            reason = e.Message;
            return false;
        }
        entry = new Entry(index, context, targets);
        if (entry.Longest - 1 <= model.Engine.MaxTokens) return true;
        reason = $"The question has {entry.Longest} tokens with its longest option; the model reads at most {model.Engine.MaxTokens}.";
        return false;
    }

    private void ScoreGroup(List<Entry> group, CancellationToken cancellation)
    {
        int shared = Share(group, cancellation);
        try
        {
            foreach (Entry entry in group) entry.Cache = shared > 0 ? _prefix!.Fork(shared) : model.Llama.CreateKvCache(model.Backend, model.Engine.MaxTokens);
            ReadContexts(group, cancellation);
            ReadLongOptions(group, cancellation);
        }
        finally
        {
            foreach (Entry entry in group) entry.Cache?.Dispose();
        }
    }

    /// <summary>Has what all contexts begin with in the prefix's cache; how many ids that is.</summary>
    private int Share(List<Entry> group, CancellationToken cancellation)
    {
        if (group.Exists(entry => entry.Longest > model.Llama.FixedLength)) return 0;
        ReadOnlySpan<int> common = group[0].Context.AsSpan(0, group[0].Context.Length - 1);
        foreach (Entry entry in group) common = common[..common.CommonPrefixLength(entry.Context.AsSpan(0, entry.Context.Length - 1))];
        int held = _prefixIds.AsSpan().CommonPrefixLength(common);
        // What an earlier group left is enough where this one alone would gain little more; a lone question gains nothing by itself.
        if (held >= LeastShared && common.Length - held < LeastShared || group.Count == 1) return held >= LeastShared ? held : 0;
        if (common.Length < LeastShared) return 0;
        _prefix?.Dispose();
        (_prefix, _prefixIds) = (model.Llama.CreateKvCache(model.Backend, model.Engine.MaxTokens), []); // it holds nothing until it holds all
        int[] shared = common.ToArray();
        for (int start = 0; start < shared.Length; start += PassTokens)
        {
            cancellation.ThrowIfCancellationRequested();
            Begin();
            Add(_prefix, shared.AsSpan(start, Math.Min(PassTokens, shared.Length - start)), shared.Length);
            _rows.Add(_ids.Count - 1); // a model wants a row
            Pass().Dispose();
        }
        _prefixIds = shared;
        return shared.Length;
    }

    private void ReadContexts(List<Entry> group, CancellationToken cancellation)
    {
        var ended = new List<Entry>();
        int next = 0;
        while (next < group.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            Begin();
            ended.Clear();
            while (next < group.Count && _ids.Count < PassTokens)
            {
                Entry entry = group[next];
                ReadOnlySpan<int> pending = entry.Context.AsSpan(entry.Cache!.Length);
                int take = Math.Min(pending.Length, PassTokens - _ids.Count);
                if (take < pending.Length && _ids.Count > 0 && pending.Length <= PassTokens) break; // whole in the next pass
                Add(entry.Cache, pending[..take], entry.Longest);
                if (take < pending.Length) break;
                _rows.Add(_ids.Count - 1);
                ended.Add(entry);
                next++;
            }
            if (_rows.Count == 0) _rows.Add(_ids.Count - 1);
            using Tensor hidden = Pass();
            if (ended.Count > 0) ReadRows(hidden, ended.Count, (row, logits, sum) => ended[row].AddFirst(logits, sum));
        }
    }

    /// <summary>What options of several tokens add after their first.</summary>
    private void ReadLongOptions(List<Entry> group, CancellationToken cancellation)
    {
        var wanted = new List<(Entry Entry, int Option, int Token)>();
        var caches = new List<KvCache>();
        Begin();
        void Finish()
        {
            if (_ids.Count == 0) return;
            cancellation.ThrowIfCancellationRequested();
            using (Tensor hidden = Pass()) ReadRows(hidden, wanted.Count, (row, logits, sum) => wanted[row].Entry.LogProbs[wanted[row].Option] += logits[wanted[row].Token] - sum);
            foreach (KvCache cache in caches) cache.Dispose();
            caches.Clear();
            wanted.Clear();
            Begin();
        }
        try
        {
            foreach (Entry entry in group)
            {
                for (int option = 0; option < entry.Targets.Length; option++)
                {
                    int[] target = entry.Targets[option];
                    if (target.Length < 2) continue;
                    if (_ids.Count + target.Length > PassTokens) Finish();
                    KvCache cache = entry.Cache!.Fork(entry.Context.Length);
                    caches.Add(cache);
                    for (int i = 1; i < target.Length; i++)
                    {
                        _rows.Add(_ids.Count + i - 1);
                        wanted.Add((entry, option, target[i]));
                    }
                    Add(cache, target.AsSpan(0, target.Length - 1), entry.Longest);
                }
            }
            Finish();
        }
        finally
        {
            foreach (KvCache cache in caches) cache.Dispose();
        }
    }

    private void Begin()
    {
        _batch.Clear();
        _ids.Clear();
        _rows.Clear();
    }

    private void Add(KvCache cache, ReadOnlySpan<int> ids, int length)
    {
        _batch.Add(ids.Length, cache, length);
        foreach (int id in ids) _ids.Add(id);
    }

    private Tensor Pass() => model.Llama.Forward(model.Backend, CollectionsMarshal.AsSpan(_ids), _batch, CollectionsMarshal.AsSpan(_rows));

    private void ReadRows(Tensor hidden, int count, LogitReader read)
    {
        int vocabSize = model.Llama.Config.VocabSize;
        Span<int> rows = stackalloc int[LogitRows];
        for (int first = 0; first < count; first += LogitRows)
        {
            int part = Math.Min(LogitRows, count - first);
            for (int i = 0; i < part; i++) rows[i] = first + i;
            using Tensor selected = model.Backend.SelectRows(hidden, rows[..part]);
            using Tensor logits = model.Llama.Logits(model.Backend, selected);
            model.Backend.Read(logits, _logits.AsSpan(0, part * vocabSize));
            for (int i = 0; i < part; i++)
            {
                ReadOnlySpan<float> row = _logits.AsSpan(i * vocabSize, vocabSize);
                read(first + i, row, LogProbs.LogSumExp(row));
            }
        }
    }

    private delegate void LogitReader(int row, ReadOnlySpan<float> logits, double logSumExp);

    private sealed class Entry(int index, int[] context, int[][] targets)
    {
        public int Index { get; } = index;

        public int[] Context { get; } = context;

        public int[][] Targets { get; } = targets;

        public int Longest { get; } = context.Length + targets.Max(t => t.Length);

        public double[] LogProbs { get; } = new double[targets.Length];

        public KvCache? Cache { get; set; }

        /// <summary>What each option's first token adds.</summary>
        public void AddFirst(ReadOnlySpan<float> logits, double logSumExp)
        {
            for (int i = 0; i < Targets.Length; i++)
            {
                if (Targets[i].Length > 0) LogProbs[i] += logits[Targets[i][0]] - logSumExp;
            }
        }
    }
}
