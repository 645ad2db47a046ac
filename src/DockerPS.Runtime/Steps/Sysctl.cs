using System.Text;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// Kernel parameters, which the validation of config.json has found to be the container's own. /proc/sys shows the writer's own
/// namespaces, so the host's procfs serves, which no image can cover.
/// </summary>
internal static unsafe class Sysctl
{
    public static void Write(StepPlan plan, Setting setting)
    {
        if (setting.Linux.Sysctl is null) return;
        foreach ((string name, string value) in setting.Linux.Sysctl)
        {
            string path = "/proc/sys/" + SysctlName.Path(name);
            plan.Add(RuntimeStages.Sysctl, $"$.linux.sysctl: write({path}, {value})", new Step
            {
                Kind = StepKind.WriteFile,
                Path = plan.Text(path),
                Data = plan.Text(value),
                Value = (ulong)Encoding.UTF8.GetByteCount(value),
            });
        }
    }
}
