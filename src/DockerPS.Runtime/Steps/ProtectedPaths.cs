using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Paths of /proc and /sys that are hidden or made read-only (config-linux.md, "Masked Paths", "Readonly Paths").</summary>
internal static unsafe class ProtectedPaths
{
    public static void Hide(StepPlan plan, Setting setting)
    {
        foreach (string path in setting.Linux.ReadonlyPaths ?? [])
        {
            plan.Add(
                RuntimeStages.Mounts,
                $"mount_setattr({path}, ro)",
                new Step { Kind = StepKind.ProtectAt, Path = plan.Text(Path.GetFullPath(path)), Flags = LibC.MOUNT_ATTR_RDONLY });
        }

        foreach (string path in setting.Linux.MaskedPaths ?? [])
        {
            plan.Add(
                RuntimeStages.Mounts,
                $"mask({path})",
                new Step { Kind = StepKind.MaskAt, Path = plan.Text(Path.GetFullPath(path)) });
        }
    }
}
