using YiSharp.Cli;

namespace YiSharp.Tests.Cli;

public sealed class EtaTests
{
    [Fact]
    public void Half_of_the_work_done_means_as_long_again()
    {
        double now = 0;
        var eta = new Eta(() => now);
        for (now = 1; now <= 50; now++) eta.Remaining(now / 100);
        Assert.Equal(50, eta.Remaining(0.5)!.Value, 3.0);
    }

    [Fact]
    public void Work_that_is_only_found_done_is_no_speed()
    {
        double now = 0;
        var eta = new Eta(() => now);
        now = 0.5;
        Assert.Null(eta.Remaining(0.9));
        for (int i = 1; i <= 10; i++)
        {
            now = 0.5 + i;
            eta.Remaining(0.9 + 0.005 * i);
        }
        Assert.Equal(10, eta.Remaining(0.95)!.Value, 1.0);
    }

    [Fact]
    public void One_slow_step_does_not_throw_it_about()
    {
        double now = 0;
        var eta = new Eta(() => now);
        for (int i = 1; i <= 300; i++)
        {
            now = i;
            eta.Remaining(i / 1000.0);
        }
        Assert.Equal(700, eta.Remaining(0.3)!.Value, 5.0);
        now += 30; // one step takes thirty
        Assert.InRange(eta.Remaining(0.301)!.Value, 650, 850);
        for (int i = 1; i <= 100; i++)
        {
            now++;
            eta.Remaining(0.301 + i / 1000.0);
        }
        Assert.Equal(599, eta.Remaining(0.401)!.Value, 10.0);
    }

    [Fact]
    public void It_follows_a_speed_that_has_changed_for_good()
    {
        double now = 0;
        var eta = new Eta(() => now);
        for (now = 1; now <= 100; now++) eta.Remaining(now / 1000);
        for (int i = 1; i <= 200; i++)
        {
            now = 100 + i;
            eta.Remaining(0.1 + i / 4000.0);
        }
        Assert.Equal(4000 * 0.85, eta.Remaining(0.15)!.Value, 200.0);
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(59, "59 s")]
    [InlineData(61, "1 min 01 s")]
    [InlineData(3700, "1 h 01 min")]
    public void Times_are_for_people(double seconds, string text) => Assert.Equal(text, Eta.Format(seconds));
}
