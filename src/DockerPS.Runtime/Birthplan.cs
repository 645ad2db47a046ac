using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;

namespace DockerPS.Runtime;

/// <summary>A container's birth: what its first process does, in this order, between clone3 and execve.</summary>
internal static class Birthplan
{
    /// <summary>For the first process of a container.</summary>
    public static void Container(StepPlan plan, Setting setting)
    {
        Credentials.ClearUmask(plan);
        CgroupStep.Join(plan, setting);
        Scheduling.ResetCpus(plan);
        SecurityLabels.Set(plan, setting);
        NamespaceStep.Join(plan, setting);
        RootFileSystem.Mount(plan, setting);
        MappedMounts.Open(setting);
        MountPlan.Mount(plan, setting);
        Devices.Make(plan, setting);
        Terminal.Open(plan, setting);
        Sysctl.Write(plan, setting);
        Limits.SetOomScore(plan, setting);
        NetworkStep.LoopbackUp(plan, setting);
        ProtectedPaths.Hide(plan, setting);
        StartGate.AwaitHooks(plan, setting);
        RootFileSystem.Pivot(plan, setting);
        Hostname.Set(plan, setting);
        Limits.Set(plan, setting);
        Credentials.Learn(plan);
        Streams.Set(plan);
        Streams.CloseOthers(plan, setting);
        WorkingDirectory.Enter(plan, setting);
        Scheduling.Set(plan, setting);
        Scheduling.SetMemoryPolicy(plan, setting);
        Personality.Set(plan, setting);
        StartGate.AwaitStart(plan, setting);
        Credentials.Become(plan, setting);
        WorkingDirectory.EnterAsUser(plan, setting);
        Execution.Prepare(plan);
        SeccompFilter.LoadPrivileged(plan, setting);
        Credentials.DropCapabilities(plan, setting);
        SeccompFilter.LoadUnprivileged(plan, setting);
        Execution.Execute(plan, setting);
    }

    /// <summary>For a hook: in the namespaces of a container, or with a pidfd of -1 in those of the runtime.</summary>
    public static void Hook(StepPlan plan, Setting setting, int initPidfd)
    {
        if (initPidfd >= 0) NamespaceStep.Enter(plan, setting, initPidfd);
        Streams.Set(plan);
        Streams.CloseOthers(plan, setting);
        Execution.Prepare(plan);
        Execution.Execute(plan, setting);
    }

    /// <summary>For another runtime that is to make the container.</summary>
    public static void Foreign(StepPlan plan, Setting setting)
    {
        RootFileSystem.MountForOther(plan, setting);
        StartGate.AwaitHooks(plan, setting);
        Streams.Set(plan);
        Streams.CloseOthers(plan, setting);
        Execution.Prepare(plan);
        Execution.Execute(plan, setting);
    }

    /// <summary>For a further process in a running container.</summary>
    public static void Command(StepPlan plan, Setting setting, int initPidfd)
    {
        Scheduling.SetInitialCpus(plan, setting);
        CgroupStep.Join(plan, setting);
        Scheduling.SetFinalCpus(plan, setting);
        Limits.SetOomScore(plan, setting);
        SecurityLabels.Set(plan, setting);
        NamespaceStep.Enter(plan, setting, initPidfd);
        Terminal.OpenInside(plan, setting);
        Limits.Set(plan, setting);
        Credentials.Learn(plan);
        Streams.Set(plan);
        Streams.CloseOthers(plan, setting);
        WorkingDirectory.Enter(plan, setting);
        Scheduling.Set(plan, setting);
        Personality.Set(plan, setting);
        Credentials.Become(plan, setting);
        WorkingDirectory.EnterAsUser(plan, setting);
        Execution.Prepare(plan);
        SeccompFilter.LoadPrivileged(plan, setting);
        Credentials.DropCapabilities(plan, setting);
        SeccompFilter.LoadUnprivileged(plan, setting);
        Execution.Execute(plan, setting);
    }
}
