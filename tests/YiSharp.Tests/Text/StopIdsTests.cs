using System.Text.RegularExpressions;
using YiSharp.Checkpoints;
using YiSharp.Tests.Checkpoints;
using YiSharp.Text;

namespace YiSharp.Tests.Text;

public sealed class StopIdsTests
{
    /// <summary>Marks as templates spell them: in angle brackets or in square ones, with or without bars.</summary>
    private static readonly Regex Marks = new(@"<[|｜][^|｜<>\s'""{}]+[|｜]>|</?[a-zA-Z_][^<>\s'""{}]*>|\[/?[A-Z_]+\]", RegexOptions.CultureInvariant);

    /// <summary>What ends a turn, and the templates of which it does; nothing where they write plain text around turns.</summary>
    private static readonly (string End, string Templates)[] Ends =
    [
        ("", "axolotl-llava llama-cpp-rwkv-world"),
        ("</s>", "Mistral-Small-3.2-24B-Instruct-2506 axolotl-alpaca axolotl-metharme axolotl-mistral_v7_tekken axolotl-pixtral cpp-TheBloke-FusionNet_34Bx2_MoE-AWQ llama-cpp-python-mistral_instruct llama-cpp-python-mixtral_instruct mistral-instruct-v0.1 mistral-instruct-v0.3 mistral-nemo-instruct mistralai-Ministral-3-14B-Reasoning-2512 unsloth-mistral-Devstral-Small-2507"),
        ("<end_of_sentence>", "MiniMax-M1"),
        ("<end_of_turn>", "google-gemma-2-2b-it"),
        ("<end_of_utterance>", "trl-smolvlm_training"),
        ("<seed:eos>", "seed-oss"),
        ("<turn|>", "google-gemma-4-31B-it-interleaved"),
        ("<|END_OF_TURN_TOKEN|>", "CohereForAI-c4ai-command-r-plus-tool_use"),
        ("<|END_RESPONSE|><|END_OF_TURN_TOKEN|>", "CohereForAI-c4ai-command-r7b-12-2024-tool_use"),
        ("<|assistant_end|>", "Apertus-8B-Instruct"),
        ("<|end_of_sentence|>", "Ernie4.5"),
        ("<|end_of_text|>", "cpp-ibm-granite-granite-3.0-8b-instruct ibm-granite-granite-3.3-2B-Instruct ibm-granite-granite-4.0"),
        ("<|end|>", "cpp-Phi-3-medium cpp-Phi-3-small microsoft-Phi-3.5-mini-instruct phi-3-mini-4k-instruct trl-phi3_training"),
        ("<|eom|>", "axolotl-jamba"),
        ("<|eot_id|>", "fireworks-ai-llama-3-firefunction-v2 meetkai-functionary-medium-v3.1 meta-llama-Llama-3.1-8B-Instruct meta-llama-Llama-3.2-3B-Instruct"),
        ("<|im_end|>", "01-ai-Yi-Chat Bielik-11B-v3.0-Instruct HuggingFaceTB-SmolLM2 HuggingFaceTB-SmolLM3-3B Kimi-K2-Instruct LFM2-8B-A1B MiMo-VL NVIDIA-Nemotron-3-Nano-30B-A3B-BF16 NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use Qwen-QwQ-32B Qwen-Qwen2.5-7B-Instruct Qwen-Qwen3-0.6B Qwen3.5-4B Yi-1.5-chat axolotl-phi_4 internlm3-instruct minicpm4 moonlight-16b-a3b-instruct moonshotai-Kimi-K2 sentencepiece-minimind stepfun-ai-Step-3.5-Flash"),
        ("<|message_sep|>", "GigaChat3-10B-A1.8B"),
        ("<|return|>", "openai-gpt-oss-120b trl-gptoss_training"),
        ("<|turn_end|>", "cpp-Infinigence-Megrez-3B-Instruct"),
        ("<|user|>", "GLM-4.6 GLM-5.2 glm-4.5 glm4-0414 trl-glm4moe_training"),
        ("<｜end▁of▁sentence｜>", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B deepseek-ai-DeepSeek-V3.1 deepseek-ai-DeepSeek-V4 deepseek-r1-0528 deepseek-v3 llama-cpp-deepseek-r1 trl-deepseek_r1_distill trl-deepseekv3_training"),
    ];

    private static string Templates => Path.Combine(Repository.Root, "..", "shared", "goldens", "templates");

    [Fact]
    public void The_end_of_a_turn_is_found_in_every_template()
    {
        if (!Directory.Exists(Templates)) Assert.Skip($"{Templates} is not here: the templates' goldens stay outside the repository.");
        using var folder = new TemporaryFolder();
        int count = 0;
        foreach ((string end, string names) in Ends)
        {
            foreach (string name in names.Split(' '))
            {
                string source = File.ReadAllText(Path.Combine(Templates, File.Exists(Path.Combine(Templates, "jinja", name + ".jinja")) ? "jinja" : "more/jinja", name + ".jinja"));
                Tokenizer tokenizer = ByteTokenizer.With(folder, [.. Marks.Matches(source).Select(m => m.Value), "</s>", "<s>"]);
                IReadOnlyList<int> found = StopIds.OfTemplate(ChatTemplate.Parse(source, new ChatTokens { BosToken = "<s>", EosToken = "</s>" }), tokenizer);
                Assert.Equal((name, end), (name, string.Concat(found.Select(tokenizer.TokenOf))));
                count++;
            }
        }
        Assert.Equal(75, count);
    }

    [Fact]
    public void A_vocabulary_without_the_mark_has_no_end()
    {
        using var folder = new TemporaryFolder();
        Tokenizer tokenizer = ByteTokenizer.With(folder, "<|other|>");
        Assert.Empty(StopIds.OfTemplate(ChatTemplate.Parse("{% for m in messages %}{{ m.content }}<|im_end|>\n{% endfor %}"), tokenizer));
    }

    [Fact]
    public void Every_id_knows_who_named_it()
    {
        using Checkpoint yi = Checkpoint.Open(CheckpointGoldens.Tiny("yi-tiny"));
        Assert.Equal(["2: generation_config.json, config.json", "7: generation_config.json"], StopIds.Find(yi, tokenizer: null).Select(Show));

        Tokenizer tokenizer = Tokenizer.FromFile(Path.Combine(Repository.Root, "tests", "YiSharp.Tests", "Goldens", "tokenizers", "yi"));
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>' + '\n' }}{% endfor %}");
        var sources = new StopSources { Named = NamedEnds.OfFiles([], [2]), EosToken = "<|endoftext|>", Template = template };
        Assert.Equal(["2 <|endoftext|>: config.json, tokenizer", "7 <|im_end|>: chat template"], StopIds.Find(sources, tokenizer).Select(Show));
    }

    [Fact]
    public void A_gguf_names_its_ends_by_key_and_minus_one_is_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.gguf"], new GgufBytes().With("tokenizer.ggml.eos_token_id", 2u).With("tokenizer.ggml.eot_token_id", 7u).With("tokenizer.ggml.eom_token_id", uint.MaxValue).ToArray());
        using GgufFile file = GgufFile.Open(folder["a.gguf"]);
        Assert.Equal(["2: tokenizer.ggml.eos_token_id", "7: tokenizer.ggml.eot_token_id"], StopIds.Find(new StopSources { Named = NamedEnds.OfGguf(file) }, null).Select(Show));
    }

    private static string Show(StopId stop) => $"{stop.Id}{(stop.Token is null ? "" : " " + stop.Token)}: {string.Join(", ", stop.Sources)}";
}
