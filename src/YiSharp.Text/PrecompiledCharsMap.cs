using System.Buffers.Binary;

namespace YiSharp.Text;

/// <summary>
/// A character map as sentencepiece compiles it (<c>precompiled_charsmap</c>): a double array (Yata's Darts-clone) from UTF-8 to a place in a text of
/// replacements, each ended by a zero byte.
/// </summary>
/// <remarks>
/// <code>
/// u32   bytes of the double array, little-endian
/// u32[] units      bits 0-7 label, 8 a value hangs below, 9-30 offset (10-30, times 256 when bit 9 is set); with bit 31: bits 0-30 a value
/// …     replacements, UTF-8, each ended by 0
/// </code>
/// </remarks>
internal sealed class PrecompiledCharsMap
{
    private const int MaxUnits = 1 << 20;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <summary>Reads a map and looks at every place that a search can reach.</summary>
    /// <param name="bytes">The map.</param>
    /// <param name="where">Field and file, for messages.</param>
    /// <exception cref="InvalidDataException">The map is damaged.</exception>
    public PrecompiledCharsMap(ReadOnlySpan<byte> bytes, string where)
    {
        if (bytes.Length <= 4) throw Damaged(where, $"has {bytes.Length} bytes; expected a length in 4 bytes, a double array and replacements");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length % 4 != 0 || length == 0 || length >= bytes.Length - 4 || length / 4 > MaxUnits)
            throw Damaged(where, $"says that its double array has {length} bytes; expected a multiple of 4 up to {Math.Min(bytes.Length - 5, 4 * MaxUnits)}");
        _units = new uint[length / 4];
        for (int i = 0; i < _units.Length; i++) _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + 4 * i)..]);
        _replacements = bytes[(4 + (int)length)..].ToArray();
        if (!System.Text.Unicode.Utf8.IsValid(_replacements)) throw Damaged(where, "has replacements that are not valid UTF-8");
        RequireSound(where);
    }

    /// <summary>The longest key that a text starts with.</summary>
    public bool TryLongest(ReadOnlySpan<byte> utf8, out int keyBytes, out ReadOnlySpan<byte> replacement) => TryFind(utf8, first: false, out keyBytes, out replacement);

    /// <summary>The shortest key that a text starts with.</summary>
    public bool TryShortest(ReadOnlySpan<byte> utf8, out ReadOnlySpan<byte> replacement) => TryFind(utf8, first: true, out _, out replacement);

    private bool TryFind(ReadOnlySpan<byte> utf8, bool first, out int keyBytes, out ReadOnlySpan<byte> replacement)
    {
        keyBytes = 0;
        int value = 0;
        uint node = Offset(_units[0]);
        for (int index = 0; index < utf8.Length && utf8[index] != 0; index++)
        {
            uint unit = _units[node ^ utf8[index]];
            if (Label(unit) != utf8[index]) break;
            node ^= utf8[index] ^ Offset(unit);
            if (!HasValue(unit)) continue;
            (keyBytes, value) = (index + 1, Value(_units[node]));
            if (first) break;
        }
        replacement = keyBytes == 0 ? default : ReplacementAt(value);
        return keyBytes > 0;
    }

    private ReadOnlySpan<byte> ReplacementAt(int value)
    {
        ReadOnlySpan<byte> rest = _replacements.AsSpan(value);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Walks through all nodes once; afterwards no search can leave the array, and every value is the start of a character.</summary>
    private void RequireSound(string where)
    {
        var seen = new bool[_units.Length];
        var nodes = new Stack<uint>();
        Visit(Offset(_units[0]));
        while (nodes.TryPop(out uint node))
        {
            for (uint label = 1; label < 256; label++)
            {
                uint unit = _units[node ^ label];
                if (Label(unit) != label) continue;
                uint child = node ^ label ^ Offset(unit);
                Visit(child);
                if (!HasValue(unit)) continue;
                int value = Value(_units[child]);
                if (value >= _replacements.Length || (_replacements[value] & 0xC0) == 0x80)
                    throw Damaged(where, $"points at byte {value} of its replacements, which have {_replacements.Length} bytes; expected the start of a character");
            }
        }

        void Visit(uint node)
        {
            if ((node | 0xFF) >= _units.Length) throw Damaged(where, $"points at unit {node | 0xFF} of its double array, which has {_units.Length}");
            if (seen[node]) return;
            seen[node] = true;
            nodes.Push(node);
        }
    }

    private static bool HasValue(uint unit) => (unit & 0x100) != 0;

    private static int Value(uint unit) => (int)(unit & 0x7FFFFFFF);

    private static uint Label(uint unit) => unit & 0x800000FF;

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    private static InvalidDataException Damaged(string where, string complaint) => new($"{where} {complaint}. The file is damaged, fetch it again.");
}
