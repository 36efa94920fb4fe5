namespace YiSharp.Training;

/// <summary>Which weights are trained.</summary>
public enum TrainMethod
{
    /// <summary>Two thin factors beside each linear (Hu et al. 2021, arXiv:2106.09685); the base stays as it is stored, quantized or not.</summary>
    Lora,

    /// <summary>All of them, in single precision.</summary>
    Full,
}

/// <summary>How to fine-tune.</summary>
public sealed record TrainOptions
{
    /// <summary>Which weights are trained.</summary>
    /// <value><see cref="TrainMethod.Lora"/></value>
    public TrainMethod Method { get; init; }

    /// <summary>Rank of a LoRA.</summary>
    /// <value>16</value>
    public int Rank { get; init; } = 16;

    /// <summary>Numerator of a LoRA's scale, alpha / rank.</summary>
    /// <value>32</value>
    public double Alpha { get; init; } = 32;

    /// <summary>Whether the scale is alpha / √rank (Kalajdzievski 2023, arXiv:2312.03732).</summary>
    /// <value>false</value>
    public bool UseRslora { get; init; }

    /// <summary>Linears that get a LoRA, by the last part of their names.</summary>
    /// <value>All seven of a layer.</value>
    public IReadOnlyList<string> TargetModules { get; init; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Learning rate after the warm-up.</summary>
    /// <value>5e-4</value>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>How it goes on after the warm-up.</summary>
    /// <value><see cref="ScheduleShape.Constant"/></value>
    public ScheduleShape Schedule { get; init; }

    /// <summary>Optimizer steps over which the rate rises from 0.</summary>
    /// <value>0</value>
    public int WarmupSteps { get; init; }

    /// <summary>Examples of an optimizer step.</summary>
    /// <value>8</value>
    public int BatchSize { get; init; } = 8;

    /// <summary>Most tokens in one forward pass; a step's examples are divided so. An example that is longer goes alone. Bounds memory, not results.</summary>
    /// <value>1024</value>
    public int MicroBatchTokens { get; init; } = 1024;

    /// <summary>Most tokens of an example, for the encoder that makes them: what lies beyond is cut from the end.</summary>
    /// <value>1024</value>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>How often each example is seen, in a different order each time.</summary>
    /// <value>3</value>
    public int Epochs { get; init; } = 3;

    /// <summary>Optimizer steps after which to stop even so; null when the epochs decide.</summary>
    /// <value>null</value>
    public int? MaxSteps { get; init; }

    /// <summary>Decides starts of the adapter, orders of the examples and noise.</summary>
    /// <value>0</value>
    public ulong Seed { get; init; }

    /// <summary>Decoupled weight decay of matrices and embeddings; norms have none.</summary>
    /// <value>0</value>
    public double WeightDecay { get; init; }

    /// <summary>Gradients of a larger total norm are scaled down to it; 0 leaves them.</summary>
    /// <value>1</value>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Noise on the embeddings, alpha / √(tokens · hidden) times uniform in ±1 (NEFTune, Jain et al. 2023, arXiv:2310.05914); 0 for none.</summary>
    /// <value>0</value>
    public double NeftuneAlpha { get; init; }

    /// <summary>Whether examples are shuffled each epoch, or taken in the order given.</summary>
    /// <value>true</value>
    public bool Shuffle { get; init; } = true;

    /// <summary>Optimizer steps between saved states; a state is also saved when the run is cancelled and every <see cref="SaveSeconds"/>.</summary>
    /// <value>50</value>
    public int SaveSteps { get; init; } = 50;

    /// <summary>Seconds between saved states.</summary>
    /// <value>60</value>
    public double SaveSeconds { get; init; } = 60;

    /// <summary>Factor of a LoRA's product.</summary>
    internal double Scale => Alpha / (UseRslora ? Math.Sqrt(Rank) : Rank);

    /// <summary>Optimizer steps of a run over so many examples.</summary>
    public int StepCount(int examples)
    {
        long steps = (long)Epochs * (((long)examples + BatchSize - 1) / BatchSize);
        return (int)Math.Min(steps, MaxSteps ?? int.MaxValue);
    }

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">Names the option, the value and the range.</exception>
    public void Validate()
    {
        Require(Method is TrainMethod.Lora or TrainMethod.Full, "method", Method, "lora or full");
        Require(Schedule is ScheduleShape.Constant or ScheduleShape.Linear or ScheduleShape.Cosine, "schedule", Schedule, "constant, linear or cosine");
        Require(Rank is >= 1 and <= 4096, "rank", Rank, "1 to 4096");
        Require(Alpha is > 0 and <= 1e6, "alpha", Alpha, "above 0, at most 1e6");
        Require(LearningRate is > 0 and <= 1, "learning_rate", LearningRate, "above 0, at most 1");
        Require(WarmupSteps >= 0, "warmup_steps", WarmupSteps, "0 or more");
        Require(BatchSize is >= 1 and <= 1 << 20, "batch_size", BatchSize, "1 to 1048576");
        Require(MicroBatchTokens is >= 1 and <= 1 << 20, "micro_batch_tokens", MicroBatchTokens, "1 to 1048576");
        Require(MaxTokens is >= 2 and <= 1 << 20, "max_tokens", MaxTokens, "2 to 1048576");
        Require(Epochs is >= 1 and <= 1 << 20, "epochs", Epochs, "1 to 1048576");
        Require(MaxSteps is null or >= 1, "max_steps", MaxSteps ?? 0, "1 or more");
        Require(WeightDecay is >= 0 and <= 10, "weight_decay", WeightDecay, "0 to 10");
        Require(MaxGradNorm is >= 0 and <= 1e6, "max_grad_norm", MaxGradNorm, "0 to 1e6");
        Require(NeftuneAlpha is >= 0 and <= 1e4, "neftune_alpha", NeftuneAlpha, "0 to 1e4");
        Require(SaveSteps >= 1, "save_steps", SaveSteps, "1 or more");
        Require(SaveSeconds > 0, "save_seconds", SaveSeconds, "above 0");
        string[] known = new TrainOptions().TargetModules as string[] ?? [.. new TrainOptions().TargetModules];
        Require(TargetModules.Count > 0, "target_modules", "empty", string.Join(", ", known));
        foreach (string module in TargetModules) Require(known.Contains(module), "target_modules", module, string.Join(", ", known));
    }

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds) throw new ArgumentException(FormattableString.Invariant($"{option} is {value}; expected {range}."));
    }
}
