using System.Text;
using DockerPS.Linux;
using DockerPS.Linux.Cgroups;

namespace DockerPS.Runtime.Cgroups;

/// <summary>Tells when a group's processes want more memory than they may have: a descriptor to poll, and a question to ask when it is ready.</summary>
internal sealed class OutOfMemoryWatch : IDisposable
{
    private readonly Cgroup _group;
    private readonly bool _isVersion1;
    private int _control = -1;
    private long _kills;

    private OutOfMemoryWatch(Cgroup group, bool isVersion1)
    {
        _group = group;
        _isVersion1 = isVersion1;
    }

    /// <summary>To poll for <see cref="Events"/>; -1 when the host counts no memory.</summary>
    public int Descriptor { get; private set; } = -1;

    /// <summary>Version 1 signals an eventfd, version 2 that its file says something new.</summary>
    public short Events => (short)(_isVersion1 ? LibC.POLLIN : 2 /* POLLPRI */);

    public static OutOfMemoryWatch Start(Cgroup group)
    {
        var watch = new OutOfMemoryWatch(group, group.VersionOf("memory") == 1);
        if (group.DirectoryOf("memory") is not { } directory) return watch;
        try
        {
            if (watch._isVersion1) watch.Register(directory);
            else watch.Descriptor = LibC.Open(directory + "/memory.events", LibC.O_RDONLY);
            watch.Take();
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Whether there was a want of memory since the last time; makes the descriptor wait again.</summary>
    public bool Take()
    {
        long kills = _group.OomKills();
        bool more = kills > _kills;
        _kills = kills;
        if (Descriptor < 0) return false;
        // Each kind is quiet again once it was read.
        Span<byte> room = stackalloc byte[4096];
        if (!_isVersion1) LibC.lseek(Descriptor, 0, LibC.SEEK_SET);
        int read = LibC.TryRead(Descriptor, room);
        if (!_isVersion1) return more;
        return read == 8 && _group.DirectoryOf("memory") is { } directory && Directory.Exists(directory);
    }

    public void Dispose()
    {
        int events = Descriptor;
        LibC.Close(ref events);
        LibC.Close(ref _control);
        Descriptor = -1;
    }

    /// <summary>https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, "OOM Control".</summary>
    private void Register(string directory)
    {
        Descriptor = LibC.EventDescriptor();
        _control = LibC.Open(directory + "/memory.oom_control", LibC.O_RDONLY);
        int register = LibC.Open(directory + "/cgroup.event_control", LibC.O_WRONLY);
        try
        {
            LibC.WriteAll(register, Encoding.ASCII.GetBytes($"{Descriptor} {_control}"));
        }
        finally
        {
            LibC.Close(ref register);
        }
    }
}
