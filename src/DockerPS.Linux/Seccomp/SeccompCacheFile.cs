using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// The form of a cached filter: magic (8 bytes), length of the key and of the program (32 bits each), a checksum of what follows
/// (64 bits), key, program. Numbers are little-endian.
/// </summary>
internal static unsafe class SeccompCacheFile
{
    private const int HeaderLength = 24;

    private static ReadOnlySpan<byte> Magic => "DPSBPF\u0001\n"u8;

    /// <summary>The caller's key, and what else the outcome depends on: this compiler, the processor, the installed libseccomp.</summary>
    public static byte[] Key(ReadOnlySpan<byte> key)
    {
        var whole = new byte[key.Length + 32];
        BinaryPrimitives.WriteInt32LittleEndian(whole, SeccompCompiler.Revision);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(4), SeccompArchitectures.Native);
        (ulong size, long seconds, uint nanoseconds) = Library();
        BinaryPrimitives.WriteUInt64LittleEndian(whole.AsSpan(8), size);
        BinaryPrimitives.WriteInt64LittleEndian(whole.AsSpan(16), seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(24), nanoseconds);
        key.CopyTo(whole.AsSpan(32));
        return whole;
    }

    public static string Name(ReadOnlySpan<byte> key) => Fingerprint.Of(key).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    public static uint GreatestSize(uint keyLength) => HeaderLength + keyLength + (SeccompInstruction.Most * SeccompInstruction.Size);

    public static byte[] Content(ReadOnlySpan<byte> key, ReadOnlySpan<SeccompInstruction> program)
    {
        ReadOnlySpan<byte> code = MemoryMarshal.AsBytes(program);
        var content = new byte[HeaderLength + key.Length + code.Length];
        Magic.CopyTo(content);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(12), code.Length);
        key.CopyTo(content.AsSpan(HeaderLength));
        code.CopyTo(content.AsSpan(HeaderLength + key.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(16), Fingerprint.Of(content.AsSpan(HeaderLength)));
        return content;
    }

    /// <summary>The program, or null when the content is damaged or another profile's.</summary>
    public static SeccompInstruction[]? Program(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key)
    {
        if (content.Length < HeaderLength || !content.StartsWith(Magic)) return null;
        if (BinaryPrimitives.ReadInt32LittleEndian(content[8..]) != key.Length) return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(content[12..]);
        if (length <= 0 || length % SeccompInstruction.Size != 0 || content.Length != HeaderLength + key.Length + length) return null;
        ReadOnlySpan<byte> body = content[HeaderLength..];
        if (!body.StartsWith(key) || BinaryPrimitives.ReadUInt64LittleEndian(content[16..]) != Fingerprint.Of(body)) return null;
        return MemoryMarshal.Cast<byte, SeccompInstruction>(body[key.Length..]).ToArray();
    }

    /// <summary>What tells one build of libseccomp from another without loading it; zeros when it is nowhere.</summary>
    private static (ulong Size, long Seconds, uint Nanoseconds) Library()
    {
        ReadOnlySpan<byte> multiarch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? "/lib/aarch64-linux-gnu/libseccomp.so.2\0"u8
            : "/lib/x86_64-linux-gnu/libseccomp.so.2\0"u8;
        LibC.statx_result facts;
        fixed (byte* debian = multiarch, fedora = "/usr/lib64/libseccomp.so.2\0"u8, others = "/usr/lib/libseccomp.so.2\0"u8)
        {
            if (LibC.statx(LibC.AT_FDCWD, debian, 0, LibC.STATX_BASIC_STATS, &facts) == 0
                || LibC.statx(LibC.AT_FDCWD, fedora, 0, LibC.STATX_BASIC_STATS, &facts) == 0
                || LibC.statx(LibC.AT_FDCWD, others, 0, LibC.STATX_BASIC_STATS, &facts) == 0)
                return (facts.Size, facts.Modified.Seconds, facts.Modified.Nanoseconds);
        }

        return default;
    }
}
