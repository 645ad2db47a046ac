using System.Runtime.InteropServices;

namespace DockerPS.Linux.Compression;

/// <summary>Intel's ISA-L (igzip_lib.h), which inflates about as fast again as zlib; loaded when first asked for. It need not be there.</summary>
internal sealed unsafe class IsalLibrary
{
    private const string File = "libisal.so.2";

    private static readonly Lazy<IsalLibrary?> Instance = new(Load);

    private readonly delegate* unmanaged<void*, void> _initialize, _reset;
    private readonly delegate* unmanaged<void*, int> _inflate;

    private IsalLibrary(nint library)
    {
        _initialize = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "isal_inflate_init");
        _reset = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "isal_inflate_reset");
        _inflate = (delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, "isal_inflate");
    }

    /// <summary>The library, or null when it is absent.</summary>
    public static IsalLibrary? TryLoad() => Instance.Value;

    public void Initialize(void* state) => _initialize(state);

    public void Reset(void* state) => _reset(state);

    /// <returns>0 or more: it went on; negative: what came cannot be inflated.</returns>
    public int Inflate(void* state) => _inflate(state);

    private static IsalLibrary? Load()
    {
        if (!NativeLibrary.TryLoad(File, out nint library)) return null;
        try
        {
            return new IsalLibrary(library);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }
}
