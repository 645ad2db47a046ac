using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Commands;

/// <summary><c>--version</c>: name and version, and the version of the runtime-spec it follows.</summary>
internal static class Version
{
    /// <summary>Version of the product, from its assembly.</summary>
    public static string Text => typeof(Version).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static int Run()
    {
        Console.Out.Write($"dockerps-runtime version {Text}\nspec: {OciVersion.Current}\n");
        return 0;
    }
}
