using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Attributes of the process: where and how it is scheduled, its personality, what it writes about itself into procfs.</summary>
internal static unsafe partial class StepRunner
{
    /// <summary>The caller may have been confined to some processors; the container is by its cpuset alone. Refusal is not fatal.</summary>
    private static nint ResetCpus()
    {
        const int MaskLength = 1024;
        byte* mask = stackalloc byte[MaskLength];
        new Span<byte>(mask, MaskLength).Fill(0xFF);
        Syscall.Invoke(Syscall.SchedSetaffinity, 0, MaskLength, (nint)mask);
        return 0;
    }

    private static nint SetPersonality(Step* s)
    {
        nint result = Syscall.Invoke(Syscall.Personality, (nint)s->Flags);
        return result < 0 ? result : 0;
    }

    /// <summary>What is written here concerns security: it goes to procfs or nowhere, whatever is mounted over it.</summary>
    private static nint WriteFile(Step* s)
    {
        nint fd = Syscall.Invoke(Syscall.OpenAt, LibC.AT_FDCWD, (nint)s->Path, LibC.O_WRONLY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);
        if (fd < 0) return fd;
        nint result = LibC.FileSystemType((int)fd) == LibC.PROC_SUPER_MAGIC
            ? Syscall.Invoke(Syscall.Write, fd, (nint)s->Data, (nint)s->Value)
            : -Refusal.NotProcfs;
        Close((int)fd);
        return result;
    }
}
