namespace YiSharp.Text;

/// <summary>
/// Which neighbouring UTF-16 units some merge may join. Where it says no, no merge ever crosses, so a text can be cut there. It is a filter of
/// hashed bits: a few pairs that nothing joins pass as well, which costs no more than a longer segment.
/// </summary>
internal sealed class JoinFilter
{
    private const int Log2Bits = 20;
    private readonly ulong[] _bits = new ulong[(1 << Log2Bits) / 64];

    public void Add(char left, char right)
    {
        uint bit = Bit(left, right);
        _bits[bit / 64] |= 1UL << (int)(bit % 64);
    }

    public bool MayJoin(char left, char right)
    {
        uint bit = Bit(left, right);
        return (_bits[bit / 64] >> (int)(bit % 64) & 1) != 0;
    }

    private static uint Bit(char left, char right) => ((uint)left << 16 | right) * 0x9E3779B1U >> (32 - Log2Bits);
}
