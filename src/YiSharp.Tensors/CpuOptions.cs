namespace YiSharp.Tensors;

/// <summary>How exactly a backend computes.</summary>
public enum Precision
{
    /// <summary>Activations are rounded to 8 bits before products with weights that are quantized themselves; everything else in single precision.</summary>
    Default,

    /// <summary>Everything in single precision: the reference.</summary>
    F32,
}

/// <summary>Options of <see cref="CpuBackend"/>.</summary>
public sealed record CpuOptions
{
    /// <summary>How exactly to compute.</summary>
    /// <value><see cref="Precision.Default"/></value>
    public Precision Precision { get; init; }

    /// <summary>Threads that work at once; 0 takes one for each physical core.</summary>
    /// <value>0</value>
    public int Threads { get; init; }

    /// <summary>How keys and values are kept.</summary>
    /// <value><see cref="KvCacheFormat.Auto"/></value>
    public KvCacheFormat KvCache { get; init; }

    /// <summary><see cref="KvCache"/>, with <see cref="KvCacheFormat.Auto"/> resolved.</summary>
    public KvCacheFormat KvCacheFormat => KvCache != KvCacheFormat.Auto ? KvCache : Precision == Precision.F32 ? KvCacheFormat.F32 : KvCacheFormat.F16;
}
