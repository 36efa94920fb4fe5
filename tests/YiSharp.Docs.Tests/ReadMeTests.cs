namespace YiSharp.Docs.Tests;

/// <summary>What documents show on a console, run.</summary>
public sealed class ReadMeTests
{
    [Fact]
    public Task What_the_tour_prints_is_what_the_README_says() => ConsoleBlocks.RunAsync("README.md", leastSteps: 8, "runs");

    [Fact]
    public Task A_task_of_ones_own_runs_as_its_page_says() => ConsoleBlocks.RunAsync(Path.Combine("docs", "add-a-task.md"), leastSteps: 1, "tasks");
}
