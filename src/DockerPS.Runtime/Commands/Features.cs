using DockerPS.Oci.RuntimeSpec;

namespace DockerPS.Runtime.Commands;

/// <summary><c>features</c>: prints what this runtime knows, as JSON (features.md).</summary>
internal static class Features
{
    public static int Run(string[] args)
    {
        if (VerbArguments.Parse(args, []).Help) return Usage.Verb("features", "", []);
        using Stream output = Console.OpenStandardOutput();
        output.Write(RuntimeFeatures.ToJson(Version.Text).Span);
        output.Write("\n"u8);
        return 0;
    }
}
