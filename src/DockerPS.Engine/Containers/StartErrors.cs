using DockerPS.Oci.Bundle;

namespace DockerPS.Engine.Containers;

/// <summary>Makes the typed error of a failure that <c>dockerps-runtime</c> reported.</summary>
internal static class StartErrors
{
    /// <param name="failure">What was reported.</param>
    /// <param name="what">What could not be done, as the beginning of a sentence: <c>Container 'web' could not be started</c>.</param>
    /// <param name="subject">What it is about.</param>
    public static ContainerRuntimeException From(RuntimeFailure failure, string what, object subject)
    {
        (string id, string next) = failure switch
        {
            { ExitCode: 127 } => ("CommandNotFound", "Check the spelling and that the image contains it."),
            { ExitCode: 126 } => ("CommandNotExecutable", "Name an executable file for this machine's architecture."),
            { Stage: RuntimeStages.User } => ("UserNotFound", "Use a user or group of the image's /etc/passwd and /etc/group, or a number."),
            { Stage: RuntimeStages.WorkingDirectory } => ("WorkingDirectoryFailed", "Choose a working directory that the user may enter."),
            { Stage: RuntimeStages.Runtime } => ("RuntimeFailed", "Ask the runtime's documentation, or start it with our own by leaving -Runtime out."),
            { Stage: RuntimeStages.Cgroup } => ("ResourceLimitFailed", "Check the limits; Get-ContainerEngine tells which cgroups this machine has."),
            { Stage: RuntimeStages.Volume, Errno: 28 or 122 } => ("VolumeFull", "Free space on the file system of the store, or mount the volume with nocopy."),
            { Stage: RuntimeStages.Volume } => ("VolumeMountFailed", "See the volume with Get-ContainerVolume."),
            { Stage: RuntimeStages.Mounts } => ("MountFailed", "Check sources and targets of the mounts."),
            { Stage: RuntimeStages.Devices } => ("DeviceFailed", "Check the devices that were asked for."),
            { Stage: RuntimeStages.Sysctl } => ("SysctlFailed", "Check name and value of the sysctls."),
            { Stage: RuntimeStages.Seccomp } => ("SeccompFailed", "Check the profile, or run without one: -SecurityOption seccomp=unconfined."),
            { Stage: RuntimeStages.Network, Errno: 98 } => ("PortTaken", "Publish it on another port of this machine, or end what has it."),
            { Stage: RuntimeStages.Network, Errno: 99 } => ("AddressNotLocal", "Publish it on an address of this machine."),
            { Stage: RuntimeStages.Network, Errno: 1 } => ("NetworkPermissionDenied", "Run PowerShell with the capability CAP_NET_ADMIN, or the container with -Network none or host."),
            { Stage: RuntimeStages.Network, Errno: 95 } => ("NetworkNotSupported", "Load what this kernel lacks (modprobe bridge veth macvlan), or run the container with -Network none or host."),
            { Stage: RuntimeStages.Network } => ("NetworkFailed", "Check the network's options with Get-ContainerNetwork, and what else uses its interfaces."),
            { Stage: RuntimeStages.Rlimits } => ("UlimitFailed", "Ask for limits at most as high as this machine's own (ulimit -H -a)."),
            { Errno: 1 } => ("ContainerStartFailed", "Run PowerShell as root, on a machine that allows namespaces and mounts."),
            { Errno: 28 } => ("ContainerStartFailed", "Free space on the file system of the store."),
            _ => ("ContainerStartFailed", "Run it again with -Debug to see every step."),
        };
        string text = failure.Text.TrimEnd('.', ' ');
        string call = failure.Call.Length > 0 && !text.Contains(failure.Call, StringComparison.Ordinal) ? $" [{failure.Call}]" : "";
        return new ContainerRuntimeException(
            id, $"{what}: {text}{call}. {next}", subject, failure.Stage, failure.Call, failure.Errno, failure.ExitCode);
    }
}
