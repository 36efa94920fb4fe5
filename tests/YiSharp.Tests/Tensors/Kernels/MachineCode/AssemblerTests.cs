using System.Globalization;
using System.Runtime.InteropServices;
using CsCheck;
using Iced.Intel;
using YiSharp.Tensors.Kernels.MachineCode;
using Assembler = YiSharp.Tensors.Kernels.MachineCode.Assembler;

namespace YiSharp.Tests.Tensors.Kernels.MachineCode;

/// <summary>What the assembler writes, as another program (Iced) reads it.</summary>
public sealed class AssemblerTests
{
    private static readonly Gen<Gpr> s_gprs = Gen.Int[0, Enum.GetValues<Gpr>().Length - 1].Select(i => Enum.GetValues<Gpr>()[i]);

    private static readonly Gen<Zmm> s_zmms = Gen.Int[0, 31].Select(number => new Zmm(number));

    /// <summary>Offsets that fit a byte as they are, in steps of a vector or of an element, and that do not fit.</summary>
    private static readonly Gen<int> s_offsets =
        Gen.OneOf(Gen.Const(0), Gen.Int[-128, 127], Gen.Int[-200, 200].Select(i => 4 * i), Gen.Int[-200, 200].Select(i => 64 * i), Gen.Int[-1_000_000, 1_000_000]);

    private static readonly Gen<Memory> s_memory = Gen.OneOf(
        Gen.Select(s_gprs, s_offsets).Select((at, offset) => new Memory(at, offset)),
        Gen.Select(s_gprs, s_offsets, s_gprs, Gen.Int[0, 3]).Select((at, offset, index, shift) => new Memory(at, offset, index, 1 << shift)));

    [Fact]
    public void Instructions_of_vectors_are_read_back()
    {
        Check(s_zmms, s_zmms, s_zmms, (code, a, b, c) => code.Vpxord(a, b, c), (a, b, c) => $"vpxord {Name(a)},{Name(b)},{Name(c)}");
        Check(s_zmms, s_zmms, s_zmms, (code, a, b, c) => code.Vpandd(a, b, c), (a, b, c) => $"vpandd {Name(a)},{Name(b)},{Name(c)}");
        Check(s_zmms, s_zmms, s_zmms, (code, a, b, c) => code.Vpdpbusd(a, b, c), (a, b, c) => $"vpdpbusd {Name(a)},{Name(b)},{Name(c)}");
        Check(s_zmms, s_zmms, s_zmms, (code, a, b, c) => code.Vmulps(a, b, c), (a, b, c) => $"vmulps {Name(a)},{Name(b)},{Name(c)}");
        Check(s_zmms, s_zmms, s_zmms, (code, a, b, c) => code.Vfmadd231ps(a, b, c), (a, b, c) => $"vfmadd231ps {Name(a)},{Name(b)},{Name(c)}");
        Check(s_zmms, s_zmms, Gen.Byte[0, 63], (code, a, b, shift) => code.Vpsrld(a, b, shift), (a, b, shift) => $"vpsrld {Name(a)},{Name(b)},{shift}");
        Check(s_zmms, s_zmms, Gen.Byte, (code, a, b, _) => code.Vcvtdq2ps(a, b), (a, b, _) => $"vcvtdq2ps {Name(a)},{Name(b)}");
    }

