using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Contain;

/// <summary>Names for the steps behind <see cref="StepKind.AwaitStart"/>, which are told of by their kind.</summary>
internal static class StepNames
{
    public static (string Stage, string Call) Of(StepKind kind, string command) => kind switch
    {
        StepKind.Execute => (RuntimeStages.Exec, $"execve({command})"),
        StepKind.BecomeUser => (RuntimeStages.User, "setresuid()"),
        StepKind.Umask => (RuntimeStages.User, "umask()"),
        StepKind.BoundingSet => (RuntimeStages.Capabilities, "prctl(PR_CAPBSET_DROP)"),
        StepKind.CapabilitySets => (RuntimeStages.Capabilities, "capset()"),
        StepKind.PrepareExecution => (RuntimeStages.Exec, "close_range(CLOSE_RANGE_CLOEXEC)"),
        StepKind.AnnounceListener => (RuntimeStages.Seccomp, "sendmsg(listener)"),
        StepKind.LoadFilter => (RuntimeStages.Seccomp, "seccomp(SECCOMP_SET_MODE_FILTER)"),
        StepKind.NoNewPrivileges => (RuntimeStages.Capabilities, "prctl(PR_SET_NO_NEW_PRIVS)"),
        _ => (RuntimeStages.Exec, kind.ToString()),
    };
}
