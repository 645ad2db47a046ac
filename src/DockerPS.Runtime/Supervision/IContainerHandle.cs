using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Supervision;

/// <summary>How a supervisor reaches the container beside it.</summary>
internal interface IContainerHandle
{
    /// <summary>Sends a signal to the first process; 0, or minus errno.</summary>
    int Signal(int number);

    /// <exception cref="LinuxException">It could not be frozen.</exception>
    void Freeze();

    /// <exception cref="LinuxException">It could not be thawed.</exception>
    void Thaw();
}

/// <summary>A container of our own: its first process by descriptor, and its cgroup.</summary>
internal sealed class OwnContainer(Born born, Cgroup cgroup) : IContainerHandle
{
    public int Signal(int number) => LibC.SendSignal(born.Pidfd, number);

    public void Freeze() => cgroup.Freeze();

    public void Thaw() => cgroup.Thaw();
}
