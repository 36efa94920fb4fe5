using System.Globalization;
using YiSharp.Tensors.Kernels;

namespace YiSharp.Tensors;

/// <summary>The backward operations, the loss and the optimizer's step: see <see cref="ITrainingBackend"/>.</summary>
public sealed partial class CpuBackend : ITrainingBackend
{
    /// <summary>Logits held at once by the loss: 96 MB.</summary>
    private const int LossFloats = 24 << 20;

    private MatrixProducts Products => field ??= new MatrixProducts(Parallelism, _workspace);

    /// <inheritdoc/>
    public Parameter CreateParameter(WeightData data) => new CpuParameter(data);

    /// <inheritdoc/>
    public Tensor CreateTensor(int rows, int columns) => Rent(rows, columns);

    /// <inheritdoc/>
    public Tensor CreateTensor(int rows, int columns, ReadOnlySpan<float> values)
    {
        CpuTensor x = Rent(rows, columns);
        if (values.Length != x.Values.Length) throw new TensorException($"A tensor {x} holds {x.Values.Length} values; {values.Length} were given.");
        values.CopyTo(x.Values);
        return x;
    }

    /// <inheritdoc/>
    public unsafe Tensor LinearOfMany(Tensor x, Weight weight)
    {
        if (x.Columns != weight.Columns) throw new TensorException($"{x} cannot be multiplied with {weight}; its rows need {weight.Columns} columns.");
        CpuTensor y = Rent(x.Rows, weight.Rows);
        Products.Forward(Of(x).Pointer, x.Rows, RowsOf(weight), y.Pointer, accumulate: false);
        return y;
    }

    /// <inheritdoc/>
    public void ScaleInto(Tensor x, float scale, GradientTarget target)
    {
        Require(target.Tensor, x.Rows, x.Columns, "The target");
        Parallelism.For(x.Rows, GrainOf(x.Columns), (Of(x), Of(target.Tensor), scale, target.Accumulate), static (in (CpuTensor X, CpuTensor To, float Scale, bool Add) call, int start, int end) =>
        {
            for (int row = start; row < end; row++) Elementwise.ScaleInto(call.X.Row(row), call.Scale, call.To.Row(row), call.Add);
        });
    }

    /// <inheritdoc/>
    public void EmbeddingBackward(Tensor dy, Parameter table, ReadOnlySpan<int> ids)
    {
        Require(dy, ids.Length, table.Columns, "Gradients of the embeddings");
        Span<float> gradient = Of(table).Span(ParameterPart.Gradient);
        for (int i = 0; i < ids.Length; i++)
        {
            Elementwise.ScaleInto(Of(dy).Row(i), 1f, gradient.Slice(ids[i] * table.Columns, table.Columns), accumulate: true);
        }
    }

    /// <inheritdoc/>
    public void SelectRowsBackward(Tensor dy, ReadOnlySpan<int> rows, GradientTarget dx)
    {
        Require(dy, rows.Length, dx.Tensor.Columns, "Gradients of selected rows");
        CpuTensor to = Of(dx.Tensor);
        if (!dx.Accumulate) to.Values.Clear();
        for (int i = 0; i < rows.Length; i++) Elementwise.ScaleInto(Of(dy).Row(i), 1f, to.Row(rows[i]), accumulate: true);
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Weight gain, float epsilon, GradientTarget? dx)
    {
        Require(dy, x.Rows, x.Columns, "Gradients of the norm");
        using CpuTensor gains = Rent(1, gain.Columns), roots = Rent(1, x.Rows);
        Of(CurrentOf(gain)).DequantizeRow(0, gains.Values);
        Parallelism.For(x.Rows, GrainOf(x.Columns), (Of(dy), Of(x), gains, roots, epsilon, dx), static (in (CpuTensor Dy, CpuTensor X, CpuTensor Gains, CpuTensor Roots, float Epsilon, GradientTarget? Dx) call, int start, int end) =>
        {
            for (int row = start; row < end; row++)
            {
                float root = call.Roots.Values[row] = Kernels.RmsNormBackward.InverseRoot(call.X.Row(row), call.Epsilon);
                if (call.Dx is { } to) Kernels.RmsNormBackward.Input(call.Dy.Row(row), call.X.Row(row), call.Gains.Values, root, Of(to.Tensor).Row(row), to.Accumulate);
            }
        });
        if (gain is not CpuParameter parameter) return;
        Parallelism.For(x.Columns, 64, (Of(dy), Of(x), roots, parameter), static (in (CpuTensor Dy, CpuTensor X, CpuTensor Roots, CpuParameter Gain) call, int start, int end) =>
        {
            Span<float> to = call.Gain.Span(ParameterPart.Gradient)[start..end];
            for (int row = 0; row < call.X.Rows; row++)
            {
                Kernels.RmsNormBackward.Gain(call.Dy.Row(row)[start..end], call.X.Row(row)[start..end], call.Roots.Values[row], to);
            }
        });
    }

