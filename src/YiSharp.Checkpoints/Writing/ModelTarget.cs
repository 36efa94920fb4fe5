namespace YiSharp.Checkpoints;

/// <summary>What a conversion writes.</summary>
public enum ModelTarget
{
    /// <summary>A folder with config.json and safetensors.</summary>
    Folder,

    /// <summary>The tensors alone, under Hugging Face's names.</summary>
    Safetensors,

    /// <summary>One GGUF file.</summary>
    Gguf,
}
