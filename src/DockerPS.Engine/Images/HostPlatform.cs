using System.Runtime.InteropServices;
using DockerPS.Oci.ImageSpec;

namespace DockerPS.Engine.Images;

/// <summary>What this machine runs, in the words of image indexes (Go's GOOS and GOARCH).</summary>
internal static class HostPlatform
{
    public static string Architecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Arm or System.Runtime.InteropServices.Architecture.Armv6 => "arm",
        System.Runtime.InteropServices.Architecture.Ppc64le => "ppc64le",
        System.Runtime.InteropServices.Architecture.S390x => "s390x",
        System.Runtime.InteropServices.Architecture.RiscV64 => "riscv64",
        System.Runtime.InteropServices.Architecture.LoongArch64 => "loong64",
        _ => "unknown",
    };

    public static string Name => $"linux/{Architecture}";

    /// <summary>Of a platform as images have it (<c>linux/amd64</c>).</summary>
    public static bool Runs(string platform) => platform == Name || platform.StartsWith(Name + "/", StringComparison.Ordinal);

    public static bool Runs(Platform platform) => platform.Os == "linux" && platform.Architecture == Architecture;

    /// <summary>Of several that run, the greatest: the plain variant, which every machine of the architecture runs, is best.</summary>
    public static int Preference(Platform? platform) => platform?.Variant switch
    {
        null or "" or "v8" => 3,
        "v7" => 2,
        _ => 1,
    };
}
