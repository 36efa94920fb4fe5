using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using YiSharp.Data;

namespace YiSharp.Recipes;

/// <summary>One ability of the task system: what teaches it and what measures it.</summary>
/// <param name="Name">Its key in the recipe.</param>
/// <param name="Data">Instruction rows, JSONL.</param>
/// <param name="Eval">Rows of its own evaluation set, JSONL; never trained on.</param>
public sealed record AbilityRecipe(string Name, string Data, string Eval);

/// <summary>The account's first lesson as a run of its own: a few rows of one ability alone.</summary>
/// <param name="Ability">Whose rows.</param>
/// <param name="Rows">How many of its first rows.</param>
/// <param name="Epochs">Passes over them.</param>
public sealed record ElicitRecipe(string Ability, int Rows, int Epochs);

/// <summary>How the mixture is trained; the names of the options are those of <c>yi train</c>.</summary>
public sealed record TrainRecipe
{
    /// <summary>LoRA rank.</summary>
    /// <value>16.</value>
    public int Rank { get; init; } = 16;

    /// <summary>LoRA alpha; the scale is alpha / rank.</summary>
    /// <value>32.</value>
    public double Alpha { get; init; } = 32;

    /// <summary>Constant learning rate.</summary>
    /// <value>5e-4.</value>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Examples per update.</summary>
    /// <value>8.</value>
    public int BatchSize { get; init; } = 8;

    /// <summary>Passes over the data.</summary>
    /// <value>3.</value>
    public int Epochs { get; init; } = 3;

    /// <summary>Where an example is cut, tokens.</summary>
    /// <value>512.</value>
    public int MaxTokens { get; init; } = 512;

    /// <summary>A run on a few rows of one ability; null for none.</summary>
    public ElicitRecipe? Elicit { get; init; }
}

/// <summary>What every model of the release is asked.</summary>
public sealed record EvaluateRecipe
{
    /// <summary>GSM8K questions, JSONL; null for none.</summary>
    public string? Gsm8k { get; init; }

    /// <summary>Questions without a score whose answers stand side by side in the report, JSONL; null for none.</summary>
    public string? Showcase { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    /// <value>128.</value>
    public int MaxNewTokens { get; init; } = 128;
}

/// <summary>One set-up of a whole release: what a recipe file says.</summary>
public sealed record Recipe
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly char[] NotInNames = ['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\0'];

    /// <summary>The recipe's own file, from which its relative paths are looked up.</summary>
    internal string File { get; init; } = "";

    /// <summary>Name of the release and of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The base model: a folder, a <c>.gguf</c> file, or the name of an embedded model.</summary>
    public required string Model { get; init; }

    /// <summary>Seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The abilities in the order of the file.</summary>
    public required IReadOnlyList<AbilityRecipe> Abilities { get; init; }

    /// <summary>Training.</summary>
    public required TrainRecipe Train { get; init; }

    /// <summary>Evaluation.</summary>
    public required EvaluateRecipe Evaluate { get; init; }

    /// <summary>Bits of the quantized versions, such as 8 and 4.</summary>
    public required IReadOnlyList<int> QuantizeBits { get; init; }

    /// <summary>Reads a recipe and checks every key.</summary>
    /// <param name="file">A YAML file. Its relative paths are looked up from the current folder, then from the recipe's own and those above it.</param>
    /// <exception cref="InvalidDataException">Not a recipe: one sentence with file, line, key, found and expected.</exception>
    public static Recipe Read(string file)
    {
        YamlMap map = YamlMap.Read(file, "recipe", "runs/quickstart.yaml");
        string name = map.Text("name");
        if (name.IndexOfAny(NotInNames) >= 0 || name.Any(char.IsControl) || name.StartsWith('.') || name.Length > 100)
        {
            throw map.Wrong("name", "a name for a folder (no slash, colon, quote or leading dot; at most 100 characters)", name);
        }

        var recipe = new Recipe
        {
            File = file,
            Name = name,
            Model = map.Text("model"),
            Seed = (ulong)map.Integer("seed", 20231124, 0, long.MaxValue),
            Abilities = ReadAbilities(map.Map("abilities"), file),
            Train = ReadTrain(map.MapOrNull("train")),
            Evaluate = ReadEvaluate(map.MapOrNull("evaluate"), file),
            QuantizeBits = ReadBits(map),
        };
        map.RequireNoOthers();
        if (recipe.Train.Elicit is { } elicit && recipe.Abilities.All(ability => ability.Name != elicit.Ability))
        {
            throw map.Wrong("train", $"an ability of the recipe ({string.Join(", ", recipe.Abilities.Select(a => a.Name))}) under 'elicit.ability'", elicit.Ability);
        }
        return recipe;
    }

