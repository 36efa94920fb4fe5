namespace YiSharp.Text.Regex;

/// <summary>A compiled pattern: its instructions, and what is known of them before any text is seen.</summary>
internal sealed class Program
{
    /// <summary>Instructions times symbols up to which first symbols are worked out; larger patterns go without.</summary>
    private const long LargestTable = 1 << 17;

    public Program(Instruction[] instructions, int entry, IReadOnlyList<CodePointSet> sets)
    {
        (Instructions, Entry) = (instructions, entry);
        (Alphabet, bool[][] members) = Alphabet.Of(sets);
        foreach (Instruction instruction in instructions)
        {
            if (instruction.SetIndex >= 0) instruction.Members = members[instruction.SetIndex];
            if (instruction.Operation is Operation.Look or Operation.LookBehind && instructions[instruction.Body] is { Operation: Operation.Set } body && instructions[body.Next].Operation == Operation.Match)
                instruction.SingleSet = body.Members;
            if (instruction.Operation is Operation.Star or Operation.Choice or Operation.Atomic or Operation.Look) instruction.MemoIndex = MemoCount++;
        }
        if ((long)instructions.Length * (Alphabet.Count + 1) <= LargestTable) LookAhead();
    }

    public Instruction[] Instructions { get; }

    public int Entry { get; }

    public Alphabet Alphabet { get; }

    /// <summary>How many instructions have a <see cref="Instruction.MemoIndex"/>.</summary>
    public int MemoCount { get; }

    /// <summary>The symbols before which a match can start, null for all.</summary>
    public bool[]? First { get; private set; }

    /// <summary>Works out what each instruction can start with, and leaves out the alternatives that the next symbol rules out.</summary>
    private void LookAhead()
    {
        bool[][] first = FirstSymbols();
        bool[] neverFails = new bool[Instructions.Length];
        for (int i = 0; i < Instructions.Length; i++)
        {
            // Instructions are made from the end to the start; only a repetition's head leads to later ones.
            Instruction instruction = Instructions[i];
            neverFails[i] = instruction.Operation switch
            {
                Operation.Match => true,
                Operation.Star => neverFails[instruction.Next],
                Operation.Choice => instruction.Targets.Any(target => neverFails[target]),
                _ => false,
            };
        }
        foreach (Instruction instruction in Instructions)
        {
            if (instruction.Operation == Operation.Star)
                instruction.KeepsAll = neverFails[instruction.Next] || !Overlaps(instruction.Members, first[instruction.Next]);
            if (instruction.Operation == Operation.Choice) instruction.TargetsBefore = TargetsBefore(instruction, first, neverFails);
        }
        First = Array.TrueForAll(first[Entry], starts => starts) ? null : first[Entry];
    }

    /// <summary>For every instruction the symbols that it can succeed before, and a few more: [instructions][Alphabet.Count + 1].</summary>
    private bool[][] FirstSymbols()
    {
        bool[][] first = [.. Instructions.Select(_ => new bool[Alphabet.Count + 1])];
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = 0; i < Instructions.Length; i++)
            {
                Instruction instruction = Instructions[i];
                switch (instruction.Operation)
                {
                    case Operation.Match:
                        changed |= !first[i][0];
                        Array.Fill(first[i], true);
                        break;
                    case Operation.Set:
                        changed |= Include(first[i], instruction.Members);
                        break;
                    case Operation.Star:
                        changed |= Include(first[i], instruction.Members) | Include(first[i], first[instruction.Next]);
                        break;
                    case Operation.Choice:
                        foreach (int target in instruction.Targets) changed |= Include(first[i], first[target]);
                        break;
                    case Operation.Atomic:
                        changed |= Include(first[i], first[instruction.Body]);
                        break;
                    default:
                        changed |= Include(first[i], first[instruction.Next]);
                        break;
                }
            }
        }
        return first;
    }

    private int[][] TargetsBefore(Instruction choice, bool[][] first, bool[] neverFails)
    {
        var known = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var table = new int[Alphabet.Count + 1][];
        for (int symbol = 0; symbol < table.Length; symbol++)
        {
            var targets = new List<int>();
            foreach (int target in choice.Targets)
            {
                if (!first[target][symbol]) continue;
                targets.Add(target);
                Instruction instruction = Instructions[target];
                if (neverFails[target] || (instruction.Operation == Operation.Set && neverFails[instruction.Next])) break;
            }
            string key = string.Join(',', targets);
            table[symbol] = known.TryGetValue(key, out int[]? same) ? same : known[key] = [.. targets];
        }
        return table;
    }

    private static bool Include(bool[] into, bool[] more)
    {
        bool changed = false;
        for (int i = 0; i < into.Length; i++)
        {
            changed |= more[i] & !into[i];
            into[i] |= more[i];
        }
        return changed;
    }

    private static bool Overlaps(bool[] a, bool[] b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] && b[i]) return true;
        }
        return false;
    }
}
