namespace YiSharp.Tests;

/// <summary>Repeatable random numbers for tests (splitmix64).</summary>
internal sealed class Noise(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>About normal, of the given standard deviation.</summary>
    public float Normal(float deviation = 1)
    {
        double sum = 0;
        for (int i = 0; i < 12; i++) sum += (Next() >> 11) * (1.0 / (1UL << 53));
        return (float)(sum - 6) * deviation;
    }

    public float[] Normals(int count, float deviation = 1)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = Normal(deviation);
        return values;
    }
}