    /// <summary>Where a path of the recipe leads: from the current folder, else from the recipe's folder or one above it.</summary>
    /// <exception cref="InvalidDataException">Nowhere.</exception>
    public string Locate(string path) => Locate(path, File);

    /// <summary>The recipe in full, defaults spelled out, paths as written: equal recipes give equal text.</summary>
    public string Describe() => JsonSerializer.Serialize(this, Json);

    private static string Locate(string path, string recipeFile)
    {
        if (Path.Exists(path)) return path;
        for (string? folder = Path.GetDirectoryName(Path.GetFullPath(recipeFile)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string candidate = Path.Combine(folder, path);
            if (Path.Exists(candidate)) return candidate;
        }
        throw new InvalidDataException($"{recipeFile} names {path}, which is neither in the current folder nor beside the recipe or above it.");
    }

    private static string Existing(string path, string recipeFile)
    {
        Locate(path, recipeFile);
        return path;
    }

    private static List<AbilityRecipe> ReadAbilities(YamlMap map, string file)
    {
        var abilities = new List<AbilityRecipe>();
        foreach (string name in map.Keys)
        {
            YamlMap ability = map.Map(name);
            abilities.Add(new AbilityRecipe(name, Existing(ability.Text("data"), file), Existing(ability.Text("eval"), file)));
            ability.RequireNoOthers();
        }
        return abilities.Count > 0 ? abilities : throw new InvalidDataException($"{file} names no ability; a release needs at least one with 'data' and 'eval'.");
    }

    private static TrainRecipe ReadTrain(YamlMap? map)
    {
        var defaults = new TrainRecipe();
        if (map is null) return defaults;
        map.Choice("method", "lora", "lora");
        var train = new TrainRecipe
        {
            Rank = (int)map.Integer("rank", defaults.Rank, 1, 1024),
            Alpha = map.Number("alpha", defaults.Alpha, 1e-3, 1e5),
            LearningRate = map.Number("learning_rate", defaults.LearningRate, 1e-9, 1),
            BatchSize = (int)map.Integer("batch_size", defaults.BatchSize, 1, 4096),
            Epochs = (int)map.Integer("epochs", defaults.Epochs, 1, 1000),
            MaxTokens = (int)map.Integer("max_tokens", defaults.MaxTokens, 8, 1 << 20),
            Elicit = map.MapOrNull("elicit") is { } elicit ? ReadElicit(elicit) : null,
        };
        map.RequireNoOthers();
        return train;
    }

    private static ElicitRecipe ReadElicit(YamlMap map)
    {
        var elicit = new ElicitRecipe(map.Text("ability"), (int)map.Integer("rows", 8, 1, 1_000_000), (int)map.Integer("epochs", 8, 1, 1000));
        map.RequireNoOthers();
        return elicit;
    }

    private static EvaluateRecipe ReadEvaluate(YamlMap? map, string file)
    {
        var defaults = new EvaluateRecipe();
        if (map is null) return defaults;
        var evaluate = new EvaluateRecipe
        {
            Gsm8k = map.TextOrNull("gsm8k") is { } gsm8k ? Existing(gsm8k, file) : null,
            Showcase = map.TextOrNull("showcase") is { } showcase ? Existing(showcase, file) : null,
            MaxNewTokens = (int)map.Integer("max_new_tokens", defaults.MaxNewTokens, 1, 1 << 20),
        };
        map.RequireNoOthers();
        return evaluate;
    }

    private static List<int> ReadBits(YamlMap map)
    {
        var bits = new List<int>();
        foreach (YamlMap version in map.Maps("quantize"))
        {
            int value = (int)version.Integer("bits", 0, 0, 64);
            if (value is not (4 or 8)) throw version.Wrong("bits", "4 or 8", value.ToString(CultureInfo.InvariantCulture));
            if (bits.Contains(value)) throw version.Wrong("bits", "each number of bits once", value.ToString(CultureInfo.InvariantCulture));
            version.Choice("method", "rtn", "rtn");
            version.RequireNoOthers();
            bits.Add(value);
        }
        return bits;
    }
}
