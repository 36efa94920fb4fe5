using YiSharp.Models;
using YiSharp.Tensors;
using YiSharp.Tests.Models;

namespace YiSharp.Tests.Tensors;

public sealed class KvCacheTests
{
    private const int Block = 64;

    public static TheoryData<KvCacheFormat> Formats => [KvCacheFormat.F32, KvCacheFormat.F16, KvCacheFormat.Q8];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_fork_goes_on_as_if_it_had_been_alone_and_leaves_its_origin_alone(KvCacheFormat format)
    {
        using var toy = new Toy(format);
        int[] ids = ToyModel.Ids(150, 200), other = ToyModel.Ids(150, 200, seed: 9);
        foreach (int length in new[] { 0, 1, 63, 64, 65, 127, 128, 130 })
        {
            float[] alone = toy.Read(toy.Create(), [.. ids.AsSpan(0, length), .. other.AsSpan(length)]), whole = toy.Read(toy.Create(), ids);
            using KvCache origin = toy.Create();
            toy.Read(origin, ids.AsSpan(0, 130));
            using KvCache fork = origin.Fork(length);
            Assert.Equal((length, 130), (fork.Length, origin.Length));

            // Both write to what they share, the origin first at every second length.
            float[] rest = [], forked = [];
            if (length % 2 == 0) rest = toy.Read(origin, ids.AsSpan(130));
            forked = toy.Read(fork, other.AsSpan(length));
            if (length % 2 != 0) rest = toy.Read(origin, ids.AsSpan(130));
            Tolerance.SameBits(alone.AsSpan(length * 200), forked, $"fork at {length}");
            Tolerance.SameBits(whole.AsSpan(130 * 200), rest, $"origin of a fork at {length}");
        }
    }

    [Fact]
    public void Forks_of_forks_may_be_truncated_and_disposed_of_in_any_order()
    {
        int[] ids = ToyModel.Ids(200, 200), other = ToyModel.Ids(200, 200, seed: 5);
        foreach (int[] order in new int[][] { [0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0] })
        {
            using var toy = new Toy(KvCacheFormat.F16);
            KvCache first = toy.Create();
            toy.Read(first, ids.AsSpan(0, 140));
            KvCache second = first.Fork(100), third = second.Fork(70);
            KvCache[] caches = [first, second, third];
            Assert.Equal(3, toy.Pool.UsedBlocks);

            first.Truncate(30);
            Assert.Equal(2, toy.Pool.UsedBlocks);
            toy.Read(first, other.AsSpan(30, 20));
            Assert.Equal(3, toy.Pool.UsedBlocks);
            float[] expected = toy.Read(toy.Create(), ids.AsSpan(0, 110)), actual = toy.Read(second, ids.AsSpan(100, 10));
            Tolerance.SameBits(expected.AsSpan(100 * 200), actual, "after the origin was overwritten");

            foreach (int i in order) caches[i].Dispose();
            foreach (int i in order) caches[i].Dispose();
            toy.DisposeCaches();
            Assert.Equal(0, toy.Pool.UsedBlocks);
        }
    }

    [Fact]
    public void What_is_shared_is_counted_once_and_only_a_written_block_is_copied()
    {
        using var toy = new Toy(KvCacheFormat.F16);
        KvCache origin = toy.Create();
        toy.Read(origin, ToyModel.Ids(2 * Block + 10, 200));
        KvCache[] forks = [.. Enumerable.Range(0, 10).Select(_ => origin.Fork(2 * Block + 5))];
        Assert.Equal(3, toy.Pool.UsedBlocks);
        foreach (KvCache fork in forks) toy.Read(fork, [1]);
        Assert.Equal(3 + 10, toy.Pool.UsedBlocks);
        foreach (KvCache fork in forks) fork.Truncate(Block);
        Assert.Equal(3, toy.Pool.UsedBlocks);
        origin.Dispose();
        Assert.Equal(1, toy.Pool.UsedBlocks);
    }

    [Fact]
    public void Growing_moves_no_block_and_memory_stays_bounded()
    {
        using var toy = new Toy(KvCacheFormat.F16);
        long most = 0;
        for (int round = 0; round < 5; round++)
        {
            using var cache = (CpuKvCache)toy.Create();
            nint first = 0;
            for (int length = 0; length < 1000; length += 100)
            {
                cache.Reserve(length + 100);
                var blocks = new nint[1];
                cache.Locate(0, blocks);
                if (length == 0) first = blocks[0];
                Assert.Equal(first, blocks[0]);
                cache.Advance(100);
            }
            if (round == 0) most = toy.Pool.ReservedBytes;
            Assert.Equal(most, toy.Pool.ReservedBytes);
        }
        toy.DisposeCaches();
        Assert.InRange(toy.Pool.ReservedBytes, 0, most / 2);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Bytes_are_those_of_whole_blocks(KvCacheFormat format)
    {
        using var toy = new Toy(format);
        KvCache cache = toy.Create();
        long perToken = format switch { KvCacheFormat.F32 => 2 * 2 * 32 * 4, KvCacheFormat.F16 => 2 * 2 * 32 * 2, _ => 2 * 2 * (32 + 4) } * toy.LayerCount;
        Assert.Equal(perToken * Block, toy.Pool.BlockBytes);
        foreach ((int tokens, int blocks) in new[] { (0, 0), (1, 1), (64, 1), (65, 2), (1000, 16) }) Assert.Equal(perToken * Block * blocks, cache.BytesOf(tokens));
    }

    [Fact]
    public void What_a_cache_does_not_hold_cannot_be_forked()
    {
        using var toy = new Toy(KvCacheFormat.F16);
        KvCache cache = toy.Create();
        toy.Read(cache, [1, 2, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Fork(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Fork(-1));
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cache.Fork(1));
        using var elsewhere = new Toy(KvCacheFormat.F16);
        Assert.Contains("does not fit", Assert.Throws<TensorException>(() => toy.Read(elsewhere.Create(), [1])).Message);
    }

    /// <summary>A small model whose caches are told apart by what they hold.</summary>
    private sealed class Toy : IDisposable
    {
        private readonly CpuBackend _backend;
        private readonly LlamaModel _model;
        private readonly List<KvCache> _caches = [];

        public Toy(KvCacheFormat format)
        {
            _backend = new CpuBackend(new CpuOptions { KvCache = format, Threads = 1 });
            _model = LlamaModel.Load(ToyModel.Config, ToyModel.Weights(ToyModel.Config, WeightFormat.F32), _backend);
            Pool = ((CpuKvCache)Create()).Pool;
        }

        public KvBlockPool Pool { get; }

        public AttentionShape Shape => _model.Shape;

        public int LayerCount => _model.Config.NumHiddenLayers;

        public KvCache Create()
        {
            _caches.Add(_model.CreateKvCache(_backend, 1000));
            return _caches[^1];
        }

        /// <summary>Logits of ids that go on from what a cache holds.</summary>
        public float[] Read(KvCache cache, ReadOnlySpan<int> ids)
        {
            var batch = new SequenceBatch();
            batch.Add(ids.Length, cache);
            float[] logits = ToyModel.Logits(_model, _backend, ids, batch);
            if (!_caches.Contains(cache)) _caches.Add(cache);
            return logits;
        }

        public void DisposeCaches()
        {
            foreach (KvCache cache in _caches) cache.Dispose();
        }

        public void Dispose() => _backend.Dispose();
    }
}