    [Fact]
    public void Instructions_with_memory_are_read_back()
    {
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vmovups(a, m), (a, _, m) => $"vmovups {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vmovups(m, a), (a, _, m) => $"vmovups {Name(m)},{Name(a)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vpmovsxbw(a, m), (a, _, m) => $"vpmovsxbw {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vpmovsxbd(a, m), (a, _, m) => $"vpmovsxbd {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vpmovzxbd(a, m), (a, _, m) => $"vpmovzxbd {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vcvtph2ps(a, m), (a, _, m) => $"vcvtph2ps {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, _, m) => code.Vpbroadcastd(a, m), (a, _, m) => $"vpbroadcastd {Name(a)},{Name(m)}");
        Check(s_zmms, s_zmms, s_memory, (code, a, b, m) => code.VpdpbusdBroadcast(a, b, m), (a, b, m) => $"vpdpbusd {Name(a)},{Name(b)},{Name(m)}{{1to16}}");
        Check(s_zmms, s_zmms, s_memory, (code, a, b, m) => code.VpdpwssdBroadcast(a, b, m), (a, b, m) => $"vpdpwssd {Name(a)},{Name(b)},{Name(m)}{{1to16}}");
        Check(s_zmms, s_zmms, s_memory, (code, a, b, m) => code.VmulpsBroadcast(a, b, m), (a, b, m) => $"vmulps {Name(a)},{Name(b)},{Name(m)}{{1to16}}");
        Check(s_zmms, s_zmms, s_memory, (code, a, b, m) => code.Vfmadd231psBroadcast(a, b, m), (a, b, m) => $"vfmadd231ps {Name(a)},{Name(b)},{Name(m)}{{1to16}}");
    }

    [Fact]
    public void Instructions_of_addresses_are_read_back()
    {
        Check(s_gprs, s_memory, Gen.Int, (code, a, m, _) => code.Mov(a, m), (a, m, _) => $"mov {Name(a)},{Name(m)}");
        Check(s_gprs, s_memory, Gen.Int, (code, a, m, _) => code.Add(a, m), (a, m, _) => $"add {Name(a)},{Name(m)}");
        Check(s_gprs, s_memory, Gen.Int, (code, a, m, _) => code.Cmp(a, m), (a, m, _) => $"cmp {Name(a)},{Name(m)}");
        Check(s_gprs, s_memory, Gen.Int, (code, _, m, _) => code.PrefetchT1(m), (_, m, _) => $"prefetcht1 {Name(m)}");
        Check(s_gprs, s_memory, Gen.Int, (code, a, _, value) => code.Add(a, value), (a, _, value) => $"add {Name(a)},{value}");
    }

    [Fact]
    public void A_loop_begins_at_a_line_and_is_jumped_back_to()
    {
        var code = new Assembler();
        code.Vzeroupper();
        code.Align();
        int loop = code.Position;
        code.Add(Gpr.Rax, 1);
        code.Cmp(Gpr.Rax, new Memory(Gpr.Rdi, 8));
        code.Jb(loop);
        code.Ret();
        Assert.Equal(64, loop);
        List<string> read = Read(code.ToArray());
        Assert.Equal(["vzeroupper", .. Enumerable.Repeat("nop", 61), "add rax,1", "cmp rax,[rdi+8]", "jb 64", "ret"], read);
    }

    [Fact]
    public unsafe void Placed_code_can_be_run_and_not_be_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "Code is placed on Linux on x86-64 alone.");
        var code = new Assembler();
        code.Mov(Gpr.Rax, new Memory(Gpr.Rdi));
        code.Add(Gpr.Rax, 1);
        code.Ret();
        Assert.True(ExecutableCode.TryPlace(code.ToArray(), out nint placed));
        long argument = 41;
        Assert.Equal(42, ((delegate* unmanaged<long*, long>)placed)(&argument));
        string mapping = File.ReadLines("/proc/self/maps").Single(line => Within(line[..line.IndexOf(' ')], placed));
        Assert.Contains(" r-xp ", mapping, StringComparison.Ordinal);
    }

    private static void Check<TA, TB, TC>(Gen<TA> a, Gen<TB> b, Gen<TC> c, Action<Assembler, TA, TB, TC> append, Func<TA, TB, TC, string> expected) =>
        Gen.Select(a, b, c).Sample((first, second, third) =>
        {
            var code = new Assembler();
            append(code, first, second, third);
            Assert.Equal([expected(first, second, third)], Read(code.ToArray()));
        }, iter: 300);

    /// <summary>Whether an address is in a range such as 7f00-7fff.</summary>
    private static bool Within(string range, long address)
    {
        int dash = range.IndexOf('-');
        return address >= long.Parse(range[..dash], NumberStyles.HexNumber, CultureInfo.InvariantCulture) && address < unchecked((long)ulong.Parse(range[(dash + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static string Name(Zmm register) => $"zmm{register.Number}";

    private static string Name(Gpr register) => register.ToString().ToLowerInvariant();

    private static string Name(Memory memory)
    {
        string index = memory.Index is { } register ? memory.Scale == 1 ? $"+{Name(register)}" : $"+{Name(register)}*{memory.Scale}" : "";
        string offset = memory.Offset switch { 0 => "", > 0 => $"+{memory.Offset}", _ => $"-{-memory.Offset}" };
        return $"[{Name(memory.Base)}{index}{offset}]";
    }

    private static List<string> Read(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        var formatter = new IntelFormatter(new FormatterOptions { NumberBase = NumberBase.Decimal, MemorySizeOptions = MemorySizeOptions.Never, ShowBranchSize = false, SignedImmediateOperands = true });
        var read = new List<string>();
        while (decoder.IP < (ulong)code.Length)
        {
            decoder.Decode(out Instruction instruction);
            var output = new StringOutput();
            formatter.Format(instruction, output);
            read.Add(output.ToStringAndReset());
        }
        return read;
    }
}
