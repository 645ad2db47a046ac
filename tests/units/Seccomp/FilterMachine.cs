using System.Buffers.Binary;
using DockerPS.Linux.Seccomp;

namespace DockerPS.Units.Seccomp;

/// <summary>Runs a filter as the kernel would (classic BPF over struct seccomp_data), and answers the action.</summary>
internal sealed class FilterMachine(SeccompInstruction[] program)
{
    private const int DataLength = 64;

    public int Length => program.Length;

    /// <summary>Instructions that the last run took.</summary>
    public int Taken { get; private set; }

    public uint Run(uint audit, long number, params ReadOnlySpan<ulong> arguments)
    {
        Span<byte> data = stackalloc byte[DataLength];
        BinaryPrimitives.WriteUInt32LittleEndian(data, (uint)number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], audit);
        for (int i = 0; i < arguments.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (8 * i))..], arguments[i]);
        return Run(data);
    }

    private uint Run(ReadOnlySpan<byte> data)
    {
        uint a = 0, x = 0;
        Span<uint> memory = stackalloc uint[16];
        Taken = 0;
        for (int at = 0; ; at++)
        {
            Taken++;
            SeccompInstruction i = program[at];
            bool jump = false;
            switch (i.Code)
            {
                case 0x20: // ld [k]
                    if (i.Value % 4 != 0 || i.Value >= DataLength) throw new InvalidOperationException($"Load from {i.Value}.");
                    a = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)i.Value..]);
                    continue;
                case 0x00: a = i.Value; continue; // ld #k
                case 0x60: a = memory[(int)i.Value]; continue; // ld M[k]
                case 0x61: x = memory[(int)i.Value]; continue; // ldx M[k]
                case 0x02: memory[(int)i.Value] = a; continue; // st
                case 0x03: memory[(int)i.Value] = x; continue; // stx
                case 0x07: x = a; continue; // tax
                case 0x87: a = x; continue; // txa
                case 0x54: a &= i.Value; continue; // and #k
                case 0x06: return i.Value; // ret #k
                case 0x05: at += (int)i.Value; continue; // ja
                case 0x15: jump = a == i.Value; break;
                case 0x25: jump = a > i.Value; break;
                case 0x35: jump = a >= i.Value; break;
                case 0x45: jump = (a & i.Value) != 0; break;
                default: throw new InvalidOperationException($"Instruction {i.Code:x} at {at}.");
            }

            at += jump ? i.JumpTrue : i.JumpFalse;
        }
    }
}
