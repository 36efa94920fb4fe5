using YiSharp.Checkpoints;
using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Training;
using static TorchSharp.torch;
using Tensor = YiSharp.Tensors.Tensor;

namespace YiSharp.Oracles.Tests.Torch;

/// <summary>Losses, gradients and optimizer steps of small random models against libtorch's autograd and AdamW in double precision.</summary>
public sealed class TorchSharpTrainingTests
{
    /// <summary>Normalized mean squared error of one parameter's gradient in single precision; measured at most 5.3e-11.</summary>
    private const double GradientTolerance = 1e-9;

    /// <summary>The same of a weight's change by optimizer steps; measured at most 9e-11.</summary>
    private const double UpdateTolerance = 1e-9;

    /// <summary>Relative difference of a loss.</summary>
    private const double LossTolerance = 1e-6;

    private const int Rank = 4;
    private const double Alpha = 6;
    private const int StepCount = 6;
    private const double MaxGradientNorm = 1.0;

    public static TheoryData<string> Names => RandomLlama.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_every_parameter(string name)
    {
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        var batch = new TrainingBatch(llama, 2, 13, 40);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, _ => true);
        double loss = batch.Backward(tape, LlamaModel.Load(llama.Config, llama.Weights, tape));
        RequireSame(new TorchLlama(llama.Config, llama.Weights), batch, loss, tape);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_of_an_adapter_alone(string name)
    {
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        LoraAdapter adapter = llama.Adapter(Rank, Alpha);
        var batch = new TrainingBatch(llama, 25, 7);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, parameter => parameter.Contains("lora_", StringComparison.Ordinal));
        double loss = batch.Backward(tape, LlamaModel.Load(llama.Config, llama.Weights, tape, adapter));
        Assert.Equal(2 * adapter.Modules.Count, tape.Parameters.Count);
        RequireSame(new TorchLlama(llama.Config, llama.Weights, adapter), batch, loss, tape);
    }

    [Fact]
    public void AdamW_moves_weights_as_torch_optim_does()
    {
        const int rows = 7, columns = 33;
        const double epsilon = 1e-2; // of the gradients' size, so that it counts
        RandomStream random = RandomStream.For(4, "AdamW");
        float[] Values(float scale) => [.. Enumerable.Range(0, rows * columns).Select(_ => scale * random.NextSigned())];

        using var scope = NewDisposeScope();
        float[] start = Values(1f);
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using Parameter ours = backend.CreateParameter(WeightData.FromFloats("weight", rows, columns, start));
        var theirs = new TorchSharp.Modules.Parameter(tensor(start).to(float64));
        TorchSharp.Modules.AdamW optimizer = optim.AdamW([theirs], lr: 3e-3, beta1: 0.9, beta2: 0.95, eps: epsilon, weight_decay: 0.1);
        for (int step = 1; step <= StepCount; step++)
        {
            float[] gradient = Values(0.1f);
            ours.Write(ParameterPart.Gradient, gradient);
            backend.Update(ours, new AdamWUpdate(3e-3, 0.9, 0.95, epsilon, 0.1, step, GradientFactor: 0.5));
            theirs.grad = tensor(gradient).to(float64) * 0.5;
            optimizer.step();
            RequireNear(theirs.data<double>().ToArray(), Read(ours, ParameterPart.Values), start, UpdateTolerance, $"step {step}");
        }
    }

    [Fact]
    public void Losses_of_clipped_steps_are_those_of_torch()
    {
        const string name = "grouped, tied";
        var llama = new RandomLlama(name, RandomLlama.ConfigOf(name));
        var batch = new TrainingBatch(llama, 20, 31);
        using var scope = NewDisposeScope();
        using var backend = new CpuBackend(new CpuOptions { Precision = Precision.F32 });
        using var tape = new TapeBackend(backend, _ => true);
        LlamaModel ours = LlamaModel.Load(llama.Config, llama.Weights, tape);
        var theirs = new TorchLlama(llama.Config, llama.Weights);
        TorchSharp.Modules.AdamW optimizer = optim.AdamW(theirs.Parameters.Values, lr: 1e-2, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01);
        for (int step = 1; step <= StepCount; step++)
        {
            double loss = batch.Backward(tape, ours);
            double norm = Math.Sqrt(tape.Parameters.Sum(backend.GradientSumOfSquares));
            double factor = Math.Min(1, MaxGradientNorm / (norm + 1e-6)); // torch.nn.utils.clip_grad_norm_
            foreach (Parameter parameter in tape.Parameters) backend.Update(parameter, new AdamWUpdate(1e-2, 0.9, 0.999, 1e-8, 0.01, step, factor));

            optimizer.zero_grad();
            TorchSharp.torch.Tensor expected = theirs.Loss(batch.Sequences, batch.Masks);
            expected.backward();
            double expectedNorm = nn.utils.clip_grad_norm_(theirs.Parameters.Values, MaxGradientNorm);
            optimizer.step();
            Assert.True(expectedNorm > MaxGradientNorm || step > 1, "the first step is one that is clipped");
            Assert.Equal(1, norm / expectedNorm, 1e-4);
            Assert.Equal(1, loss / expected.item<double>(), step == 1 ? LossTolerance : 1e-4);
        }
    }

    private static void RequireSame(TorchLlama theirs, TrainingBatch batch, double loss, TapeBackend tape)
    {
        using var scope = NewDisposeScope();
        TorchSharp.torch.Tensor expected = theirs.Loss(batch.Sequences, batch.Masks);
        expected.backward();
        Assert.Equal(1, loss / expected.item<double>(), LossTolerance);
        Assert.NotEmpty(tape.Parameters);
        foreach (Parameter parameter in tape.Parameters)
        {
            double[] gradient = theirs.Parameters[parameter.Name].grad!.data<double>().ToArray();
            RequireNear(gradient, Read(parameter, ParameterPart.Gradient), new float[gradient.Length], GradientTolerance, parameter.Name);
        }
    }

    /// <summary>Compares changes from where something started.</summary>
    private static void RequireNear(double[] expected, float[] actual, float[] start, double tolerance, string what)
    {
        double error = Nmse.Of([.. expected.Zip(start, (value, from) => value - from)], [.. actual.Zip(start, (value, from) => value - from)]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: NMSE {error:g3}");
        Assert.True(error < tolerance, $"{what}: normalized mean squared error {error:g3}, expected below {tolerance:g3}");
    }

    private static float[] Read(Parameter parameter, ParameterPart part)
    {
        var values = new float[parameter.Rows * parameter.Columns];
        parameter.Read(part, values);
        return values;
    }

    /// <summary>Random sequences, of which some tokens count.</summary>
    private sealed class TrainingBatch
    {
        public TrainingBatch(RandomLlama llama, params int[] lengths)
        {
            Sequences = llama.Sequences(lengths);
            Masks = [.. Sequences.Select(ids => llama.Mask(ids.Length - 1))];
        }

        public int[][] Sequences { get; }

        /// <summary>Whether the token after each row counts, [sequences][length - 1].</summary>
        public bool[][] Masks { get; }

        /// <summary>Mean loss over the tokens that count, nats; gradients are left in the tape's parameters.</summary>
        public double Backward(TapeBackend tape, LlamaModel model)
        {
            var batch = new SequenceBatch();
            var ids = new List<int>();
            var rows = new List<int>();
            var targets = new List<int>();
            foreach ((int[] sequence, bool[] mask) in Sequences.Zip(Masks))
            {
                for (int i = 0; i < mask.Length; i++)
                {
                    if (!mask[i]) continue;
                    rows.Add(ids.Count + i);
                    targets.Add(sequence[i + 1]);
                }
                batch.Add(sequence.Length - 1);
                ids.AddRange(sequence[..^1]);
            }
            using Tensor hidden = model.Forward(tape, [.. ids], batch, [.. rows]);
            double sum = tape.CrossEntropy(hidden, model.LmHead, [.. targets], 1f / targets.Count);
            tape.Backward();
            return sum / targets.Count;
        }
    }
}
