using System.Buffers.Binary;
using System.Text;
using CsCheck;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class PrecompiledCharsMapTests
{
    [Fact]
    public void Keys_are_found_as_by_looking_at_each() => Gen.Select(
        Gen.Select(Gen.String[Gen.Char["aé好"], 1, 3], Gen.String[Gen.Char["xyß"], 0, 3]).Array[1, 8], Gen.String[Gen.Char["aé好b"], 0, 6]).Sample((raw, text) =>
    {
        (string Key, string Value)[] rules = [.. raw.DistinctBy(rule => rule.Item1)];
        var map = new PrecompiledCharsMap(Compile(rules), "test");
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        (string Key, string Value)[] found = [.. rules.Where(rule => text.StartsWith(rule.Key, StringComparison.Ordinal)).OrderBy(rule => rule.Key.Length)];

        Assert.Equal(found.Length > 0, map.TryLongest(utf8, out int keyBytes, out ReadOnlySpan<byte> longest));
        Assert.Equal(found.Length > 0, map.TryShortest(utf8, out ReadOnlySpan<byte> shortest));
        if (found.Length == 0) return;
        Assert.Equal(Encoding.UTF8.GetByteCount(found[^1].Key), keyBytes);
        Assert.Equal(found[^1].Value, Encoding.UTF8.GetString(longest));
        Assert.Equal(found[0].Value, Encoding.UTF8.GetString(shortest));
    }, iter: 1000);

    [Fact]
    public void Tokenizers_replaces_a_whole_grapheme_by_its_shortest_key()
    {
        var normalizer = new PrecompiledNormalizer(new PrecompiledCharsMap(Compile([("e", "E"), ("e\u0301", "É"), ("\r\n", " "), ("a", "")]), "test"));
        Assert.Equal("E", normalizer.Normalize("e\u0301"));
        Assert.Equal("x E", normalizer.Normalize("x\r\ne"));
        Assert.Equal("👩‍🔬好", normalizer.Normalize("a👩‍🔬好"));
        Assert.Equal("", normalizer.Normalize(""));
    }

    [Fact]
    public void A_damaged_map_is_refused_or_read_but_never_crashes()
    {
        byte[] valid = Compile([("a", "x"), ("ab", "yy"), ("好", "é")]);
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).Array[1, 4].Sample(edits =>
        {
            byte[] bytes = [.. valid];
            foreach ((int at, byte value) in edits) bytes[at] = value;
            try
            {
                var map = new PrecompiledCharsMap(bytes, "the map of test.model");
                foreach (string text in (string[])["a", "abc", "好", "\0", "\0a", "b"])
                {
                    if (map.TryLongest(Encoding.UTF8.GetBytes(text), out _, out ReadOnlySpan<byte> replacement)) Encoding.UTF8.GetString(replacement);
                }
            }
            catch (InvalidDataException e)
            {
                Assert.StartsWith("the map of test.model ", e.Message, StringComparison.Ordinal);
            }
        }, iter: 20_000);
    }

    [Theory]
    [InlineData(0, "has 0 bytes")]
    [InlineData(4, "has 4 bytes")]
    [InlineData(12, "says that its double array has")]
    public void A_map_that_is_cut_off_is_refused(int length, string part)
    {
        byte[] bytes = Compile([("a", "x")])[..length];
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => new PrecompiledCharsMap(bytes, "map")).Message, StringComparison.Ordinal);
    }

    /// <summary>Compiles rules the plain way: every node has 256 units of its own, so that no two share any.</summary>
    public static byte[] Compile((string Key, string Value)[] rules)
    {
        var replacements = new MemoryStream();
        var children = new List<SortedDictionary<byte, int>> { new() };
        var values = new List<int> { -1 };
        foreach ((string key, string value) in rules)
        {
            int node = 0;
            foreach (byte b in Encoding.UTF8.GetBytes(key))
            {
                if (!children[node].TryGetValue(b, out int child))
                {
                    child = children[node][b] = children.Count;
                    children.Add([]);
                    values.Add(-1);
                }
                node = child;
            }
            values[node] = (int)replacements.Length;
            replacements.Write(Encoding.UTF8.GetBytes(value + "\0"));
        }

        // The units below node n are those from 256 · (n + 1) on; unit 0 leads to those of the root.
        var units = new uint[256 * (children.Count + 1)];
        uint Unit(uint at, int child, byte label) => label | (values[child] >= 0 ? 0x100u : 0) | (at ^ Base(child)) << 10;
        units[0] = Unit(0, 0, 0) & ~0x100u;
        for (int node = 0; node < children.Count; node++)
        {
            if (values[node] >= 0) units[Base(node)] = 0x80000000u | (uint)values[node];
            foreach ((byte label, int child) in children[node]) units[Base(node) ^ label] = Unit(Base(node) ^ label, child, label);
        }

        byte[] bytes = new byte[4 + 4 * units.Length + (int)replacements.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)(4 * units.Length));
        for (int i = 0; i < units.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + 4 * i), units[i]);
        replacements.ToArray().CopyTo(bytes, 4 + 4 * units.Length);
        return bytes;
    }

    private static uint Base(int node) => 256 * ((uint)node + 1);
}
