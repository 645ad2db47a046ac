using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Runtime.Commands;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>A container that one verb changes while all others wait.</summary>
internal sealed class LockedContainer : IDisposable
{
    private readonly ContainerDirectory _directory;
    private int _lock;

    private LockedContainer(ContainerDirectory directory, int held)
    {
        _directory = directory;
        _lock = held;
        Record = directory.Read();
        Status = directory.Status(Record);
    }

    public string Id => _directory.Id;

    public ContainerRecord Record { get; }

    /// <summary>As it was when the lock was taken.</summary>
    public string Status { get; }

    /// <exception cref="CommandException">It has none.</exception>
    public Cgroup Cgroup => ContainerDirectory.CgroupOf(Record) ?? throw new CommandException($"'{Id}' has no cgroup.");

    /// <exception cref="CommandException">There is no such container.</exception>
    public static LockedContainer Open(RuntimeOptions options, string id)
    {
        ContainerDirectory directory = options.Root.Find(id);
        int held = directory.Lock();
        try
        {
            return new LockedContainer(directory, held);
        }
        catch
        {
            LibC.Close(ref held);
            throw;
        }
    }

    public void Dispose() => LibC.Close(ref _lock);
}
