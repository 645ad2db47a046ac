using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Linux.Systemd;
using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Cgroups;

/// <summary>
/// A container's cgroup by whoever manages it: plain directories, or a scope of systemd's. Made before the container's first process, which
/// joins it; <see cref="Settle"/> comes after that, or <see cref="Undo"/> when it was not to be.
/// </summary>
internal sealed class ContainerCgroup : IDisposable
{
    private readonly CgroupLayout _layout;
    private PlaceholderProcess? _placeholder;

    private ContainerCgroup(CgroupLayout layout, Cgroup group, string? unit, PlaceholderProcess? placeholder)
    {
        _layout = layout;
        Group = group;
        Unit = unit;
        _placeholder = placeholder;
    }

    public Cgroup Group { get; }

    /// <summary>systemd's scope; null when the directories are all there is.</summary>
    public string? Unit { get; }

    /// <summary>What was asked for and left out; only with <see cref="CgroupRequest.Lenient"/>.</summary>
    public List<string> Warnings { get; private set; } = [];

    /// <summary>Makes the group and writes the limits. When a part fails all is undone.</summary>
    /// <exception cref="LinuxException">Names the property.</exception>
    public static ContainerCgroup Make(CgroupRequest request)
    {
        // Both are checked before anything is made.
        CgroupPlan plan = CgroupPlan.From(request.Resources, request.Layout, request.Lenient);
        CgroupPlacement placement = CgroupPlacement.From(request.CgroupsPath, request.Id, request.Systemd);
        ContainerCgroup made = placement.Unit is null ? MakeDirectories(request, placement.Path!) : MakeScope(request, placement, plan);
        try
        {
            if (placement.Unit is null) made.RefuseTaken(request.CgroupsPath);
            plan.Apply(made.Group);
            made.Warnings = plan.Warnings;
            return made;
        }
        catch
        {
            made.Undo();
            throw;
        }
    }

    /// <summary>The group that was made earlier, by what a container's state says of it.</summary>
    public static ContainerCgroup Open(IReadOnlyList<string> directories, string? unit = null)
    {
        CgroupLayout layout = CgroupLayout.Detect();
        return new ContainerCgroup(layout, Cgroup.FromDirectories(directories, layout), unit, null);
    }

    /// <summary>The absolute directories that a group of this path has.</summary>
    public static List<string> Directories(CgroupLayout layout, string path)
    {
        var directories = new List<string>();
        foreach (CgroupHierarchy hierarchy in layout.Version1) directories.Add(hierarchy.MountPoint + path);
        if (layout.Version2 is { } unified) directories.Add(unified.MountPoint + path);
        return directories;
    }

    /// <summary>Changes limits; what is not mentioned stays. When a value is refused, those written before it are taken back.</summary>
    /// <exception cref="LinuxException">Names the property.</exception>
    public void Update(RuntimeResources resources)
    {
        CgroupPlan plan = CgroupPlan.ForUpdate(resources, _layout, Group.Read);
        if (Unit is not null)
        {
            using SystemdConnection systemd = SystemdConnection.Open();
            List<UnitProperty> properties = SystemdProperties.From(
                resources, _layout, systemd.Version(), resources.Devices is null ? null : plan.Devices, Group.Read);
            if (properties.Count > 0) systemd.SetUnitProperties(Unit, properties);
        }
        List<CgroupWrite> before = ValuesBefore(plan.Writes);
        try
        {
            plan.Apply(Group);
        }
        catch (LinuxException)
        {
            Restore(before);
            throw;
        }
    }

    /// <summary>The container's process has joined: a scope needs nobody else to keep it alive.</summary>
    public void Settle() => Dispose();

    /// <summary>Removes all that <see cref="Make"/> made; processes in it are killed.</summary>
    public void Undo()
    {
        Dispose();
        try
        {
            if (Unit is not null || Group.IsNew) Remove();
        }
        catch (LinuxException)
        {
            // Whatever led here is the better message.
        }
        Group.Undo();
    }

    /// <summary>Kills what is left in the group and removes it. Idempotent.</summary>
    /// <exception cref="LinuxException">EBUSY: a process hangs in the kernel and did not end.</exception>
    public void Remove()
    {
        try
        {
            // Nearly always empty by now: the end of a pid namespace's first process is the end of all in it.
            if (Unit is null) Group.Remove(timeout: 0);
            else Group.Kill();
        }
        catch (LinuxException e) when (e.Number == Errno.EBUSY && Unit is null)
        {
            Group.Kill();
            Group.Remove();
        }
        if (Unit is null) return;
        using (SystemdConnection systemd = SystemdConnection.Open())
        {
            systemd.StopUnit(Unit);
            systemd.ResetFailedUnit(Unit);
        }
        Group.Remove();
    }

    public void Dispose()
    {
        _placeholder?.Dispose();
        _placeholder = null;
    }

    private static ContainerCgroup MakeDirectories(CgroupRequest request, string path)
    {
        try
        {
            return new ContainerCgroup(request.Layout, Cgroup.Create(request.Layout, path), null, null);
        }
        catch (LinuxException e)
        {
            throw new LinuxException("linux.cgroupsPath: " + e.Call, e.Number);
        }
    }

    private static ContainerCgroup MakeScope(CgroupRequest request, CgroupPlacement placement, CgroupPlan plan)
    {
        using SystemdConnection systemd = SystemdConnection.Open();
        PlaceholderProcess placeholder = PlaceholderProcess.Start();
        try
        {
            List<UnitProperty> properties = SystemdScope.Properties(
                placement, request.Id, placeholder.Pid,
                SystemdProperties.From(request.Resources, request.Layout, systemd.Version(), plan.Devices, null), request.Annotations);
            SystemdScope.Start(systemd, placement.Unit!, properties);
            string path = SystemdScope.PathOf(placeholder.Pid, request.Layout);
            return new ContainerCgroup(request.Layout, Cgroup.Create(request.Layout, path), placement.Unit, placeholder);
        }
        catch
        {
            placeholder.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A group that others use is not ours to limit, to freeze and in the end to kill. One that is there and empty is: an
    /// administrator may have made it and given it away.
    /// </summary>
    private void RefuseTaken(string? cgroupsPath)
    {
        if (Group.IsNew) return;
        if (Group.Processes() is { Count: > 0 } processes)
        {
            throw new LinuxException(
                $"linux.cgroupsPath: \"{cgroupsPath}\" holds {processes.Count} processes already, {processes[0]} among them", Errno.EBUSY);
        }
        if (Group.IsFrozen()) throw new LinuxException($"linux.cgroupsPath: \"{cgroupsPath}\" is frozen", Errno.EBUSY);
    }

    /// <summary>Of files that hold one value; those with a line for each device are left out.</summary>
    private List<CgroupWrite> ValuesBefore(List<CgroupWrite> writes)
    {
        var before = new List<CgroupWrite>(writes.Count);
        foreach (CgroupWrite write in writes)
        {
            if (Group.Read(write.Controller, write.File) is { Length: > 0 } value && !value.Contains('\n'))
                before.Add(write with { Value = value, Missing = CgroupFileMissing.Skip, Else = null });
        }
        return before;
    }

    private void Restore(List<CgroupWrite> before)
    {
        for (int i = before.Count - 1; i >= 0; i--)
        {
            try
            {
                Group.Apply([before[i]]);
            }
            catch (LinuxException)
            {
                // As far as can be: the message that counts is that of the value that was refused.
            }
        }
    }
}
