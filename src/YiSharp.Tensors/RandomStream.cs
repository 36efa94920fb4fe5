using System.Text;

namespace YiSharp.Tensors;

/// <summary>
/// Random numbers that are the same on every machine and in every version: splitmix64 (Steele, Lea &amp; Flood 2014,
/// doi:10.1145/2660193.2660195), whose n-th number is a hash of start + n · 0x9e3779b97f4a7c15. Give each use a stream of its own,
/// <c>RandomStream.For(seed, "what for")</c>, so that drawing more in one place changes nothing in another.
/// </summary>
/// <param name="state">Where the stream stands; see <see cref="State"/>.</param>
public sealed class RandomStream(ulong state)
{
    private const ulong Step = 0x9e3779b97f4a7c15;
    private const ulong FnvOffset = 0xcbf29ce484222325;
    private const ulong FnvPrime = 0x100000001b3;

    /// <summary>Where the stream stands: a stream made from it goes on with the same numbers.</summary>
    public ulong State { get; private set; } = state;

    /// <summary>The stream of one use of a seed: it starts at FNV-1a(name in UTF-8) xor seed.</summary>
    public static RandomStream For(ulong seed, string name)
    {
        ulong hash = FnvOffset;
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = unchecked((hash ^ b) * FnvPrime);
        return new RandomStream(hash ^ seed);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        unchecked
        {
            State += Step;
            ulong z = State;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [-1, 1), 24 bits.</summary>
    public float NextSigned() => (float)((NextUInt64() >> 40) / (double)(1 << 23) - 1);

    /// <summary>Uniform in 0 … <paramref name="count"/> - 1, without bias (Lemire 2019, arXiv:1805.10941).</summary>
    public int NextBelow(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var range = (ulong)count;
        ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
        if (low >= range) return (int)high;
        ulong threshold = unchecked(0 - range) % range;
        while (low < threshold) high = Math.BigMul(NextUInt64(), range, out low);
        return (int)high;
    }

    /// <summary>Puts the items in a random order (Fisher–Yates), every order equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextBelow(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
