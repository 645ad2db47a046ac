using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// Compiled filters in a directory of the user alone. A file is found by a fingerprint of what it was compiled from, and used only when
/// all of that stands in it too, so that no second profile can ever be taken for the first. Files appear by rename: readers and several
/// writers need no lock.
/// </summary>
/// <param name="directory">Made when missing, mode 0700. One that others may write to is not used: each start compiles.</param>
public sealed unsafe class SeccompCache(string directory)
{
    /// <summary>More files than this mean that profiles are never the same; then all go before one more is written.</summary>
    public const int Most = 256;

    /// <summary>The program of a policy.</summary>
    /// <param name="key">Everything that the policy comes from.</param>
    /// <param name="policy">Asked for when there is no file.</param>
    /// <exception cref="SeccompUnavailableException">It must be compiled, and libseccomp is absent.</exception>
    /// <exception cref="SeccompPolicyException">The kernel or the library does not know what is asked for.</exception>
    public SeccompInstruction[] Get(ReadOnlySpan<byte> key, Func<SeccompPolicy> policy)
    {
        byte[] whole = SeccompCacheFile.Key(key);
        string name = SeccompCacheFile.Name(whole);
        int folder = OpenDirectory();
        try
        {
            if (folder >= 0 && TryRead(folder, name, whole) is { } known) return known;
            SeccompInstruction[] program = SeccompCompiler.Compile(policy());
            if (folder >= 0) TryWrite(folder, name, SeccompCacheFile.Content(whole, program));
            return program;
        }
        finally
        {
            LibC.Close(ref folder);
        }
    }

    /// <summary>-1 when it cannot be made or is not the user's alone.</summary>
    private int OpenDirectory()
    {
        int flags = LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;
        int folder = LibC.open(directory, flags, 0);
        if (folder < 0 && Marshal.GetLastPInvokeError() == Errno.ENOENT)
        {
            if (Path.GetDirectoryName(directory) is { Length: > 0 } parent && !Directory.Exists(parent)) return -1;
            _ = LibC.mkdir(directory, 0x1C0 /* 0700 */);
            folder = LibC.open(directory, flags, 0);
        }

        if (folder >= 0 && !IsOurs(folder, LibC.S_IFDIR, out _)) LibC.Close(ref folder);
        return folder;
    }

    private static SeccompInstruction[]? TryRead(int folder, string name, ReadOnlySpan<byte> key)
    {
        int file = Open(folder, name, LibC.O_RDONLY, 0);
        if (file < 0) return null;
        try
        {
            if (!IsOurs(file, LibC.S_IFREG, out ulong size) || size > SeccompCacheFile.GreatestSize((uint)key.Length)) return null;
            var content = new byte[size];
            int length = 0;
            while (length < content.Length && LibC.TryRead(file, content.AsSpan(length)) is var count and > 0) length += count;
            return SeccompCacheFile.Program(content.AsSpan(0, length), key);
        }
        finally
        {
            LibC.Close(ref file);
        }
    }

    /// <summary>A cache that cannot be written only costs time.</summary>
    private void TryWrite(int folder, string name, byte[] content)
    {
        try
        {
            if (Directory.GetFiles(directory).Length >= Most)
                foreach (string old in Directory.GetFiles(directory)) File.Delete(old);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return;
        }

        string beside = $"{name}.{LibC.getpid()}.{Environment.CurrentManagedThreadId}";
        int file = Open(folder, beside, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL, 0x180 /* 0600 */);
        if (file < 0) return;
        try
        {
            LibC.WriteAll(file, content);
            Rename(folder, beside, name);
        }
        catch (LinuxException)
        {
            Remove(folder, beside);
        }
        finally
        {
            LibC.Close(ref file);
        }
    }

    private static bool IsOurs(int descriptor, uint kind, out ulong size)
    {
        const uint OthersWrite = 0x12; // 022
        LibC.statx_result facts;
        fixed (byte* empty = "\0"u8)
        {
            int result = LibC.statx(descriptor, empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &facts);
            size = facts.Size;
            return result == 0 && (facts.Mode & LibC.S_IFMT) == kind && (facts.Mode & OthersWrite) == 0 && facts.User == LibC.geteuid();
        }
    }

    private static int Open(int folder, string name, int flags, uint mode)
    {
        fixed (byte* path = Encoding.ASCII.GetBytes(name + "\0"))
            return LibC.openat(folder, path, flags | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, mode);
    }

    private static void Rename(int folder, string from, string to)
    {
        fixed (byte* old = Encoding.ASCII.GetBytes(from + "\0"), @new = Encoding.ASCII.GetBytes(to + "\0"))
        {
            if (LibC.renameat(folder, old, folder, @new) != 0) throw LibC.Failure($"rename({to})");
        }
    }

    private static void Remove(int folder, string name)
    {
        fixed (byte* path = Encoding.ASCII.GetBytes(name + "\0")) _ = LibC.unlinkat(folder, path, 0);
    }
}
