using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Engine.Images.HelloWorld;

/// <summary>
/// A static ELF executable that writes a text to its standard output and ends with 0: header, machine code and text, put together
/// byte by byte, so that the built-in image needs neither a compiler nor a file beside the assembly.
/// </summary>
internal static class HelloProgram
{
    private const ulong LoadAddress = 0x400000;
    private const int ElfHeader = 64;
    private const int ProgramHeader = 56;
    private const int CodeOffset = ElfHeader + (2 * ProgramHeader);

    public static byte[] Build(Architecture architecture, string text)
    {
        byte[] message = Encoding.UTF8.GetBytes(text);
        byte[] code = architecture switch
        {
            Architecture.X64 => CodeX64(message.Length),
            Architecture.Arm64 => CodeArm64(message.Length),
            _ => throw new DockerNotFoundException(
                "PlatformNotFound", $"The built-in image hello-world is made for x64 and arm64, and this machine is {architecture}.", "hello-world"),
        };
        var file = new byte[CodeOffset + code.Length + message.Length];
        WriteElfHeader(file, (ushort)(architecture == Architecture.X64 ? 62 : 183));
        WriteProgramHeader(file.AsSpan(ElfHeader), type: 1, flags: 5, LoadAddress, (ulong)file.Length, align: 0x10000);

        // PT_GNU_STACK without the executable bit.
        WriteProgramHeader(file.AsSpan(ElfHeader + ProgramHeader), type: 0x6474e551, flags: 6, 0, 0, align: 16);
        code.CopyTo(file, CodeOffset);
        message.CopyTo(file, CodeOffset + code.Length);
        return file;
    }

    /// <summary>write(1, text, length); exit(0), with the text right behind the code.</summary>
    private static byte[] CodeX64(int length)
    {
        byte[] code =
        [
            0xb8, 1, 0, 0, 0,                   // mov eax, 1 (write)
            0xbf, 1, 0, 0, 0,                   // mov edi, 1
            0x48, 0x8d, 0x35, 0, 0, 0, 0,       // lea rsi, [rip + text]
            0xba, 0, 0, 0, 0,                   // mov edx, length
            0x0f, 0x05,                         // syscall
            0xb8, 60, 0, 0, 0,                  // mov eax, 60 (exit)
            0x31, 0xff,                         // xor edi, edi
            0x0f, 0x05,                         // syscall
        ];
        const int AfterLea = 17;
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(AfterLea - 4), code.Length - AfterLea);
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(18), length);
        return code;
    }

    private static byte[] CodeArm64(int length)
    {
        const uint Syscall = 0xd4000001;
        const int TextAt = 9 * 4, AdrAt = 1 * 4;
        uint[] code =
        [
            MoveWide(0, 1),                                                 // mov x0, #1
            0x10000000u | ((uint)((TextAt - AdrAt) >> 2) << 5) | 1,         // adr x1, text
            MoveWide(2, (ushort)length),                                    // movz x2, #length
            0xf2a00002u | ((uint)(length >> 16) << 5),                      // movk x2, #length >> 16, lsl #16
            MoveWide(8, 64),                                                // mov x8, #64 (write)
            Syscall,
            MoveWide(0, 0),                                                 // mov x0, #0
            MoveWide(8, 93),                                                // mov x8, #93 (exit)
            Syscall,
        ];
        var bytes = new byte[code.Length * 4];
        for (int i = 0; i < code.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), code[i]);
        return bytes;
    }

    private static uint MoveWide(uint register, ushort value) => 0xd2800000u | ((uint)value << 5) | register;

    private static void WriteElfHeader(Span<byte> file, ushort machine)
    {
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(file[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(file[20..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file[24..], LoadAddress + CodeOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(file[32..], ElfHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(file[52..], ElfHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(file[54..], ProgramHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(file[56..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file[58..], 64);
    }

    private static void WriteProgramHeader(Span<byte> header, uint type, uint flags, ulong address, ulong length, ulong align)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], length);
        BinaryPrimitives.WriteUInt64LittleEndian(header[48..], align);
    }
}
