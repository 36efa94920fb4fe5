using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Text;

namespace YiSharp.Inference;

/// <summary>
/// A model with what belongs to it: weights on a backend, tokenizer, chat template, stop ids. The tokenizer and the template are
/// read when first asked for, so that a checkpoint without them still works with ids.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    private readonly Lazy<Tokenizer> _tokenizer;
    private readonly Lazy<ChatTemplate> _template;
    private readonly Lazy<int[]> _stopIds;
    private LanguageModel? _draft;
    private readonly PackedWeights? _packed;

    /// <summary>Loads a checkpoint's weights. Takes checkpoint, backend and packed weights over and disposes of them.</summary>
    /// <param name="checkpoint">The files.</param>
    /// <param name="backend">Where the weights go.</param>
    /// <param name="adapter">A LoRA beside the weights; null for none.</param>
    /// <param name="options">Bounds of the engine; null takes the defaults.</param>
    /// <param name="packed">The checkpoint's weights as a cache has them; null where there is none.</param>
    public LanguageModel(Checkpoint checkpoint, IBackend backend, LoraAdapter? adapter = null, EngineOptions? options = null, PackedWeights? packed = null)
    {
        Checkpoint = checkpoint;
        Backend = backend;
        _packed = packed;
        Llama = LlamaModel.Load(checkpoint, backend, adapter, packed);
        Engine = new Engine(Llama, backend, options);
        _tokenizer = new Lazy<Tokenizer>(() => Tokenizer.Load(checkpoint));
        _template = new Lazy<ChatTemplate>(() => ChatTemplate.Load(checkpoint, Tokenizer));
        _stopIds = new Lazy<int[]>(() => YiSharp.Text.StopIds.Of(checkpoint, HasTokenizer ? Tokenizer : null));
    }

    /// <summary>The files it was loaded from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Where its weights are and its operations run.</summary>
    public IBackend Backend { get; }

    /// <summary>The forward pass.</summary>
    public LlamaModel Llama { get; }

    /// <summary>Ids in, ids out.</summary>
    public Engine Engine { get; }

    /// <summary>Text to ids and back.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has no tokenizer, or a broken one.</exception>
    public Tokenizer Tokenizer => _tokenizer.Value;

    /// <summary>Whether the checkpoint brings a tokenizer.</summary>
    public bool HasTokenizer => Checkpoint.VocabularyPath is not null || Checkpoint.Gguf?.Metadata.ContainsKey("tokenizer.ggml.tokens") == true;

    /// <summary>Messages to text.</summary>
    /// <exception cref="InvalidDataException">The checkpoint has no chat template, or a broken one.</exception>
    public ChatTemplate Template => _template.Value;

    /// <summary>Ids that end an answer.</summary>
    public IReadOnlyList<int> StopIds => _stopIds.Value;

    /// <summary>The id that stands before an empty text, because a model cannot go on from nothing: begin of sequence, or else end.</summary>
    /// <exception cref="NotSupportedException">The checkpoint names neither.</exception>
    public int FirstId =>
        Checkpoint.Generation.BosTokenId ?? Checkpoint.Config.BosTokenId ??
        Checkpoint.Generation.EosTokenIds.Concat(Checkpoint.Config.EosTokenIds).Concat(StopIds).Select(id => (int?)id).FirstOrDefault() ??
        throw new NotSupportedException($"{Checkpoint.Path} names neither a begin-of-sequence nor an end-of-sequence id, so nothing can stand before an empty text; give it at least one token.");

    /// <summary>
    /// Has a smaller model guess ids ahead, for generations with <see cref="Speculation.Draft"/>. Takes it over and disposes of it.
    /// Where both bring a tokenizer, their tokens are compared one by one; otherwise the number of ids alone.
    /// </summary>
    /// <exception cref="ArgumentException">It has another vocabulary, or there is one already.</exception>
    public void UseDraft(LanguageModel draft)
    {
        if (_draft is not null) throw new ArgumentException("The model has a draft model already.");
        if (draft.Engine.VocabSize == Engine.VocabSize && HasTokenizer && draft.HasTokenizer)
        {
            for (int id = 0; id < Engine.VocabSize; id++)
            {
                if (Tokenizer.TokenOf(id) == draft.Tokenizer.TokenOf(id)) continue;
                throw new ArgumentException($"Id {id} is {Named(Tokenizer.TokenOf(id))} in {Checkpoint.Path} and {Named(draft.Tokenizer.TokenOf(id))} in {draft.Checkpoint.Path}; a draft model needs the same vocabulary.");
            }
        }
        Engine.Draft = new DraftModel(draft.Llama, draft.Backend, (double)draft.Checkpoint.WeightBytes / Checkpoint.WeightBytes);
        _draft = draft;

        static string Named(string? token) => token is null ? "no token" : $"'{token}'";
    }

    /// <summary>A scorer of its own cache.</summary>
    public Scorer CreateScorer() => new(Llama, Backend, Engine);

    /// <inheritdoc/>
    public void Dispose()
    {
        _draft?.Dispose();
        Backend.Dispose();
        _packed?.Dispose();
        Checkpoint.Dispose();
    }
}
