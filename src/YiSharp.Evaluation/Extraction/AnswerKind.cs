namespace YiSharp.Evaluation;

/// <summary>What form the answer to a question has.</summary>
public enum AnswerKind
{
    /// <summary>The letter of one of several options.</summary>
    Choice,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    YesNo,

    /// <summary>True or False.</summary>
    Bool,

    /// <summary>The question's words in another order.</summary>
    Sort,

    /// <summary>A few words or signs.</summary>
    Free,
}
