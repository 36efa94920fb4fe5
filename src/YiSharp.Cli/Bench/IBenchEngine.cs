namespace YiSharp.Cli;

/// <summary>Something that reads ids and goes on from them, to be timed: one sequence, whose beginning can be kept.</summary>
internal interface IBenchEngine : IDisposable
{
    /// <summary>Whose it is.</summary>
    string Name { get; }

    /// <summary>Tokens in its cache.</summary>
    int Length { get; }

    /// <summary>Forgets every token from <paramref name="length"/> on.</summary>
    void Truncate(int length);

    /// <summary>Reads ids behind those in the cache, and computes the logits of the last.</summary>
    /// <returns>The likeliest next id.</returns>
    int Prefill(ReadOnlySpan<int> ids);

    /// <summary>Goes on from an id, one pass a token, always with the likeliest.</summary>
    void Decode(int id, int count);
}
