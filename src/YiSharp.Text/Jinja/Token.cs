namespace YiSharp.Text.Jinja;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token and the line it begins on. <see cref="Value"/> is the decoded text of strings.</summary>
internal readonly record struct Token(TokenKind Kind, string Value, int Line)
{
    /// <summary>The token in Jinja's words.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.Data => "template data / text",
        TokenKind.End => "end of template",
        TokenKind.String => "string",
        _ => Value,
    };

    public bool Is(string operatorSign) => Kind == TokenKind.Operator && Value == operatorSign;

    public bool IsName(string name) => Kind == TokenKind.Name && Value == name;
}
