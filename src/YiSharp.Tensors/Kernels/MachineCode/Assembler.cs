using System.Buffers.Binary;
using System.Numerics;

namespace YiSharp.Tensors.Kernels.MachineCode;

/// <summary>Registers of 64 bits that a function may change without saving them (System V), by their numbers in an instruction.</summary>
internal enum Gpr
{
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
}

/// <summary>A register of 512 bits.</summary>
/// <param name="Number">0 to 31.</param>
internal readonly record struct Zmm(int Number);

/// <summary>An operand in memory.</summary>
/// <param name="Base">The register that holds an address.</param>
/// <param name="Offset">Bytes from there.</param>
/// <param name="Index">A register that is added <paramref name="Scale"/> times; null for none.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
internal readonly record struct Memory(Gpr Base, int Offset = 0, Gpr? Index = null, int Scale = 1)
{
    /// <summary>The fourth bit of the base's number, and of the index's.</summary>
    public int BaseBit => (int)Base >> 3;

    public int IndexBit => (int)(Index ?? Gpr.Rax) >> 3;
}

/// <summary>
/// The few x86-64 instructions that the kernels need and .NET has no intrinsic for, or that stand beside those: each method appends one. A method has the name of its mnemonic,
/// operands stand as in Intel's manuals.
/// </summary>
/// <remarks>Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2: legacy, VEX and EVEX prefixes, and disp8*N.</remarks>
internal sealed class Assembler
{
    /// <summary>Length of what the processor takes from its instruction cache at once.</summary>
    private const int LineBytes = 64;

    private const byte NoOperation = 0x90;

    private readonly List<byte> _code = [];

    private enum Prefix
    {
        None = 0,
        Bytes66 = 1,
    }

    private enum Map
    {
        Of0F = 1,
        Of0F38 = 2,
    }

    /// <summary>Bytes so far: where the next instruction begins.</summary>
    public int Position => _code.Count;

    /// <summary>What was appended.</summary>
    public byte[] ToArray() => [.. _code];

    /// <summary>Does nothing until the next line begins: for the head of a loop.</summary>
    public void Align()
    {
        while (_code.Count % LineBytes != 0) _code.Add(NoOperation);
    }

    public void Mov(Gpr to, Memory from) => Legacy(0x8B, to, from);

    public void Add(Gpr to, Memory from) => Legacy(0x03, to, from);

    public void Cmp(Gpr left, Memory right) => Legacy(0x3B, left, right);

    public void Add(Gpr to, int value)
    {
        _code.Add((byte)(0x48 | (int)to >> 3));
        _code.Add(0x81);
        _code.Add((byte)(0xC0 | (int)to & 7));
        Integer(value);
    }

    /// <summary>The line at an address to the second-level cache.</summary>
    public void PrefetchT1(Memory line)
    {
        if ((line.BaseBit | line.IndexBit) != 0) _code.Add((byte)(0x40 | line.IndexBit << 1 | line.BaseBit));
        _code.Add(0x0F);
        _code.Add(0x18);
        Address(2, line, 0);
    }

    /// <summary>Jumps back to a position if the last comparison's left side was below its right, unsigned.</summary>
    public void Jb(int target)
    {
        _code.Add(0x0F);
        _code.Add(0x82);
        Integer(target - (_code.Count + sizeof(int)));
    }

    public void Ret() => _code.Add(0xC3);

    /// <summary>Lets code without prefixes run at full speed after this.</summary>
    public void Vzeroupper() => _code.AddRange([0xC5, 0xF8, 0x77]);

    public void Vmovups(Zmm to, Memory from) => Evex(Map.Of0F, Prefix.None, 0x10, to.Number, 0, from, LineBytes, broadcasts: false);

    public void Vmovups(Memory to, Zmm from) => Evex(Map.Of0F, Prefix.None, 0x11, from.Number, 0, to, LineBytes, broadcasts: false);

    /// <summary>32 signed bytes as shorts.</summary>
    public void Vpmovsxbw(Zmm to, Memory from) => Evex(Map.Of0F38, Prefix.Bytes66, 0x20, to.Number, 0, from, LineBytes / 2, broadcasts: false);

    /// <summary>16 unsigned bytes as integers.</summary>
    public void Vpmovzxbd(Zmm to, Memory from) => Evex(Map.Of0F38, Prefix.Bytes66, 0x31, to.Number, 0, from, LineBytes / 4, broadcasts: false);

    /// <summary>16 signed bytes as integers.</summary>
    public void Vpmovsxbd(Zmm to, Memory from) => Evex(Map.Of0F38, Prefix.Bytes66, 0x21, to.Number, 0, from, LineBytes / 4, broadcasts: false);

    /// <summary>16 halves as floats.</summary>
    public void Vcvtph2ps(Zmm to, Memory from) => Evex(Map.Of0F38, Prefix.Bytes66, 0x13, to.Number, 0, from, LineBytes / 2, broadcasts: false);

    /// <summary>The 32 bits at an address in every lane.</summary>
    public void Vpbroadcastd(Zmm to, Memory from) => Evex(Map.Of0F38, Prefix.Bytes66, 0x58, to.Number, 0, from, sizeof(int), broadcasts: false);

    public void Vpxord(Zmm to, Zmm left, Zmm right) => Evex(Map.Of0F, Prefix.Bytes66, 0xEF, to.Number, left.Number, right);

