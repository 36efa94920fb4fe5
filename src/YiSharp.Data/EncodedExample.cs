namespace YiSharp.Data;

/// <summary>A conversation as a model sees it in training.</summary>
/// <param name="Ids">Token ids, [tokens].</param>
/// <param name="LossMask">Whether each token is a target, predicted from those before it, [tokens]; the first never counts.</param>
/// <param name="FullLength">Tokens before the cut at the longest length; larger than <paramref name="Ids"/> when something was cut.</param>
public sealed record EncodedExample(int[] Ids, bool[] LossMask, int FullLength)
{
    /// <summary>Number of targets.</summary>
    public int TargetCount
    {
        get
        {
            int count = 0;
            for (int i = 1; i < LossMask.Length; i++) count += LossMask[i] ? 1 : 0;
            return count;
        }
    }
}
