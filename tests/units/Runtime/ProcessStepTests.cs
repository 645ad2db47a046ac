using System.Runtime.InteropServices;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Steps;
using Xunit;

namespace DockerPS.Units.Runtime;

/// <summary>Attributes of the process as the bytes that the kernel takes.</summary>
public unsafe class ProcessStepTests
{
    private static Setting Setting(RuntimeProcess process, RuntimeLinux? linux = null)
    {
        linux ??= new RuntimeLinux();
        linux.Namespaces ??= [new RuntimeNamespace { Type = "mount" }, new RuntimeNamespace { Type = "network" }];
        return new Setting { Config = new RuntimeConfig { Process = process, Linux = linux }, Process = process, Bundle = "/" };
    }

    private static void Plan(Action<StepPlan> make, Action<Step[]> look)
    {
        using var plan = new StepPlan();
        make(plan);
        look(new Span<Step>(plan.Freeze(), plan.Count).ToArray());
    }

    [Fact]
    public void A_scheduler_is_struct_sched_attr()
    {
        var process = new RuntimeProcess
        {
            Scheduler = new RuntimeScheduler
            {
                Policy = "SCHED_DEADLINE", Flags = ["SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM"], Nice = -3, Priority = 4,
                Runtime = 5, Deadline = 6, Period = 7,
            },
        };
        Plan(plan => Scheduling.Set(plan, Setting(process)), steps =>
        {
            Step step = Assert.Single(steps);
            Assert.Equal(StepKind.Scheduler, step.Kind);
            Assert.Equal(
                [48, 6, 3, 0, unchecked((uint)-3), 4, 5, 0, 6, 0, 7, 0],
                new Span<uint>(step.Data, 12).ToArray());
        });
    }

    [Theory]
    [InlineData("IOPRIO_CLASS_RT", 3, 0x2003UL)]
    [InlineData("IOPRIO_CLASS_BE", 7, 0x4007UL)]
    [InlineData("IOPRIO_CLASS_IDLE", 0, 0x6000UL)]
    public void An_input_output_priority_is_class_and_level(string @class, int priority, ulong value)
    {
        var process = new RuntimeProcess { IoPriority = new RuntimeIoPriority { Class = @class, Priority = priority } };
        Plan(plan => Scheduling.Set(plan, Setting(process)), steps => Assert.Equal(value, Assert.Single(steps).Value));
    }

    [Theory]
    [InlineData("0", 0x01UL)]
    [InlineData("0-3,7", 0x8FUL)]
    [InlineData(" 1 , 3-4 ", 0x1AUL)]
    [InlineData("63", 0x8000000000000000UL)]
    public void A_list_of_processors_is_a_mask(string list, ulong mask)
    {
        var process = new RuntimeProcess { ExecCpuAffinity = new RuntimeCpuAffinity { Initial = list } };
        Plan(plan => Scheduling.SetInitialCpus(plan, Setting(process)), steps => Assert.Equal(mask, *(ulong*)Assert.Single(steps).Data));
    }

    [Theory]
    [InlineData("1-0")]
    [InlineData("a")]
    [InlineData("1,,2")]
    [InlineData("-1")]
    [InlineData("99999999")]
    public void A_list_that_is_none_is_refused(string list)
    {
        var process = new RuntimeProcess { ExecCpuAffinity = new RuntimeCpuAffinity { Final = list } };
        using var plan = new StepPlan();
        Assert.Contains(
            "$.process.execCPUAffinity.final",
            Assert.Throws<RuntimeFailureException>(() => Scheduling.SetFinalCpus(plan, Setting(process))).Message);
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [InlineData("net/ipv4/conf/eth0.100/forwarding", "/proc/sys/net/ipv4/conf/eth0.100/forwarding")]
    public void A_parameter_of_a_namespace_is_a_file_of_procfs(string name, string path)
    {
        var linux = new RuntimeLinux { Sysctl = new() { [name] = "1" } };
        using var plan = new StepPlan();
        Sysctl.Write(plan, Setting(new RuntimeProcess(), linux));
        Assert.Equal(path, Marshal.PtrToStringUTF8((nint)plan.Freeze()[0].Path));
    }

    [Fact]
    public void Capability_sets_that_are_not_named_are_empty()
    {
        Plan(plan => Become(plan, Setting(new RuntimeProcess())), steps =>
        {
            Step bounding = Assert.Single(steps, s => s.Kind == StepKind.BoundingSet);
            Step sets = Assert.Single(steps, s => s.Kind == StepKind.CapabilitySets);
            Assert.Equal((0UL, 0UL, 0UL, 0UL, 0UL), (bounding.Flags, sets.Flags, sets.Value, sets.Extra, sets.Clear));
        });
        var given = new RuntimeProcess
        {
            Capabilities = new RuntimeCapabilities
            {
                Bounding = ["CAP_CHOWN"], Effective = ["CAP_DAC_OVERRIDE"], Permitted = ["CAP_DAC_READ_SEARCH"], Inheritable = ["CAP_FOWNER"],
                Ambient = ["CAP_FSETID"],
            },
        };
        Plan(plan => Become(plan, Setting(given)), steps =>
        {
            Step bounding = Assert.Single(steps, s => s.Kind == StepKind.BoundingSet);
            Step sets = Assert.Single(steps, s => s.Kind == StepKind.CapabilitySets);
            Assert.Equal((1UL, 2UL, 4UL, 8UL, 16UL), (bounding.Flags, sets.Flags, sets.Value, sets.Extra, sets.Clear));
        });

        static void Become(StepPlan plan, Setting setting)
        {
            Credentials.Become(plan, setting);
            Credentials.DropCapabilities(plan, setting);
        }
    }
}
