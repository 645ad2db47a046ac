using System.Runtime.InteropServices;

namespace DockerPS.Linux.Seccomp;

/// <summary>One instruction of classic BPF (struct sock_filter, linux/filter.h): eight bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct SeccompInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value)
{
    /// <summary>Bytes of one.</summary>
    public const int Size = 8;

    /// <summary>The kernel takes no longer program (BPF_MAXINSNS).</summary>
    public const int Most = 4096;

    // BPF_LD | BPF_W | BPF_ABS, BPF_ALU | BPF_AND | BPF_K, BPF_JMP | …, BPF_RET | BPF_K
    public const ushort Load = 0x20, And = 0x54, Jump = 0x05, JumpEqual = 0x15, JumpGreater = 0x25, JumpGreaterOrEqual = 0x35, Return = 0x06;
}
