using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Paths of /proc and /sys that are hidden or made read-only (config-linux.md, "Masked Paths", "Readonly Paths").</summary>
internal static unsafe class ProtectedPaths
{
    public static void Hide(StepPlan plan, Setting setting)
    {
        if (!setting.HasMountNamespace) return;
        List<string> readable = setting.Linux.ReadonlyPaths ?? [];
        for (int i = 0; i < readable.Count; i++)
        {
            string path = Absolute(readable[i], $"$.linux.readonlyPaths[{i}]");
            plan.Add(
                RuntimeStages.Mounts,
                $"$.linux.readonlyPaths[{i}]: mount_setattr({path}, ro)",
                new Step { Kind = StepKind.ProtectAt, Path = plan.Text(path), Flags = LibC.MOUNT_ATTR_RDONLY });
        }

        List<string> masked = setting.Linux.MaskedPaths ?? [];
        if (masked.Count == 0) return;
        byte* options = plan.Text(SecurityLabels.MountData(setting, "tmpfs", "size=0k,nr_inodes=1,mode=555"));
        for (int i = 0; i < masked.Count; i++)
        {
            string path = Absolute(masked[i], $"$.linux.maskedPaths[{i}]");
            plan.Add(
                RuntimeStages.Mounts,
                $"$.linux.maskedPaths[{i}]: mount({path}, nothing)",
                new Step { Kind = StepKind.MaskAt, Path = plan.Text(path), Data = options });
        }
    }

    private static string Absolute(string path, string where) =>
        path.StartsWith('/') ? Path.GetFullPath(path) : throw Setting.Invalid($"{where}: '{path}' must be absolute");
}
