namespace YiSharp.Tests;

public sealed class RepositoryTests
{
    [Fact]
    public void The_embedded_model_is_part_of_the_repository() =>
        Assert.True(File.Exists(Path.Combine(Repository.Root, "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf")));
}
