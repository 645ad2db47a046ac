using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Labels of AppArmor and SELinux: of the process, which takes effect with execve and is written while the machine's procfs is there,
/// and of the file systems that are mounted.
/// </summary>
internal static unsafe class SecurityLabels
{
    public static void Set(StepPlan plan, Setting setting)
    {
        if (setting.Process.ApparmorProfile is { Length: > 0 } profile && (profile != "unconfined" || HasAppArmor()))
        {
            if (!HasAppArmor())
            {
                throw Setting.Invalid(
                    $"$.process.apparmorProfile: this kernel has no AppArmor, or it is not enabled; leave '{profile}' out, or boot with apparmor=1");
            }

            string file = Directory.Exists("/proc/self/attr/apparmor") ? "/proc/thread-self/attr/apparmor/exec" : "/proc/thread-self/attr/exec";
            Write(plan, "$.process.apparmorProfile", file, "exec " + profile);
        }

        if (setting.Process.SelinuxLabel is { Length: > 0 } label)
        {
            if (!HasSelinux())
                throw Setting.Invalid($"$.process.selinuxLabel: this kernel has no SELinux, or it is not enabled; leave '{label}' out");
            Write(plan, "$.process.selinuxLabel", "/proc/thread-self/attr/exec", label);
        }
    }

    /// <summary>
    /// Says what the kernel cannot heed. A process that should be confined and would not be is refused; a file system without the label
    /// that nobody would look at is the same as with it.
    /// </summary>
    public static void Warn(RuntimeConfig config, Action<string> warn)
    {
        if (config.Linux?.MountLabel is { Length: > 0 } label && !HasSelinux())
            warn($"$.linux.mountLabel: this kernel has no SELinux, or it is not enabled: mounts do not get the label '{label}'");
    }

    /// <summary>Options of a mount with linux.mountLabel, on file systems that take one.</summary>
    public static string? MountData(Setting setting, string type, string? data)
    {
        if (setting.Linux.MountLabel is not { Length: > 0 } label || !HasSelinux()) return data;
        if (type is "proc" or "sysfs" or "cgroup" or "cgroup2" or "devpts") return data;
        string context = $"context=\"{label}\"";
        return data is null ? context : data + "," + context;
    }

    private static void Write(StepPlan plan, string property, string path, string text) =>
        plan.Add(RuntimeStages.Security, $"{property}: write({path}, {text})", new Step
        {
            Kind = StepKind.WriteFile,
            Path = plan.Text(path),
            Data = plan.Text(text),
            Value = (ulong)Encoding.UTF8.GetByteCount(text),
        });

    private static bool HasAppArmor() => LibC.TryReadFile("/sys/module/apparmor/parameters/enabled", 16) is [(byte)'Y', ..];

    private static bool HasSelinux() => File.Exists("/sys/fs/selinux/enforce");
}
