namespace YiSharp.Tensors;

/// <summary>
/// What training needs beside the forward pass: one backward operation for each forward one, the loss, and the optimizer's step.
/// A backward operation takes dy, the gradient of the forward result, and writes the gradients of the forward arguments; each
/// <see cref="GradientTarget"/> says where to and whether to add. A weight that is a <see cref="Parameter"/> gets its gradient added up; any
/// other weight gets none, and is used as it is stored. Results do not depend on the number of threads.
/// </summary>
public interface ITrainingBackend : IBackend
{
    /// <summary>A single-precision copy of weights that training may change; gradient and moments are zero.</summary>
    Parameter CreateParameter(WeightData data);

    /// <summary>A tensor with arbitrary contents.</summary>
    Tensor CreateTensor(int rows, int columns);

    /// <summary>A tensor with the given elements, [rows · columns].</summary>
    Tensor CreateTensor(int rows, int columns, ReadOnlySpan<float> values);

    /// <summary>
    /// <see cref="IBackend.Linear"/> for many rows at once, and for weights as thin as a LoRA's factors: the same up to the order of sums. A
    /// <see cref="Parameter"/> may be given as it is.
    /// </summary>
    Tensor LinearOfMany(Tensor x, Weight weight);

    /// <summary>target (+)= scale · x, element by element.</summary>
    void ScaleInto(Tensor x, float scale, GradientTarget target);

    /// <summary>Backward of <see cref="IBackend.Embedding"/>: adds the rows of dy [tokens, hidden] to the gradient's rows ids.</summary>
    void EmbeddingBackward(Tensor dy, Parameter table, ReadOnlySpan<int> ids);

    /// <summary>Backward of <see cref="IBackend.SelectRows"/>: adds dy [n, columns] to rows of dx [tokens, columns], which are zeroed first unless added to.</summary>
    void SelectRowsBackward(Tensor dy, ReadOnlySpan<int> rows, GradientTarget dx);

    /// <summary>Backward of <see cref="IBackend.RmsNorm"/>: all [tokens, hidden].</summary>
    void RmsNormBackward(Tensor dy, Tensor x, Weight gain, float epsilon, GradientTarget? dx);

    /// <summary>Backward of <see cref="IBackend.Linear"/>: dx = dy · weight, and dweight += dyᵀ · x when the weight is a <see cref="Parameter"/>.</summary>
    /// <param name="dy">[tokens, outputs].</param>
    /// <param name="x">The forward argument, [tokens, inputs]; null when the weight is not a <see cref="Parameter"/>.</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="dx">[tokens, inputs]; null when nothing below needs it.</param>
    void LinearBackward(Tensor dy, Tensor? x, Weight weight, GradientTarget? dx);

    /// <summary>Backward of <see cref="IBackend.AddBias"/> for a trained bias, dbias += the sum of the rows of dy [tokens, columns]; dx is dy itself.</summary>
    void AddBiasBackward(Tensor dy, Parameter bias);

    /// <summary>Backward of <see cref="IBackend.Rotary"/>, in place: turns each head back by its position.</summary>
    void RotaryBackward(Tensor dx, RotaryTable table, SequenceBatch batch);

    /// <summary>Backward of <see cref="IBackend.Attention"/> over whole sequences (no cache); probabilities are computed anew.</summary>
    void AttentionBackward(Tensor dy, Tensor q, Tensor k, Tensor v, AttentionShape shape, SequenceBatch batch, GradientTarget dq, GradientTarget dk, GradientTarget dv);

    /// <summary>Backward of <see cref="IBackend.SiluMultiply"/>.</summary>
    void SiluMultiplyBackward(Tensor dy, Tensor gate, Tensor up, GradientTarget dgate, GradientTarget dup);

    /// <summary>
    /// Σ −log softmax(hidden · headᵀ)[target], nats, a piece of rows at a time: [rows, vocab] is never held whole. Also writes
    /// dhidden = scale · its gradient, and adds scale · the head's gradient when the head is a <see cref="Parameter"/>.
    /// </summary>
    /// <param name="hidden">Hidden states after the last norm, [rows, hidden].</param>
    /// <param name="head">[vocab, hidden].</param>
    /// <param name="targets">The token that follows each row, [rows].</param>
    /// <param name="scale">1 / targets of the whole step.</param>
    /// <param name="dhidden">[rows, hidden]; null computes the loss alone.</param>
    double CrossEntropy(Tensor hidden, Weight head, ReadOnlySpan<int> targets, float scale, Tensor? dhidden);

    /// <summary>Σ g² over a parameter's gradient.</summary>
    double GradientSumOfSquares(Parameter parameter);

    /// <summary>Changes a parameter by one optimizer step, and zeroes its gradient.</summary>
    void Update(Parameter parameter, in AdamWUpdate update);
}

/// <summary>Where a gradient goes.</summary>
/// <param name="Tensor">Of the shape of what it is the gradient of.</param>
/// <param name="Accumulate">Whether to add to what is there, or to overwrite it.</param>
public readonly record struct GradientTarget(Tensor Tensor, bool Accumulate);
