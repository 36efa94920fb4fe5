namespace YiSharp.Text;

/// <summary>What becomes of control tokens such as <c>&lt;|im_end|&gt;</c> that are written out in a text.</summary>
public enum SpecialTokens
{
    /// <summary>They are split off and become their ids: right for prompts that the caller composed.</summary>
    Split,

    /// <summary>They are encoded as the characters they are: right for whatever a user typed.</summary>
    AsText,
}