    /// <inheritdoc/>
    public unsafe void LinearBackward(Tensor dy, Tensor? x, Weight weight, GradientTarget? dx)
    {
        if (dy.Columns != weight.Rows) throw new TensorException($"Gradients {dy} do not belong to {weight}; they need {weight.Rows} columns.");
        if (weight is CpuParameter parameter)
        {
            if (x is null || x.Rows != dy.Rows || x.Columns != weight.Columns) throw new TensorException($"The gradient of {weight} needs the input of {dy}; got {x}.");
            Products.BackwardWeight(Of(dy).Pointer, Of(x).Pointer, dy.Rows, weight.Rows, weight.Columns, parameter.Pointer(ParameterPart.Gradient));
        }
        if (dx is not { } target) return;
        Require(target.Tensor, dy.Rows, weight.Columns, "Gradients of the input");
        Products.BackwardInput(Of(dy).Pointer, dy.Rows, RowsOf(weight), Of(target.Tensor).Pointer, target.Accumulate);
    }

    /// <inheritdoc/>
    public void AddBiasBackward(Tensor dy, Parameter bias)
    {
        Require(bias, dy);
        Parallelism.For(dy.Columns, 64, (Of(dy), Of(bias)), static (in (CpuTensor Dy, CpuParameter Bias) call, int start, int end) =>
        {
            Span<float> to = call.Bias.Span(ParameterPart.Gradient)[start..end];
            for (int row = 0; row < call.Dy.Rows; row++) Elementwise.ScaleInto(call.Dy.Row(row)[start..end], 1f, to, accumulate: true);
        });
    }

    /// <inheritdoc/>
    public void RotaryBackward(Tensor dx, RotaryTable table, SequenceBatch batch) => Rotate(Of(dx), table, batch, Kernels.RotaryBackward.Input);

    /// <inheritdoc/>
    public unsafe void AttentionBackward(Tensor dy, Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, GradientTarget dq, GradientTarget dk, GradientTarget dv)
    {
        Require(q, batch.TokenCount, shape.QueryColumns, "Queries");
        Require(k, batch.TokenCount, shape.KvColumns, "Keys");
        Require(v, batch.TokenCount, shape.KvColumns, "Values");
        Require(dy, q.Rows, q.Columns, "Gradients of attention");
        if (dq.Accumulate || dk.Accumulate || dv.Accumulate) throw new NotSupportedException("Attention's gradients overwrite their targets: queries, keys and values are used once.");
        foreach (SequenceSlice slice in batch.Slices)
        {
            if (slice.Cache is not null) throw new NotSupportedException("There is no backward step through a cache; train on whole sequences.");
        }
        var call = new AttentionCall(Of(q), Of(k), Of(v), Of(dy), Of(dq.Tensor), Of(dk.Tensor), Of(dv.Tensor), shape, batch, _workspace);
        Parallelism.For(batch.Slices.Length * shape.KvHeadCount, 1, call, static (in AttentionCall call, int start, int end) =>
        {
            for (int i = start; i < end; i++) call.Run(call.Batch.Slices[i / call.Shape.KvHeadCount], i % call.Shape.KvHeadCount);
        });
    }

    /// <inheritdoc/>
    public void SiluMultiplyBackward(Tensor dy, Tensor gate, Tensor up, GradientTarget dgate, GradientTarget dup)
    {
        Require(dy, gate.Rows, gate.Columns, "Gradients of the product");
        Parallelism.For(dy.Rows, GrainOf(dy.Columns), (Of(dy), Of(gate), Of(up), dgate, dup), static (in (CpuTensor Dy, CpuTensor Gate, CpuTensor Up, GradientTarget Dgate, GradientTarget Dup) call, int start, int end) =>
        {
            for (int row = start; row < end; row++)
            {
                Kernels.SiluMultiplyBackward.Inputs(call.Dy.Row(row), call.Gate.Row(row), call.Up.Row(row),
                    Of(call.Dgate.Tensor).Row(row), call.Dgate.Accumulate, Of(call.Dup.Tensor).Row(row), call.Dup.Accumulate);
            }
        });
    }

