using System.CommandLine;
using System.CommandLine.Parsing;
using YiSharp.Data;

namespace YiSharp.Cli;

/// <summary>What is wrong with a command line, in one sentence that names the nearest right one.</summary>
internal static class CommandLineErrors
{
    /// <summary>Refuses a command line that does not parse.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static void Throw(ParseResult parse, string[] args)
    {
        if (parse.Action is HelpWithExamples) return;
        Command command = parse.CommandResult.Command;
        string program = NameOf(parse.CommandResult);
        string help = $"{program} --help";

        if (command.Subcommands.Count > 0 && args.Skip(command is RootCommand ? 0 : 1).FirstOrDefault() is { } word && !word.StartsWith('-'))
        {
            throw new UsageException($"'{word}' is no verb of {program}{DidYouMean(word, command.Subcommands.Select(c => c.Name))}; '{help}' lists them.");
        }
        if (UnknownOption(parse, args) is { } unknown)
        {
            throw new UsageException($"'{unknown}' is no option of {program}{DidYouMean(unknown, Options(parse).SelectMany(Names))}; '{help}' lists them.");
        }
        if (parse.Errors.Count > 0) throw new UsageException($"{Sentence(parse, program)}; '{help}' says more.");
    }

    /// <summary>The program with the verb, and with the verb of that verb.</summary>
    private static string NameOf(CommandResult command) => command.Command is RootCommand ? "yi" : command.Parent is CommandResult parent ? $"{NameOf(parent)} {command.Command.Name}" : command.Command.Name;

    /// <summary>Something that looks like an option and is none, so that it is not taken for an argument. Behind <c>--</c> all is.</summary>
    private static string? UnknownOption(ParseResult parse, string[] args)
    {
        Dictionary<string, Option> known = Options(parse).SelectMany(o => Names(o).Select(n => (n, o))).ToDictionary(p => p.n, p => p.o, StringComparer.Ordinal);
        for (int i = 0; i < args.Length && args[i] != "--"; i++)
        {
            string name = args[i].Split('=', 2)[0];
            if (known.TryGetValue(name, out Option? option))
            {
                bool takesNext = name.Length == args[i].Length && option.Arity.MinimumNumberOfValues > 0;
                if (takesNext) i++;
            }
            else if (LooksLikeOption(name))
            {
                return name;
            }
        }
        return null;
    }

    private static bool LooksLikeOption(string name) =>
        (name.StartsWith("--", StringComparison.Ordinal) && name.Length > 2 && name.AsSpan(2).IndexOfAnyExcept(OptionCharacters) < 0)
        || (name.Length == 2 && name[0] == '-' && char.IsAsciiLetter(name[1]));

    private static readonly System.Buffers.SearchValues<char> OptionCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private static IEnumerable<Option> Options(ParseResult parse) =>
        parse.CommandResult.Command.Options.Concat(parse.RootCommandResult.Command.Options.Where(o => o.Recursive)).Distinct();

    private static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    private static string DidYouMean(string name, IEnumerable<string> candidates) =>
        NearestName.Of(name, candidates) is { } nearest ? $" (did you mean '{nearest}'?)" : "";

    private static string Sentence(ParseResult parse, string verb)
    {
        Command command = parse.CommandResult.Command;
        if (command is not RootCommand && command.Action is null && command.Subcommands.Count > 0) return $"{verb} needs one of {string.Join(", ", command.Subcommands.Select(c => c.Name))}";
        if (parse.UnmatchedTokens is [string extra, ..]) return $"'{extra}' is one argument too many for {verb}";
        string[] lacking =
        [
            .. command.Arguments.Where(a => a.Arity.MinimumNumberOfValues > 0 && !a.HasDefaultValue && parse.GetResult(a) is not { Tokens.Count: > 0 }).Select(a => a.HelpName ?? a.Name),
            .. command.Options.Where(o => o.Required && parse.GetResult(o) is not { IdentifierToken: not null }).Select(o => $"{o.Name} {o.HelpName}".TrimEnd()),
        ];
        if (lacking.Length > 0) return $"{verb} needs {string.Join(" and ", lacking)}";

        ParseError error = parse.Errors[0];
        SymbolResult? result = error.SymbolResult;
        Option? option = (result as OptionResult)?.Option ?? (result?.Parent as OptionResult)?.Option;
        if (option is null) return error.Message.TrimEnd('.');
        if (result!.Tokens.Count == 0) return $"{option.Name} needs a value{(option.HelpName is { } name ? $", {name}" : "")}";
        if (result.Tokens.Count > option.Arity.MaximumNumberOfValues) return $"{option.Name} is given {result.Tokens.Count} times; once was expected";
        if (KindOf(option.ValueType) == Whole && result.Tokens[^1].Value is { Length: > 0 } digits && digits.All(char.IsAsciiDigit)) return $"{option.Name} is {digits}; {int.MaxValue} at most was expected";
        return KindOf(option.ValueType) is { } kind && error.Message.Contains("parse", StringComparison.OrdinalIgnoreCase)
            ? $"{option.Name} is '{result.Tokens[^1].Value}'; {kind} was expected" : error.Message.TrimEnd('.');
    }

    private const string Whole = "a whole number";

    private static string? KindOf(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(int)) return Whole;
        if (plain == typeof(ulong)) return "a whole number from 0 on";
        if (plain == typeof(bool)) return "nothing, true or false";
        return plain == typeof(double) ? "a number" : null;
    }
}
