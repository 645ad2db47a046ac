using DockerPS.Linux;
using DockerPS.Linux.Cgroups;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Cgroups;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Lifecycle;
using DockerPS.Runtime.Supervision;

namespace DockerPS.Runtime.Commands;

/// <summary><c>delete [--force] ID</c>: removes what a stopped container left; by force also one that runs, and what a killed <c>create</c> left.</summary>
internal static class Delete
{
    private static readonly string[] s_table = ["force|f"];

    public static int Run(RuntimeOptions options, string[] args)
    {
        VerbArguments arguments = VerbArguments.Parse(args, s_table);
        if (arguments.Help) return Usage.Verb("delete", "ID", s_table);
        bool force = arguments.Has("force");
        string id = arguments.Single("delete");
        ContainerDirectory? directory = options.Root.TryFind(id);
        if (directory is null)
        {
            if (force) return 0;
            throw new CommandException($"container does not exist: '{id}' is not in {options.Root.Path}; 'list' shows what is there.");
        }

        int held = directory.Lock();
        try
        {
            Remove(directory, force, options.Log);
            return 0;
        }
        finally
        {
            LibC.Close(ref held);
        }
    }

    /// <summary>Ends and removes it. The caller holds the lock, or is the only one who knows of the container.</summary>
    public static void Remove(ContainerDirectory directory, bool force, RuntimeLog log)
    {
        ContainerRecord? record = Record(directory, force, out bool damaged);
        if (record is not null)
        {
            string status = directory.Status(record);
            if (status != "stopped" && !force)
                throw new CommandException($"cannot delete container '{directory.Id}' that is not stopped: {status}. Stop it first ('kill'), or use --force.");
            KillInit(record);
            if (record.Cgroups.Count > 0 || record.CgroupUnit is not null) End(record, log);
        }

        RuntimeConfig? config = Config(directory);
        if (damaged && config is not null) EndDamaged(directory.Id, config, log);
        directory.Remove();
        if (record is null || config?.Hooks?.Poststop is not { Count: > 0 } stopped) return;
        new HookRunner(config, record.Bundle)
            .RunAll("poststop", stopped, OciState.ToJson(record, "stopped", full: false), log.Warning);
    }

    private static ContainerRecord? Record(ContainerDirectory directory, bool force, out bool damaged)
    {
        damaged = false;
        try
        {
            return directory.TryRead();
        }
        catch (CommandException) when (force)
        {
            damaged = true;
            return null;
        }
    }

    /// <summary>The state is there and cannot be read: its configuration still tells which cgroup is the container's.</summary>
    private static void EndDamaged(string id, RuntimeConfig config, RuntimeLog log)
    {
        try
        {
            string path = CgroupPlacement.From(config.Linux?.CgroupsPath, id, systemd: false).Path!;
            ContainerCgroup.Open(ContainerCgroup.Directories(CgroupLayout.Detect(), path)).Remove();
        }
        catch (LinuxException e)
        {
            log.Warning(e.Message);
        }
    }

    private static RuntimeConfig? Config(ContainerDirectory directory)
    {
        try
        {
            return directory.ReadConfig();
        }
        catch (RuntimeFailureException)
        {
            // Damaged, or creation had not come so far: then there are no hooks to run.
            return null;
        }
    }

    private static void KillInit(ContainerRecord record)
    {
        if (record.Init is not { } init || record.BootId != ProcStat.BootId()) return;
        int pidfd = ProcStat.OpenPidfd(init.Pid, init.StartTime);
        if (pidfd < 0) return;
        LibC.SendSignal(pidfd, LibC.SIGKILL);
        if (ContainerDirectory.CgroupOf(record) is { } cgroup) TryThaw(cgroup);
        LibC.WaitForEnd(pidfd, 10_000);
        LibC.Close(ref pidfd);
    }

    private static void TryThaw(Cgroup cgroup)
    {
        try
        {
            cgroup.Thaw();
        }
        catch (LinuxException)
        {
            // No freezer, or the group is gone: nothing was frozen.
        }
    }

    private static void End(ContainerRecord record, RuntimeLog log)
    {
        try
        {
            ContainerCgroup.Open(record.Cgroups, record.CgroupUnit).Remove();
        }
        catch (LinuxException e)
        {
            log.Warning(e.Message);
        }
    }
}
