using System.Text;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>Host and domain name of the container's uts namespace.</summary>
internal static unsafe class Hostname
{
    public static void Set(StepPlan plan, Setting setting)
    {
        if (!setting.Has("uts")) return;
        Add(plan, StepKind.SetHostname, "sethostname", setting.Config.Hostname);
        Add(plan, StepKind.SetDomainname, "setdomainname", setting.Config.Domainname);
    }

    private static void Add(StepPlan plan, StepKind kind, string call, string? name)
    {
        if (string.IsNullOrEmpty(name)) return;
        plan.Add(
            RuntimeStages.Hostname,
            $"{call}({name})",
            new Step { Kind = kind, Data = plan.Text(name), Value = (ulong)Encoding.UTF8.GetByteCount(name) });
    }
}
