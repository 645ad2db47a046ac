using System.Runtime.InteropServices;

namespace DockerPS.Linux.Bpf;

/// <summary>struct bpf_insn of linux/bpf.h. https://docs.kernel.org/bpf/standardization/instruction-set.html</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(byte Code, byte Registers, short Offset, int Immediate)
{
    // Little-endian machines have the destination in the low four bits; .NET runs Linux on hardly any other.
    private static byte Pack(int destination, int source) => (byte)(BitConverter.IsLittleEndian
        ? destination | (source << 4) : (destination << 4) | source);

    /// <summary>32-bit load: destination = *(u32 *)(source + offset).</summary>
    public static BpfInstruction Load(int destination, int source, short offset) => new(0x61, Pack(destination, source), offset, 0);

    /// <summary>64-bit: destination = immediate.</summary>
    public static BpfInstruction Move(int destination, int immediate) => new(0xB7, Pack(destination, 0), 0, immediate);

    /// <summary>32-bit: destination &amp;= immediate.</summary>
    public static BpfInstruction And(int destination, int immediate) => new(0x54, Pack(destination, 0), 0, immediate);

    /// <summary>32-bit: destination >>= immediate.</summary>
    public static BpfInstruction ShiftRight(int destination, int immediate) => new(0x74, Pack(destination, 0), 0, immediate);

    /// <summary>Skips <paramref name="skip"/> instructions when the 32-bit register is not the value.</summary>
    public static BpfInstruction JumpUnlessEqual(int register, int value, int skip) => new(0x56, Pack(register, 0), (short)skip, value);

    /// <summary>Skips when the 32-bit register and the mask have a bit in common.</summary>
    public static BpfInstruction JumpIfAny(int register, int mask, int skip) => new(0x46, Pack(register, 0), (short)skip, mask);

    public static BpfInstruction Jump(int skip) => new(0x05, 0, (short)skip, 0);

    /// <summary>Returns register 0.</summary>
    public static BpfInstruction Exit => new(0x95, 0, 0, 0);
}
