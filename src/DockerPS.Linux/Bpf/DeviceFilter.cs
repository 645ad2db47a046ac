using DockerPS.Linux.Cgroups;

namespace DockerPS.Linux.Bpf;

/// <summary>
/// A BPF program of type CGROUP_DEVICE: what restricts devices in cgroup version 2. It gets struct bpf_cgroup_dev_ctx
/// { u32 access_type (access &lt;&lt; 16 | type), major, minor } and returns 1 to allow, 0 for EPERM.
/// </summary>
/// <remarks>https://docs.kernel.org/admin-guide/cgroup-v2.html#device-controller</remarks>
public static class DeviceFilter
{
    private const int Result = 0, Context = 1, Type = 2, Wanted = 3, Major = 4, Minor = 5;
    private const int BlockDevice = 1, CharacterDevice = 2;

    /// <summary>
    /// The rules as a program. The last rule that covers a device and an access decides, so they are tried from the last to the
    /// first, and each access that a rule allows is crossed off what is wanted: reading may be allowed by one rule and
    /// writing by another. What is left over in the end is allowed.
    /// </summary>
    public static BpfInstruction[] Compile(IReadOnlyList<DeviceRule> rules)
    {
        var program = new List<BpfInstruction>(8 + rules.Count * 7)
        {
            BpfInstruction.Load(Type, Context, 0),
            BpfInstruction.And(Type, 0xFFFF),
            BpfInstruction.Load(Wanted, Context, 0),
            BpfInstruction.ShiftRight(Wanted, 16),
            BpfInstruction.Load(Major, Context, 4),
            BpfInstruction.Load(Minor, Context, 8),
        };
        for (int i = rules.Count - 1; i >= 0; i--)
        {
            Add(program, rules[i]);
            // Nothing gets past it, and the verifier refuses instructions that nothing reaches.
            if (rules[i].IsForEverything) return [.. program];
        }
        program.Add(BpfInstruction.Move(Result, 1));
        program.Add(BpfInstruction.Exit);
        return [.. program];
    }

    private static void Add(List<BpfInstruction> program, DeviceRule rule)
    {
        if (rule.IsForEverything)
        {
            program.Add(BpfInstruction.Move(Result, rule.Allow ? 1 : 0));
            program.Add(BpfInstruction.Exit);
            return;
        }
        if (rule.Access == DeviceAccess.None) return;

        // Each test that fails jumps to the next rule.
        int skip = 4 + (rule.Minor is null ? 0 : 1);
        if (rule.Type != DeviceType.All)
        {
            int type = rule.Type == DeviceType.Block ? BlockDevice : CharacterDevice;
            program.Add(BpfInstruction.JumpUnlessEqual(Type, type, skip + (rule.Major is null ? 0 : 1)));
        }
        if (rule.Major is { } major) program.Add(BpfInstruction.JumpUnlessEqual(Major, (int)major, skip));
        if (rule.Minor is { } minor) program.Add(BpfInstruction.JumpUnlessEqual(Minor, (int)minor, skip - 1));
        if (rule.Allow)
        {
            program.Add(BpfInstruction.And(Wanted, (int)(DeviceAccess.All & ~rule.Access)));
            program.Add(BpfInstruction.JumpUnlessEqual(Wanted, 0, 2));
        }
        else
        {
            program.Add(BpfInstruction.JumpIfAny(Wanted, (int)rule.Access, 1));
            program.Add(BpfInstruction.Jump(2));
        }
        program.Add(BpfInstruction.Move(Result, rule.Allow ? 1 : 0));
        program.Add(BpfInstruction.Exit);
    }

    /// <summary>Loads it into the kernel. The caller closes the descriptor; an attached program stays.</summary>
    public static int Load(BpfInstruction[] program) => LibC.LoadDeviceProgram(program);

    /// <summary>Attaches a loaded program to a cgroup's directory, besides those that may be there: all must allow.</summary>
    public static void Attach(int program, int directory) => LibC.AttachDeviceProgram(program, directory);

    /// <summary>The identifiers of the programs attached to a cgroup's directory itself, not to one above it.</summary>
    public static uint[] Attached(int directory) => LibC.QueryDevicePrograms(directory);

    /// <summary>Detaches a program. One that is gone already is fine.</summary>
    public static void Detach(uint program, int directory) => LibC.DetachDeviceProgram(program, directory);
}