    /// <inheritdoc/>
    public unsafe double CrossEntropy(Tensor hidden, Weight head, ReadOnlySpan<int> targets, float scale, Tensor? dhidden)
    {
        Require(hidden, targets.Length, head.Columns, "Hidden states before the head");
        foreach (int target in targets)
        {
            if ((uint)target >= (uint)head.Rows) throw new TensorException(string.Create(CultureInfo.InvariantCulture, $"Target id {target} lies outside of {head}: ids from 0 to {head.Rows - 1} have a score."));
        }
        int piece = Math.Clamp(LossFloats / head.Rows, 1, Math.Max(targets.Length, 1));
        using CpuTensor losses = Rent(1, 2 * Math.Max(targets.Length, 1));
        double sum = 0;
        for (int first = 0; first < targets.Length; first += piece)
        {
            int rows = Math.Min(piece, targets.Length - first);
            float* states = Of(hidden).Pointer + (nint)first * hidden.Columns;
            using CpuTensor logits = Rent(rows, head.Rows);
            Products.Forward(states, rows, RowsOf(head), logits.Pointer, accumulate: false);
            sum += LossOf(logits, targets.Slice(first, rows), scale, new Span<double>(losses.Pointer, rows));
            if (dhidden is not null) Products.BackwardInput(logits.Pointer, rows, RowsOf(head), Of(dhidden).Pointer + (nint)first * hidden.Columns, accumulate: false);
            if (head is CpuParameter parameter && dhidden is not null)
            {
                Products.BackwardWeight(logits.Pointer, states, rows, head.Rows, head.Columns, parameter.Pointer(ParameterPart.Gradient));
            }
        }
        return sum;
    }

    /// <inheritdoc/>
    public double GradientSumOfSquares(Parameter parameter) => Elementwise.SumOfSquares(Of(parameter).Span(ParameterPart.Gradient));

    /// <inheritdoc/>
    public void Update(Parameter parameter, in AdamWUpdate update)
    {
        CpuParameter p = Of(parameter);
        Parallelism.For(p.Rows * p.Columns, SerialElements, (p, update), static (in (CpuParameter P, AdamWUpdate Update) call, int start, int end) =>
        {
            AdamW.Update(call.P.Span(ParameterPart.Values)[start..end], call.P.Span(ParameterPart.Gradient)[start..end],
                call.P.Span(ParameterPart.FirstMoment)[start..end], call.P.Span(ParameterPart.SecondMoment)[start..end], in call.Update);
        });
    }

    /// <summary>Losses of some rows, summed in order; the logits become gradients.</summary>
    private unsafe double LossOf(CpuTensor logits, ReadOnlySpan<int> targets, float scale, Span<double> losses)
    {
        fixed (int* ids = targets)
        fixed (double* each = losses)
        {
            Parallelism.For(logits.Rows, 1, (logits, (nint)ids, (nint)each, scale), static (in (CpuTensor Logits, nint Ids, nint Losses, float Scale) call, int start, int end) =>
            {
                for (int row = start; row < end; row++) ((double*)call.Losses)[row] = Kernels.CrossEntropy.Row(call.Logits.Row(row), ((int*)call.Ids)[row], call.Scale);
            });
        }
        double sum = 0;
        foreach (double loss in losses) sum += loss;
        return sum;
    }

    private static Weight CurrentOf(Weight weight) => weight is Parameter parameter ? parameter.Current : weight;

    private static unsafe WeightRows RowsOf(Weight weight) => weight is CpuParameter p
        ? new WeightRows(p.Pointer(ParameterPart.Values), p.Rows, p.Columns)
        : new WeightRows(Of(weight));

    private static CpuParameter Of(Parameter parameter) => parameter as CpuParameter ?? throw new TensorException($"{parameter} belongs to another backend ({parameter.GetType().Name}).");

    /// <summary>What a thread needs to do one sequence's key/value head.</summary>
    private sealed record AttentionCall(
        CpuTensor Q, CpuTensor K, CpuTensor V, CpuTensor Dy, CpuTensor Dq, CpuTensor Dk, CpuTensor Dv, AttentionShape Shape, SequenceBatch Batch, Workspace Workspace)
    {
        public unsafe void Run(SequenceSlice slice, int kvHead)
        {
            int group = Shape.HeadCount / Shape.KvHeadCount;
            using CpuTensor scratch = Workspace.Rent(1, Kernels.AttentionBackward.ScratchLength(slice.Count, Shape.HeadDim));
            Kernels.AttentionBackward.KvHead(
                At(Q, slice, kvHead * group), At(K, slice, kvHead), At(V, slice, kvHead), At(Dy, slice, kvHead * group),
                At(Dq, slice, kvHead * group), At(Dk, slice, kvHead), At(Dv, slice, kvHead), slice.Count, Shape.HeadDim, group, Shape.Scale, scratch.Pointer);
        }

        private unsafe MatrixView At(CpuTensor x, SequenceSlice slice, int head) => MatrixView.RowMajor(x.Pointer, x.Columns).From(slice.Start, head * Shape.HeadDim);
    }
}
