using System.Runtime;
using System.Runtime.InteropServices;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime;

/// <summary>
/// Keeps the runtime's own file out of reach. Whatever enters a container shows its file there as /proc/PID/exe, and an image can make the
/// kernel execute it again ("#!/proc/self/exe"): a link that leads to the very file on the host, writable for root (CVE-2019-5736).
/// So a verb that will enter a container first executes itself anew from a detached, read-only clone of the mount that its file is
/// on, which no path leads to; where that may not be made, from a sealed copy in memory.
/// </summary>
internal static unsafe class OwnExecutable
{
    private const int F_ADD_SEALS = 1033, F_GET_SEALS = 1034, AllSeals = 0xF, SealWrite = 8, MaxArguments = 65536;
    private const uint MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_EXEC = 0x10;

    /// <summary>
    /// Called by the dynamic linker before anything of .NET is initialised (DT_INIT), so that the first life of the process costs a
    /// few system calls and no more. Nothing but such calls may happen here.
    /// </summary>
    [RuntimeExport("dockerps_protect")]
    public static void ProtectEarly(int count, byte** arguments, byte** environment)
    {
        if (WillEnter(count, arguments) && !IsProtected()) Execute(arguments, environment);
    }

    /// <summary>The same for a process that was started in another way, and the refusal to go on when neither succeeded.</summary>
    /// <exception cref="RuntimeFailureException">The file can be neither cloned nor copied.</exception>
    public static void Protect()
    {
        if (IsProtected()) return;
        (nint arguments, int length, nint environment, int environmentLength) = ProcStat.Strings();
        Execute(Pointers((byte*)arguments, length), Pointers((byte*)environment, environmentLength));
        throw new RuntimeFailureException(
            RuntimeStages.Config,
            "The runtime cannot protect its own file from the container: it may neither clone the mount that the file is on nor make a "
            + "copy in memory. Look whether vm.memfd_noexec is 2, or put the runtime on a file system that is mounted read-only.");
    }

    /// <summary>One of the arguments is a verb that enters a container.</summary>
    private static bool WillEnter(int count, byte** arguments)
    {
        for (int i = 1; i < count; i++)
        {
            byte* word = arguments[i];
            if (Is(word, "run\0"u8) || Is(word, "create\0"u8) || Is(word, "exec\0"u8) || Is(word, "start\0"u8)
                || Is(word, "supervise\0"u8) || Is(word, "execute\0"u8)) return true;
        }

        return false;
    }

    private static bool Is(byte* word, ReadOnlySpan<byte> other)
    {
        for (int i = 0; i < other.Length; i++)
        {
            if (word[i] != other[i]) return false;
        }

        return true;
    }

    /// <summary>The file is on a mount that is read-only for all, or in memory and sealed.</summary>
    private static bool IsProtected()
    {
        const int FlagsField = 10, ReadOnly = 1;
        long* facts = stackalloc long[16];
        fixed (byte* self = "/proc/self/exe\0"u8)
        {
            if (Syscall.InvokeEarly(Syscall.Statfs, (nint)self, (nint)facts) < 0) return false;
            if ((facts[FlagsField] & ReadOnly) != 0) return true;
            nint file = Syscall.InvokeEarly(Syscall.OpenAt, LibC.AT_FDCWD, (nint)self, LibC.O_RDONLY | LibC.O_CLOEXEC);
            if (file < 0) return false;
            nint seals = Syscall.InvokeEarly(Syscall.Fcntl, file, F_GET_SEALS);
            Syscall.InvokeEarly(Syscall.Close, file);
            return seals >= 0 && (seals & SealWrite) != 0;
        }
    }

    /// <summary>Returns only when it failed.</summary>
    private static void Execute(byte** arguments, byte** environment)
    {
        if (arguments == null || environment == null) return;
        fixed (byte* self = "/proc/self/exe\0"u8, empty = "\0"u8)
        {
            nint file = Syscall.InvokeEarly(Syscall.OpenTree, LibC.AT_FDCWD, (nint)self, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC);
            if (file >= 0)
            {
                LibC.MountAttributes attributes = default;
                attributes.Set = LibC.MOUNT_ATTR_RDONLY;
                nint set = Syscall.InvokeEarly(
                    Syscall.MountSetattr, file, (nint)empty, LibC.AT_EMPTY_PATH, (nint)(&attributes), sizeof(LibC.MountAttributes));
                if (set == 0)
                    Syscall.InvokeEarly(Syscall.ExecveAt, file, (nint)empty, (nint)arguments, (nint)environment, LibC.AT_EMPTY_PATH);
                Syscall.InvokeEarly(Syscall.Close, file);
            }

            file = CopyToMemory(self);
            if (file < 0) return;
            Syscall.InvokeEarly(Syscall.ExecveAt, file, (nint)empty, (nint)arguments, (nint)environment, LibC.AT_EMPTY_PATH);
            Syscall.InvokeEarly(Syscall.Close, file);
        }
    }

    private static nint CopyToMemory(byte* self)
    {
        const int Chunk = 1 << 24;
        nint source = Syscall.InvokeEarly(Syscall.OpenAt, LibC.AT_FDCWD, (nint)self, LibC.O_RDONLY | LibC.O_CLOEXEC);
        if (source < 0) return source;
        nint copy;
        fixed (byte* name = "dockerps-runtime\0"u8)
        {
            copy = Syscall.InvokeEarly(Syscall.MemfdCreate, (nint)name, (nint)(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC));
            // Kernels before 6.3 do not know the last flag, and do what it says.
            if (copy < 0) copy = Syscall.InvokeEarly(Syscall.MemfdCreate, (nint)name, (nint)(MFD_CLOEXEC | MFD_ALLOW_SEALING));
        }

        nint sent = -1;
        if (copy >= 0)
        {
            do sent = Syscall.InvokeEarly(Syscall.Sendfile, copy, source, 0, Chunk);
            while (sent > 0);
        }

        Syscall.InvokeEarly(Syscall.Close, source);
        if (sent == 0 && Syscall.InvokeEarly(Syscall.Fcntl, copy, F_ADD_SEALS, AllSeals) == 0) return copy;
        if (copy >= 0) Syscall.InvokeEarly(Syscall.Close, copy);
        return -1;
    }

    /// <summary>The zero-terminated strings of a block of memory, as execve takes them.</summary>
    private static byte** Pointers(byte* block, int length)
    {
        if (block == null) return null;
        int count = 0;
        for (int i = 0; i < length; i++) count += block[i] == 0 ? 1 : 0;
        if (count > MaxArguments) return null;
        var pointers = (byte**)NativeMemory.Alloc((nuint)((count + 1) * sizeof(byte*)));
        for (int i = 0, at = 0; i < count; i++, at++)
        {
            pointers[i] = block + at;
            while (block[at] != 0) at++;
        }

        pointers[count] = null;
        return pointers;
    }
}
