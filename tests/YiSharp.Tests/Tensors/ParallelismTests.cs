using System.Globalization;
using YiSharp.Tensors;

namespace YiSharp.Tests.Tensors;

public sealed class ParallelismTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Every_item_is_visited_once_in_chunks_that_depend_on_the_grain_alone(int threads)
    {
        using var parallelism = new Parallelism(threads);
        for (int round = 0; round < 300; round++)
        {
            int count = round % 37, grain = round % 5 + 1;
            var visits = new int[count];
            parallelism.For(count, grain, (visits, grain), static (in (int[] Visits, int Grain) call, int start, int end) =>
            {
                if (start % call.Grain != 0 || end != Math.Min(start + call.Grain, call.Visits.Length)) throw new InvalidOperationException($"Chunk [{start}, {end})");
                for (int i = start; i < end; i++) Interlocked.Increment(ref call.Visits[i]);
            });
            Assert.All(visits, visit => Assert.Equal(1, visit));
        }
    }

    [Fact]
    public void An_exception_reaches_the_caller_and_the_pool_goes_on()
    {
        using var parallelism = new Parallelism(3);
        for (int round = 0; round < 20; round++)
        {
            Assert.Equal("item 7", Assert.Throws<InvalidOperationException>(() => parallelism.For(10, 1, 0, static (in int _, int start, int _) =>
            {
                if (start == 7) throw new InvalidOperationException("item 7");
            })).Message);
            int[] sum = [0];
            parallelism.For(10, 1, sum, static (in int[] total, int start, int _) => Interlocked.Add(ref total[0], start));
            Assert.Equal(45, sum[0]);
        }
    }

    [Fact]
    public void Loops_may_be_nested_and_called_from_many_threads()
    {
        using var parallelism = new Parallelism(2);
        int[] sum = [0];
        Parallel.For(0, 8, _ =>
        {
            for (int round = 0; round < 50; round++)
            {
                parallelism.For(6, 1, (parallelism, sum), static (in (Parallelism Pool, int[] Sum) outer, int _, int _) =>
                    outer.Pool.For(5, 2, outer.Sum, static (in int[] total, int start, int end) => Interlocked.Add(ref total[0], end - start)));
            }
        });
        Assert.Equal(8 * 50 * 6 * 5, sum[0]);
    }

    [Fact]
    public void Parked_threads_wake_for_the_next_loop()
    {
        using var parallelism = new Parallelism(2);
        for (int round = 0; round < 20; round++)
        {
            Thread.Sleep(2);
            int[] count = [0];
            parallelism.For(4, 1, count, static (in int[] total, int _, int _) => Interlocked.Increment(ref total[0]));
            Assert.Equal(4, count[0]);
        }
    }

    [Fact]
    public void Idle_threads_use_no_processor_time()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("A thread's processor time is read from /proc.");
        // The last of so many threads has a name that no other test's pool gives.
        using var parallelism = new Parallelism(30);
        parallelism.For(60, 1, 0, static (in int _, int _, int _) => { });
        Thread.Sleep(50);
        long before = Ticks("(YiSharp 29)");
        Thread.Sleep(250);
        Assert.InRange(Ticks("(YiSharp 29)") - before, 0, 1);

        // Processor time of a thread in units of 10 ms.
        static long Ticks(string name)
        {
            foreach (string task in Directory.EnumerateDirectories($"/proc/{Environment.ProcessId}/task"))
            {
                string path = Path.Combine(task, "stat");
                string stat = File.Exists(path) ? File.ReadAllText(path) : "";
                if (stat.Contains(name, StringComparison.Ordinal)) return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[11], CultureInfo.InvariantCulture);
            }
            throw new InvalidOperationException($"No thread {name}.");
        }
    }

    [Fact]
    public void By_default_there_is_a_thread_for_each_core()
    {
        using var parallelism = new Parallelism();
        Assert.InRange(parallelism.ThreadCount, 1, Environment.ProcessorCount);
        Assert.Equal(Parallelism.PhysicalCoreCount, parallelism.ThreadCount);
    }
}
