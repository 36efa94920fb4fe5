using System.Buffers;

namespace YiSharp.Text.Regex;

/// <summary>
/// Runs a <see cref="Program"/> over one text by backtracking with a stack of its own. When it has taken many more steps than the text has characters, it starts to
/// remember what failed (<see cref="FailureMemo"/>), so that the sum of all searches stays linear in the text.
/// </summary>
internal ref struct Matcher(Program program, ReadOnlySpan<char> text)
{
    private const int StepsPerCharacter = 16, FreeSteps = 1 << 14;
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Instruction[] _instructions = program.Instructions;
    private readonly Alphabet _alphabet = program.Alphabet;
    private Way[] _ways = [];
    private int _wayCount;
    private long _stepsLeft = (long)StepsPerCharacter * text.Length + FreeSteps;
    private FailureMemo? _memo;

    /// <summary>What a body passed on its way, kept only while there is a memo: instructions, from place to place.</summary>
    private List<(int MemoIndex, int From, int To)>? _passed;
    private int _bodies;

    /// <summary>A way not yet tried: of a choice its target number <see cref="Rest"/>; of a star its end at a place, down to <see cref="Rest"/>.</summary>
    private readonly record struct Way(int Instruction, int Place, int Rest, int PassedCount);

    /// <summary>The first match that starts at or after a place; places asked for never go down.</summary>
    public TextSpan? Find(int from)
    {
        bool[]? first = program.First;
        _memo?.Restart(from);
        for (int start = from; ;)
        {
            int length = 1;
            int symbol = start == _text.Length ? _alphabet.End : _alphabet.At(_text, start, out length);
            if (first is null || first[symbol])
            {
                int end = Run(program.Entry, start);
                if (end >= 0) return new TextSpan(start, end - start);
            }
            if (start == _text.Length) return null;
            start += length;
        }
    }

    /// <summary>Gives the stack back.</summary>
    public void Release()
    {
        if (_ways.Length > 0) ArrayPool<Way>.Shared.Return(_ways);
        _ways = [];
    }

    /// <summary>Where the preferred match of an instruction and what follows it ends, or -1.</summary>
    private int Run(int instructionIndex, int place)
    {
        int firstWay = _wayCount, firstPassed = _passed?.Count ?? 0;
        while (true)
        {
            Instruction instruction = _instructions[instructionIndex];
            int next = -1;
            switch (instruction.Operation)
            {
                case Operation.Match:
                    return End(place, firstWay, firstPassed);
                case Operation.Set:
                    if (place < _text.Length && instruction.Members[_alphabet.At(_text, place, out int length)])
                    {
                        place += length;
                        next = instruction.Next;
                    }
                    break;
                case Operation.Choice:
                    if (IsKnown(instruction, place, out int end)) break;
                    if (end >= 0) return End(end, firstWay, firstPassed);
                    next = Choose(instruction, instructionIndex, place, 0);
                    break;
                case Operation.Star:
                    place = Star(instruction, instructionIndex, place, out end);
                    if (end >= 0) return End(end, firstWay, firstPassed);
                    if (place >= 0) next = instruction.Next;
                    break;
                case Operation.Anchor:
                    if (Places.Holds(instruction.Anchor, _text, place)) next = instruction.Next;
                    break;
                case Operation.LookBehind:
                    if (MatchesBehind(instruction, place) != instruction.Negative) next = instruction.Next;
                    break;
                default:
                    if (instruction.SingleSet is { } members)
                    {
                        if (IsMember(members, place) != instruction.Negative) next = instruction.Next;
                        break;
                    }
                    if (IsKnown(instruction, place, out end)) break;
                    if (end >= 0) return End(end, firstWay, firstPassed);
                    next = RunBody(instruction, ref place);
                    break;
            }
            while (next < 0)
            {
                if (_wayCount == firstWay) return Fail(firstPassed);
                next = Retry(out place);
            }
            instructionIndex = next;
        }
    }

    private int End(int end, int firstWay, int firstPassed)
    {
        _wayCount = firstWay;
        if (_memo is null || _bodies == 0 || _passed is null) return end;
        for (int i = firstPassed; i < _passed.Count; i++)
        {
            for (int place = _passed[i].From; place <= _passed[i].To; place++) _memo.SetEnd(_passed[i].MemoIndex, place, end);
        }
        Fail(firstPassed);
        return end;
    }

    private readonly int Fail(int firstPassed)
    {
        if (_passed is not null) System.Runtime.InteropServices.CollectionsMarshal.SetCount(_passed, firstPassed);
        return -1;
    }

    private readonly bool IsMember(bool[] members, int place) => place < _text.Length && members[_alphabet.At(_text, place, out _)];

    /// <summary>An atomic group's or a look-ahead's body, and what follows then; -1 where it fails.</summary>
    private int RunBody(Instruction instruction, ref int place)
    {
        _bodies++;
        int end = Run(instruction.Body, place);
        _bodies--;
        if (instruction.Operation == Operation.Look) return end >= 0 != instruction.Negative ? instruction.Next : -1;
        if (end < 0) return -1;
        int next = end == place ? instruction.Next : instruction.NextAfterText;
        place = end;
        return next;
    }

    /// <summary>The target with a number, or the next one that the symbol here allows; the others are kept as ways to try later.</summary>
    private int Choose(Instruction choice, int index, int place, int number)
    {
        int[] targets = choice.TargetsBefore is { } table ? table[place == _text.Length ? _alphabet.End : _alphabet.At(_text, place, out _)] : choice.Targets;
        if (number >= targets.Length) return -1;
        if (number + 1 < targets.Length) Push(new Way(index, place, number + 1, _passed?.Count ?? 0));
        return targets[number];
    }

    /// <summary>Takes all members from a place on and returns where they end, -1 where nothing is left to try; or finds where a body that went on from here ended.</summary>
    private int Star(Instruction star, int index, int from, out int knownEnd)
    {
        bool[] members = star.Members;
        int place = from, last = -1;
        knownEnd = -1;
        while (true)
        {
            if (_memo is not null && !_memo.Visit(star.MemoIndex, place))
            {
                // Whatever could follow from here on was tried.
                if (_bodies > 0) knownEnd = _memo.EndOf(star.MemoIndex, place);
                if (star.KeepsAll) last = -1;
                break;
            }
            last = place;
            if (place == _text.Length || !members[_alphabet.At(_text, place, out int length)]) break;
            place += length;
        }
        _stepsLeft -= place - from;
        CountStep();
        if (_memo is not null && _bodies > 0) (_passed ??= []).Add((star.MemoIndex, from, Math.Max(from, last)));
        if (last > from && !star.KeepsAll) Push(new Way(index, last, from, _passed?.Count ?? 0));
        return last;
    }

    /// <summary>Goes back to the latest way not yet tried.</summary>
    private int Retry(out int place)
    {
        Way way = _ways[--_wayCount];
        if (_passed is not null) Fail(way.PassedCount);
        Instruction instruction = _instructions[way.Instruction];
        place = way.Place;
        CountStep();
        if (instruction.Operation == Operation.Choice) return Choose(instruction, way.Instruction, place, way.Rest);
        place = Places.Before(_text, place);
        if (_passed is { Count: > 0 } && _passed[^1] is var latest && latest.MemoIndex == instruction.MemoIndex && latest.From == way.Rest) _passed[^1] = latest with { To = place };
        if (place > way.Rest) Push(way with { Place = place });
        return instruction.Next;
    }

    /// <summary>Whether an instruction failed here before; or where a body that passed it here ended.</summary>
    private bool IsKnown(Instruction instruction, int place, out int end)
    {
        end = -1;
        CountStep();
        if (_memo is null) return false;
        if (!_memo.Visit(instruction.MemoIndex, place))
        {
            end = _bodies > 0 ? _memo.EndOf(instruction.MemoIndex, place) : -1;
            return end < 0;
        }
        if (_bodies > 0) (_passed ??= []).Add((instruction.MemoIndex, place, place));
        return false;
    }

    private void CountStep()
    {
        if (--_stepsLeft < 0) _memo ??= new FailureMemo(program.MemoCount);
    }

    private void Push(Way way)
    {
        if (_wayCount == _ways.Length)
        {
            Way[] larger = ArrayPool<Way>.Shared.Rent(Math.Max(64, 2 * _wayCount));
            _ways.AsSpan(0, _wayCount).CopyTo(larger);
            Release();
            _ways = larger;
        }
        _ways[_wayCount++] = way;
    }

    /// <summary>Whether the body matches a stretch that ends at a place: all ways are followed at once, from each place where it could start.</summary>
    private bool MatchesBehind(Instruction look, int end)
    {
        if (look.SingleSet is { } members) return end > 0 && IsMember(members, Places.Before(_text, end));
        (int min, int max) = look.Length;
        int start = end, back = 0;
        for (; back < max && start > 0; back++) start = Places.Before(_text, start);
        if (back < min) return false;

        var now = new WaySet(look.BodyStart, look.BodyLength);
        var later = new WaySet(look.BodyStart, look.BodyLength);
        for (int place = start; ; back--)
        {
            if (back >= min) now.Add(look.Body);
            int length = 1;
            int symbol = place < end ? _alphabet.At(_text, place, out length) : _alphabet.End;
            for (int i = 0; i < now.Count; i++)
            {
                Instruction instruction = _instructions[now[i]];
                _stepsLeft--;
                switch (instruction.Operation)
                {
                    case Operation.Match when place == end: return true;
                    case Operation.Set when instruction.Members[symbol]: later.Add(instruction.Next); break;
                    case Operation.Star:
                        if (instruction.Members[symbol]) later.Add(now[i]);
                        now.Add(instruction.Next);
                        break;
                    case Operation.Choice: now.AddAll(instruction.Targets); break;
                    case Operation.Anchor when Places.Holds(instruction.Anchor, _text, place): now.Add(instruction.Next); break;
                    case Operation.LookBehind when MatchesBehind(instruction, place) != instruction.Negative: now.Add(instruction.Next); break;
                    case Operation.Look:
                        int after = place;
                        if (RunBody(instruction, ref after) >= 0) now.Add(instruction.Next);
                        break;
                }
            }
            if (place == end) return false;
            place += length;
            (now, later) = (later, now);
            later.Clear();
        }
    }

    /// <summary>Instructions to run at one place, each once.</summary>
    private struct WaySet(int start, int length)
    {
        private readonly int[] _list = new int[length];
        private readonly bool[] _has = new bool[length];

        public int Count { get; private set; }

        public readonly int this[int index] => _list[index];

        public void Add(int instruction)
        {
            if (_has[instruction - start]) return;
            _has[instruction - start] = true;
            _list[Count++] = instruction;
        }

        public void AddAll(int[] instructions)
        {
            foreach (int instruction in instructions) Add(instruction);
        }

        public void Clear()
        {
            foreach (int instruction in _list.AsSpan(0, Count)) _has[instruction - start] = false;
            Count = 0;
        }
    }
}
