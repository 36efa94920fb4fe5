using YiSharp.Tensors;

namespace YiSharp.Training;

/// <summary>
/// A tensor of a taped forward pass: its value, as long as the caller or a backward step needs it, and later its gradient.
/// </summary>
internal sealed class TapeTensor : Tensor
{
    private Tensor? _value;
    private int _holders = 1;
    private bool _released;

    public TapeTensor(Tensor value, bool needsGradient)
    {
        (_value, NeedsGradient) = (value, needsGradient);
        (Rows, Columns) = (value.Rows, value.Columns);
    }

    /// <summary>Whether something below it is trained.</summary>
    public bool NeedsGradient { get; }

    /// <summary>The inner backend's tensor.</summary>
    public Tensor Value => _value ?? throw new ObjectDisposedException(nameof(TapeTensor));

    /// <summary>What backward steps have added so far; null before the first.</summary>
    public TapeGradient? Gradient { get; set; }

    /// <summary>Keeps the value for a backward step, which drops it with <see cref="Drop"/>.</summary>
    public TapeTensor Keep()
    {
        ObjectDisposedException.ThrowIf(_value is null, this);
        _holders++;
        return this;
    }

    /// <summary>One holder less; the last hands the value back for the next operation to reuse.</summary>
    public void Drop()
    {
        if (--_holders > 0) return;
        _value?.Dispose();
        _value = null;
    }

    /// <summary>The caller needs the value no more.</summary>
    public override void Dispose()
    {
        if (_released) return;
        _released = true;
        Drop();
    }
}

/// <summary>A gradient that several tensors may share until one of them is added to.</summary>
internal sealed class TapeGradient(Tensor tensor)
{
    private int _owners = 1;

    public Tensor Tensor { get; } = tensor;

    public bool IsShared => _owners > 1;

    public TapeGradient Share()
    {
        _owners++;
        return this;
    }

    public void Release()
    {
        if (--_owners == 0) Tensor.Dispose();
    }
}
