using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// libseccomp (seccomp_init(3) and its neighbours), loaded when first asked for: nothing but compiling needs it, and a start must not
/// wait for the loader.
/// </summary>
internal sealed unsafe class SeccompLibrary
{
    private const string File = "libseccomp.so.2";

    private static readonly Lazy<SeccompLibrary> Instance = new(() => new SeccompLibrary());

    private readonly delegate* unmanaged<uint, void*> _init;
    private readonly delegate* unmanaged<void*, void> _release;
    private readonly delegate* unmanaged<void*, uint, int> _addArchitecture;
    private readonly delegate* unmanaged<void*, uint, int> _removeArchitecture;
    private readonly delegate* unmanaged<void*, int, uint, int> _setAttribute;
    private readonly delegate* unmanaged<byte*, int> _resolve;
    private readonly delegate* unmanaged<uint, byte*, int> _resolveFor;
    private readonly delegate* unmanaged<void*, uint, int, uint, SeccompCondition*, int> _addRule;
    private readonly delegate* unmanaged<void*, int, int> _export;

    /// <exception cref="SeccompUnavailableException">It is not there, or lacks what is needed.</exception>
    private SeccompLibrary()
    {
        if (!NativeLibrary.TryLoad(File, out nint library)) throw new SeccompUnavailableException($"{File} cannot be loaded.");
        try
        {
            var version = (uint*)((delegate* unmanaged<void*>)NativeLibrary.GetExport(library, "seccomp_version"))();
            Version = new Version((int)version[0], (int)version[1], (int)version[2]);
            _init = (delegate* unmanaged<uint, void*>)NativeLibrary.GetExport(library, "seccomp_init");
            _release = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "seccomp_release");
            _addArchitecture = (delegate* unmanaged<void*, uint, int>)NativeLibrary.GetExport(library, "seccomp_arch_add");
            _removeArchitecture = (delegate* unmanaged<void*, uint, int>)NativeLibrary.GetExport(library, "seccomp_arch_remove");
            _setAttribute = (delegate* unmanaged<void*, int, uint, int>)NativeLibrary.GetExport(library, "seccomp_attr_set");
            _resolve = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, "seccomp_syscall_resolve_name");
            _resolveFor = (delegate* unmanaged<uint, byte*, int>)NativeLibrary.GetExport(library, "seccomp_syscall_resolve_name_arch");
            _addRule = (delegate* unmanaged<void*, uint, int, uint, SeccompCondition*, int>)NativeLibrary.GetExport(
                library, "seccomp_rule_add_array");
            _export = (delegate* unmanaged<void*, int, int>)NativeLibrary.GetExport(library, "seccomp_export_bpf");
        }
        catch (EntryPointNotFoundException e)
        {
            throw new SeccompUnavailableException($"{File} is too old: {e.Message}");
        }
    }

    public Version Version { get; }

    /// <exception cref="SeccompUnavailableException">It is not there, or lacks what is needed.</exception>
    public static SeccompLibrary Load() => Instance.Value;

    /// <summary>The version, or null when the library is absent.</summary>
    public static Version? TryVersion()
    {
        try
        {
            return Load().Version;
        }
        catch (SeccompUnavailableException)
        {
            return null;
        }
    }

    /// <summary>A system call's number on this machine; negative below -1 when only others have it, -1 when the library does not know it.</summary>
    public int Resolve(string name)
    {
        fixed (byte* text = Text(name)) return _resolve(text);
    }

    /// <summary>A system call's number on an architecture; negative when it has none there.</summary>
    public int Resolve(uint architecture, string name)
    {
        fixed (byte* text = Text(name)) return _resolveFor(architecture, text);
    }

    /// <summary>A filter that is being built.</summary>
    public Builder Start(uint defaultAction) => new(this, defaultAction);

    private static byte[] Text(string name) => Encoding.UTF8.GetBytes(name + "\0");

    /// <summary>scmp_filter_ctx. Its methods return 0 or -errno.</summary>
    public ref struct Builder : IDisposable
    {
        private readonly SeccompLibrary _library;
        private void* _context;

        public Builder(SeccompLibrary library, uint defaultAction)
        {
            _library = library;
            _context = library._init(defaultAction);
            if (_context == null) throw new SeccompPolicyException("defaultAction", "is refused by libseccomp: this kernel does not know it");
        }

        public readonly int AddArchitecture(uint token) => _library._addArchitecture(_context, token);

        public readonly int RemoveArchitecture(uint token) => _library._removeArchitecture(_context, token);

        public readonly int SetAttribute(int attribute, uint value) => _library._setAttribute(_context, attribute, value);

        public readonly int AddRule(uint action, int syscall, ReadOnlySpan<SeccompCondition> conditions)
        {
            fixed (SeccompCondition* first = conditions)
                return _library._addRule(_context, action, syscall, (uint)conditions.Length, first);
        }

        /// <summary>The program as bytes.</summary>
        public readonly byte[] Export()
        {
            int file = LibC.MemoryFile("seccomp");
            try
            {
                int result = _library._export(_context, file);
                if (result < 0) throw new LinuxException("seccomp_export_bpf()", -result);
                _ = LibC.lseek(file, 0, LibC.SEEK_SET);
                return LibC.ReadToEnd(file, (SeccompInstruction.Most + 1) * SeccompInstruction.Size);
            }
            finally
            {
                LibC.Close(ref file);
            }
        }

        public void Dispose()
        {
            if (_context != null) _library._release(_context);
            _context = null;
        }
    }
}
