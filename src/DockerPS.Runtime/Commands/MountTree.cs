using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Mounts layers read-only on the host, where they stay until somebody unmounts them or the machine restarts.</summary>
internal static unsafe class MountTree
{
    public static int Run() => TreeVerb.Run(BundleJson.Default.MountTreeRequest, BundleJson.Default.MountResult, (request, _) =>
    {
        // By descriptors, as containers' roots: short, and no name needs escaping.
        string options = "lowerdir=" + string.Join(':', request.Layers.Append(request.Base).Select(layer => LibC.Open(layer, LibC.O_PATH | LibC.O_DIRECTORY)));
        int target = LibC.Open(request.Target, LibC.O_PATH | LibC.O_DIRECTORY);
        string real = File.ResolveLinkTarget($"/proc/self/fd/{target}", returnFinalTarget: false)?.FullName ?? request.Target;
        Environment.CurrentDirectory = LibC.OwnDescriptors;
        const ulong flags = LibC.MS_RDONLY | LibC.MS_NODEV | LibC.MS_NOSUID;
        fixed (byte* source = Text(request.Source), type = Text("overlay"), data = Text(options), path = Text(real))
        {
            nint result = Syscall.Invoke(Syscall.Mount, (nint)source, (nint)path, (nint)type, (nint)flags, (nint)data);
            if (result < 0) throw Failed("mount", real, (int)-result);
        }

        return new MountResult { Target = real };
    });

    /// <summary>Of the stage of mounts, since no disk is to blame.</summary>
    public static LayerException Failed(string call, string path, int errno) =>
        LayerException.Of(RuntimeStages.Mounts, $"'{path}': {call} failed: {Errno.Text(errno)}.", $"{call}({path})", errno);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