    public void Vpandd(Zmm to, Zmm left, Zmm right) => Evex(Map.Of0F, Prefix.Bytes66, 0xDB, to.Number, left.Number, right);

    public void Vpsrld(Zmm to, Zmm from, byte shift)
    {
        Evex(Map.Of0F, Prefix.Bytes66, 0x72, 2, to.Number, from);
        _code.Add(shift);
    }

    /// <summary>to += the four products of unsigned bytes with signed ones, in each lane.</summary>
    public void Vpdpbusd(Zmm to, Zmm unsigned, Zmm signed) => Evex(Map.Of0F38, Prefix.Bytes66, 0x50, to.Number, unsigned.Number, signed);

    /// <summary>The same with the four signed bytes at an address for all lanes.</summary>
    public void VpdpbusdBroadcast(Zmm to, Zmm unsigned, Memory signed) => Evex(Map.Of0F38, Prefix.Bytes66, 0x50, to.Number, unsigned.Number, signed, sizeof(int), broadcasts: true);

    /// <summary>to += the two products of shorts, in each lane, with the two shorts at an address for all lanes.</summary>
    public void VpdpwssdBroadcast(Zmm to, Zmm left, Memory right) => Evex(Map.Of0F38, Prefix.Bytes66, 0x52, to.Number, left.Number, right, sizeof(int), broadcasts: true);

    /// <summary>Integers as floats.</summary>
    public void Vcvtdq2ps(Zmm to, Zmm from) => Evex(Map.Of0F, Prefix.None, 0x5B, to.Number, 0, from);

    public void Vmulps(Zmm to, Zmm left, Zmm right) => Evex(Map.Of0F, Prefix.None, 0x59, to.Number, left.Number, right);

    /// <summary>to = left · the float at an address.</summary>
    public void VmulpsBroadcast(Zmm to, Zmm left, Memory right) => Evex(Map.Of0F, Prefix.None, 0x59, to.Number, left.Number, right, sizeof(float), broadcasts: true);

    /// <summary>to += left · right, rounded once.</summary>
    public void Vfmadd231ps(Zmm to, Zmm left, Zmm right) => Evex(Map.Of0F38, Prefix.Bytes66, 0xB8, to.Number, left.Number, right);

    /// <summary>to += left · the float at an address, rounded once.</summary>
    public void Vfmadd231psBroadcast(Zmm to, Zmm left, Memory right) => Evex(Map.Of0F38, Prefix.Bytes66, 0xB8, to.Number, left.Number, right, sizeof(float), broadcasts: true);

    private void Legacy(byte operation, Gpr register, Memory memory)
    {
        _code.Add((byte)(0x48 | (int)register >> 3 << 2 | memory.IndexBit << 1 | memory.BaseBit));
        _code.Add(operation);
        Address((int)register, memory, 0);
    }

    private void Evex(Map map, Prefix prefix, byte operation, int register, int second, Zmm third)
    {
        Evex(map, prefix, operation, register, second, third.Number >> 3 & 1, third.Number >> 4, broadcasts: false);
        Registers(register, third.Number);
    }

    private void Evex(Map map, Prefix prefix, byte operation, int register, int second, Memory third, int unit, bool broadcasts)
    {
        Evex(map, prefix, operation, register, second, third.BaseBit, third.IndexBit, broadcasts);
        Address(register, third, unit);
    }

    /// <summary>The prefix of four bytes, and the operation; bits of register numbers are stored inverted.</summary>
    private void Evex(Map map, Prefix prefix, byte operation, int register, int second, int bit, int otherBit, bool broadcasts)
    {
        const int Bits512 = 2;
        _code.Add(0x62);
        _code.Add((byte)((~register >> 3 & 1) << 7 | (~otherBit & 1) << 6 | (~bit & 1) << 5 | (~register >> 4 & 1) << 4 | (int)map));
        _code.Add((byte)((~second & 15) << 3 | 1 << 2 | (int)prefix));
        _code.Add((byte)(Bits512 << 5 | (broadcasts ? 1 << 4 : 0) | (~second >> 4 & 1) << 3));
        _code.Add(operation);
    }

    private void Registers(int register, int other) => _code.Add((byte)(0xC0 | (register & 7) << 3 | other & 7));

    /// <summary>[base + index · scale + offset]; the offset takes no byte, one in steps of a unit (0: of one byte), or four.</summary>
    private void Address(int register, Memory memory, int unit)
    {
        const int HasIndex = 4;
        int steps = memory.Offset / Math.Max(unit, 1);
        bool isShort = steps * Math.Max(unit, 1) == memory.Offset && steps is >= sbyte.MinValue and <= sbyte.MaxValue;
        int form = memory.Offset == 0 ? 0 : isShort ? 1 : 2;
        _code.Add((byte)(form << 6 | (register & 7) << 3 | (memory.Index is null ? (int)memory.Base & 7 : HasIndex)));
        if (memory.Index is { } index) _code.Add((byte)(BitOperations.Log2((uint)memory.Scale) << 6 | ((int)index & 7) << 3 | (int)memory.Base & 7));
        if (form == 1) _code.Add((byte)steps);
        if (form == 2) Integer(memory.Offset);
    }

    private void Integer(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }
}
