using YiSharp.Tensors;

namespace YiSharp.Checkpoints;

/// <summary>The two factors that a LoRA adapter adds to one linear: ΔW = scale · B · A.</summary>
public sealed class LoraModule
{
    /// <summary>Takes the factors of one linear.</summary>
    /// <param name="name">The linear, such as <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <param name="rank">Rows of A and columns of B.</param>
    /// <param name="a">[rank, inputs].</param>
    /// <param name="b">[outputs, rank].</param>
    public LoraModule(string name, int rank, float[] a, float[] b)
    {
        if (rank <= 0 || a.Length == 0 || b.Length == 0 || a.Length % rank != 0 || b.Length % rank != 0)
        {
            throw new TensorException($"{name} has factors of {a.Length} and {b.Length} numbers; both must be multiples of the rank {rank}.");
        }
        (Name, Rank, A, B) = (name, rank, a, b);
    }

    /// <summary>The linear's name, without <c>.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Rows of <see cref="A"/> and columns of <see cref="B"/>.</summary>
    public int Rank { get; }

    /// <summary>Inputs of the linear.</summary>
    public int Inputs => A.Length / Rank;

    /// <summary>Outputs of the linear.</summary>
    public int Outputs => B.Length / Rank;

    /// <summary>First factor, [Rank, Inputs].</summary>
    public float[] A { get; }

    /// <summary>Second factor, [Outputs, Rank].</summary>
    public float[] B { get; }
}
