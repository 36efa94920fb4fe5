using YiSharp.Recipes;

namespace YiSharp.Tests.Recipes;

public sealed class RecipeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yisharp-").FullName;

    public RecipeTests()
    {
        File.WriteAllText(Path.Combine(_folder, "a.jsonl"), "{}");
        File.WriteAllText(Path.Combine(_folder, "b.jsonl"), "{}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string yaml)
    {
        string file = Path.Combine(_folder, "recipe.yaml");
        File.WriteAllText(file, yaml);
        return file;
    }

    private const string Good = """
        name: x
        model: m
        seed: 7
        abilities:
          one: { data: a.jsonl, eval: b.jsonl }
        train: { rank: 8, learning_rate: 1e-4, elicit: { ability: one, rows: 4 } }
        evaluate: { max_new_tokens: 9 }
        quantize: [ { bits: 8 }, { bits: 4, method: rtn } ]

        """;

    [Fact]
    public void Every_key_is_read()
    {
        Recipe recipe = Recipe.Read(Write(Good));
        Assert.Equal(("x", "m", 7ul), (recipe.Name, recipe.Model, recipe.Seed));
        AbilityRecipe ability = Assert.Single(recipe.Abilities);
        Assert.Equal(("one", "a.jsonl", "b.jsonl"), (ability.Name, ability.Data, ability.Eval));
        Assert.Equal(Path.Combine(_folder, "a.jsonl"), recipe.Locate(ability.Data));
        Assert.Equal((8, 32.0, 1e-4, 8, 3), (recipe.Train.Rank, recipe.Train.Alpha, recipe.Train.LearningRate, recipe.Train.BatchSize, recipe.Train.Epochs));
        Assert.Equal(new ElicitRecipe("one", 4, 8), recipe.Train.Elicit);
        Assert.Equal(9, recipe.Evaluate.MaxNewTokens);
        Assert.Equal([8, 4], recipe.QuantizeBits);
    }

    [Theory]
    [InlineData("seed: 7", "sead: 7", "unknown key 'sead' (did you mean 'seed'?); known keys: ")]
    [InlineData("rank: 8", "ranks: 8", "unknown key 'train.ranks' (did you mean 'rank'?); known keys of 'train': ")]
    [InlineData("eval: b.jsonl", "evil: b.jsonl", "'abilities.one.eval'")]
    [InlineData("rank: 8", "rank: eight", "'train.rank' is 'eight'; expected a whole number from 1 to 1024")]
    [InlineData("rank: 8", "rank: 0", "expected a whole number from 1 to 1024")]
    [InlineData("rank: 8", "rank: [8]", "'train.rank' is a list")]
    [InlineData("learning_rate: 1e-4", "learning_rate: .nan", "'train.learning_rate'")]
    [InlineData("name: x", "name: ../x", "'name' is '../x'; expected a name for a folder")]
    [InlineData("name: x", "name: ", "'name' is empty")]
    [InlineData("data: a.jsonl", "data: missing.jsonl", "names missing.jsonl")]
    [InlineData("{ bits: 8 }", "{ bits: 5 }", "expected 4 or 8")]
    [InlineData("{ bits: 8 }", "{ bits: 4 }", "each number of bits once")]
    [InlineData("method: rtn", "method: awq", "expected one of rtn")]
    [InlineData("ability: one", "ability: two", "an ability of the recipe (one)")]
    [InlineData("train: {", "train: &a {", "anchor or alias")]
    [InlineData("quantize: [", "quantize: [[[[[[[[[[[[[[[[[[", "line 8")]
    [InlineData("name: x", "name: x\nname: y", "line 2 is not YAML")]
    public void A_wrong_recipe_gets_one_clear_sentence(string right, string wrong, string message)
    {
        string yaml = Good.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Good, yaml);
        var error = Assert.Throws<InvalidDataException>(() => Recipe.Read(Write(yaml)));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_recipes_of_the_repository_load()
    {
        string[] recipes = [.. Directory.GetFiles(Path.Combine(Repository.Root, "runs"), "*.yaml").Where(file => Path.GetFileName(file) != "showcase.yaml")]; // prompts, not a recipe
        Assert.True(recipes.Length >= 2, $"{recipes.Length} recipes found.");
        foreach (string recipe in recipes) Assert.NotEmpty(Recipe.Read(recipe).Abilities);
    }
}
