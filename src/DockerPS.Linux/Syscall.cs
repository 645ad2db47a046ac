using System.Runtime.InteropServices;

namespace DockerPS.Linux;

/// <summary>
/// Raw system calls by number (syscall(2)), for the single-threaded child between clone3 and execve: no wrapper of the C library
/// with a lock, a thread broadcast or a cancellation point in it may run there. Every method returns the result or minus errno.
/// </summary>
public static unsafe partial class Syscall
{
    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint Raw(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    /// <summary>Invokes a system call; -errno on failure.</summary>
    public static nint Invoke(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint result = Raw(number, a, b, c, d, e, f);
        return result == -1 ? -Marshal.GetLastSystemError() : result;
    }

    /// <summary>Invokes a system call where not even errno can be asked for, before the runtime is initialised; -1 on failure.</summary>
    public static nint InvokeEarly(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0) =>
        Raw(number, a, b, c, d, e, f);

    private static bool Arm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    // Numbers below 424 differ between the architectures; later ones are the same everywhere.
    public static int Read => Arm ? 63 : 0;
    public static int Write => Arm ? 64 : 1;
    public static int Close => Arm ? 57 : 3;
    public static int OpenAt => Arm ? 56 : 257;
    public static int MkdirAt => Arm ? 34 : 258;
    public static int MknodAt => Arm ? 33 : 259;
    public static int SymlinkAt => Arm ? 36 : 266;
    public static int FchownAt => Arm ? 54 : 260;
    public static int FchmodAt => Arm ? 53 : 268;
    public static int FstatAt => Arm ? 79 : 262;
    public static int ReadlinkAt => Arm ? 78 : 267;
    public static int Statfs => Arm ? 43 : 137;
    public static int Fstatfs => Arm ? 44 : 138;
    public static int Getdents64 => Arm ? 61 : 217;
    public static int Sendfile => Arm ? 71 : 40;
    public static int UtimensAt => Arm ? 88 : 280;
    public static int Personality => Arm ? 92 : 135;
    public static int SchedSetattr => Arm ? 274 : 314;
    public static int SchedSetaffinity => Arm ? 122 : 203;
    public static int IoprioSet => Arm ? 30 : 251;
    public static int SetMempolicy => Arm ? 237 : 238;
    public static int MemfdCreate => Arm ? 279 : 319;
    public static int ExecveAt => Arm ? 281 : 322;
    public static int Dup3 => Arm ? 24 : 292;
    public static int Ioctl => Arm ? 29 : 16;
    public static int Socket => Arm ? 198 : 41;
    public static int SetSockOpt => Arm ? 208 : 54;
    public static int Accept4 => Arm ? 242 : 288;
    public static int Statx => Arm ? 291 : 332;
    public static int SendMsg => Arm ? 211 : 46;
    public static int Mount => Arm ? 40 : 165;
    public static int Umount2 => Arm ? 39 : 166;
    public static int PivotRoot => Arm ? 41 : 155;
    public static int Chdir => Arm ? 49 : 80;
    public static int Fchdir => Arm ? 50 : 81;
    public static int Getcwd => Arm ? 17 : 79;
    public static int Umask => Arm ? 166 : 95;
    public static int Unshare => Arm ? 97 : 272;
    public static int Setns => Arm ? 268 : 308;
    public static int SetHostname => Arm ? 161 : 170;
    public static int SetDomainname => Arm ? 162 : 171;
    public static int Prlimit64 => Arm ? 261 : 302;
    public static int Prctl => Arm ? 167 : 157;
    public static int Sysinfo => Arm ? 179 : 99;
    public static int Capget => Arm ? 90 : 125;
    public static int Capset => Arm ? 91 : 126;
    public static int SetGroups => Arm ? 159 : 116;
    public static int SetResUid => Arm ? 147 : 117;
    public static int SetResGid => Arm ? 149 : 119;
    public static int Setsid => Arm ? 157 : 112;
    public static int SetFsUid => Arm ? 151 : 122;
    public static int SetFsGid => Arm ? 152 : 123;
    public static int GetPid => Arm ? 172 : 39;
    public static int Chroot => Arm ? 51 : 161;
    public static int Keyctl => Arm ? 219 : 250;
    public static int RtSigaction => Arm ? 134 : 13;
    public static int RtSigprocmask => Arm ? 135 : 14;
    public static int RtSigtimedwait => Arm ? 137 : 128;
    public static int Execve => Arm ? 221 : 59;
    public static int ExitGroup => Arm ? 94 : 231;
    public static int Wait4 => Arm ? 260 : 61;
    public static int Fcntl => Arm ? 25 : 72;
    public static int Seccomp => Arm ? 277 : 317;
    public const int PidfdSendSignal = 424;
    public const int OpenTree = 428;
    public const int MoveMount = 429;
    public const int Fsopen = 430;
    public const int Fsconfig = 431;
    public const int Fsmount = 432;
    public const int PidfdOpen = 434;
    public static int Clone => Arm ? 220 : 56;
    public const int Clone3 = 435;
    public const int CloseRange = 436;
    public const int OpenAt2 = 437;
    public const int PidfdGetfd = 438;
    public const int FaccessAt2 = 439;
    public const int MountSetattr = 442;
}
