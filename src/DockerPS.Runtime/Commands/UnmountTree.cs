using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Takes a mount away.</summary>
internal static unsafe class UnmountTree
{
    private const int NoFollow = 8; // UMOUNT_NOFOLLOW

    public static int Run() => TreeVerb.Run(BundleJson.Default.UnmountTreeRequest, BundleJson.Default.MountResult, (request, _) =>
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(request.Target + "\0"))
        {
            nint result = Syscall.Invoke(Syscall.Umount2, (nint)path, NoFollow | (request.Detach ? LibC.MNT_DETACH : 0));
            if (result < 0) throw MountTree.Failed("umount", request.Target, (int)-result);
        }

        return new MountResult { Target = request.Target };
    });
}
