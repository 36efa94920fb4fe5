namespace YiSharp.Text;

/// <summary>Reads <c>added_tokens</c>.</summary>
internal static class AddedTokenReader
{
    /// <summary>Together the tokens of published models have some ten thousand.</summary>
    private const int MostCharacters = 1 << 20;

    /// <summary>Adds the tokens to the vocabulary and returns them; where one is listed twice its last entry counts, and it is special if any says so.</summary>
    public static List<AddedToken> Read(JsonField field, VocabularyBuilder builder)
    {
        var added = new List<AddedToken>();
        var places = new Dictionary<int, int>();
        int length = 0;
        foreach (JsonField item in field.IsNull ? [] : field.Items())
        {
            string content = item["content"].String();
            int id = item["id"].Integer();
            if (content.Length == 0) throw item["content"].Wrong("a token that is not empty");
            builder.AddAdded(content, id, item.Path);
            if ((length += content.Length) > MostCharacters) throw field.Fail($"holds more than {MostCharacters} characters of tokens; expected fewer");
            bool special = item["special"].Boolean(absent: false);
            var token = new AddedToken(id, content)
            {
                Special = special,
                SingleWord = item["single_word"].Boolean(absent: false),
                StripLeft = item["lstrip"].Boolean(absent: false),
                StripRight = item["rstrip"].Boolean(absent: false),
                Normalized = item["normalized"].Boolean(absent: !special),
            };
            if (places.TryGetValue(id, out int place)) added[place] = token with { Special = special || added[place].Special };
            else
            {
                places[id] = added.Count;
                added.Add(token);
            }
        }
        return added;
    }
}
