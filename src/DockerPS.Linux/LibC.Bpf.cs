using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux.Bpf;

namespace DockerPS.Linux;

// bpf(2). https://man7.org/linux/man-pages/man2/bpf.2.html
public static unsafe partial class LibC
{
    private const int BPF_PROG_LOAD = 5, BPF_PROG_ATTACH = 8, BPF_PROG_DETACH = 9, BPF_PROG_GET_FD_BY_ID = 13, BPF_PROG_QUERY = 16,
        BPF_PROG_TYPE_CGROUP_DEVICE = 15, BPF_CGROUP_DEVICE = 6,
        BPF_F_ALLOW_MULTI = 2;

    // The beginning of union bpf_attr; what lies behind the given size is zero to the kernel.
    [StructLayout(LayoutKind.Sequential)]
    private struct bpf_load
    {
        public uint prog_type;
        public uint insn_cnt;
        public ulong insns;
        public ulong license;
        public uint log_level;
        public uint log_size;
        public ulong log_buf;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct bpf_attach
    {
        public uint target_fd;
        public uint attach_bpf_fd;
        public uint attach_type;
        public uint attach_flags;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint bpf_call(nint number, nint command, void* attributes, nint size);

    private static nint BpfNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 321,
        Architecture.X86 => 357,
        Architecture.Arm => 386,
        _ => 280,
    };

    /// <summary>A descriptor, close-on-exec as all of bpf's. When the verifier refuses it, the error tells its words.</summary>
    internal static int LoadDeviceProgram(BpfInstruction[] program)
    {
        ReadOnlySpan<byte> license = "MIT\0"u8;
        fixed (BpfInstruction* instructions = program)
        fixed (byte* licenseText = license)
        {
            var load = new bpf_load
            {
                prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt = (uint)program.Length, insns = (ulong)instructions,
                license = (ulong)licenseText,
            };
            nint descriptor = bpf_call(BpfNumber, BPF_PROG_LOAD, &load, sizeof(bpf_load));
            if (descriptor >= 0) return (int)descriptor;
            int errno = Marshal.GetLastPInvokeError();

            // Verifying with a log is slower: only to explain.
            byte[] log = new byte[4096];
            fixed (byte* buffer = log)
            {
                (load.log_level, load.log_size, load.log_buf) = (1, (uint)log.Length, (ulong)buffer);
                descriptor = bpf_call(BpfNumber, BPF_PROG_LOAD, &load, sizeof(bpf_load));
                if (descriptor >= 0) return (int)descriptor;
            }
            string said = Encoding.UTF8.GetString(log, 0, Math.Max(0, Array.IndexOf(log, (byte)0))).Trim().ReplaceLineEndings("; ");
            throw new LinuxException($"bpf(PROG_LOAD, CGROUP_DEVICE{(said.Length > 0 ? ": " + said : "")})", errno);
        }
    }

    internal static void AttachDeviceProgram(int program, int directory)
    {
        var attach = new bpf_attach
        {
            target_fd = (uint)directory, attach_bpf_fd = (uint)program, attach_type = BPF_CGROUP_DEVICE,
            attach_flags = BPF_F_ALLOW_MULTI,
        };
        if (bpf_call(BpfNumber, BPF_PROG_ATTACH, &attach, sizeof(bpf_attach)) < 0)
            throw new LinuxException("bpf(PROG_ATTACH, CGROUP_DEVICE)", Marshal.GetLastPInvokeError());
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct bpf_query
    {
        public uint target_fd;
        public uint attach_type;
        public uint query_flags;
        public uint attach_flags;
        public ulong prog_ids;
        public uint prog_cnt;
    }

    internal static uint[] QueryDevicePrograms(int directory)
    {
        // A cgroup holds at most 64 programs of a type.
        uint* programs = stackalloc uint[64];
        var query = new bpf_query { target_fd = (uint)directory, attach_type = BPF_CGROUP_DEVICE, prog_ids = (ulong)programs, prog_cnt = 64 };
        if (bpf_call(BpfNumber, BPF_PROG_QUERY, &query, sizeof(bpf_query)) < 0)
            throw new LinuxException("bpf(PROG_QUERY, CGROUP_DEVICE)", Marshal.GetLastPInvokeError());
        return new Span<uint>(programs, (int)Math.Min(query.prog_cnt, 64)).ToArray();
    }

    internal static void DetachDeviceProgram(uint program, int directory)
    {
        // The identifier is the first member of its request.
        long* request = stackalloc long[2] { program, 0 };
        nint descriptor = bpf_call(BpfNumber, BPF_PROG_GET_FD_BY_ID, request, 16);
        if (descriptor < 0)
        {
            if (Marshal.GetLastPInvokeError() == Errno.ENOENT) return;
            throw new LinuxException("bpf(PROG_GET_FD_BY_ID)", Marshal.GetLastPInvokeError());
        }
        try
        {
            var detach = new bpf_attach { target_fd = (uint)directory, attach_bpf_fd = (uint)descriptor, attach_type = BPF_CGROUP_DEVICE };
            if (bpf_call(BpfNumber, BPF_PROG_DETACH, &detach, sizeof(bpf_attach)) < 0 && Marshal.GetLastPInvokeError() != Errno.ENOENT)
                throw new LinuxException("bpf(PROG_DETACH, CGROUP_DEVICE)", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = close((int)descriptor);
        }
    }
}
