using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;

namespace DockerPS.Runtime.Contain;

/// <summary>Detached clones of mounts of the host, which the parent makes with its rights and the child attaches (open_tree(2), mount_setattr(2)).</summary>
internal static unsafe class MappedTree
{
    private const ulong IdMapped = 0x100000; // MOUNT_ATTR_IDMAP

    /// <summary>A clone of what is at a path, which follows the host's mounts and is not followed. Closed with the setting.</summary>
    public static int Clone(Setting setting, string stage, string path, bool recursive)
    {
        nint tree;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            tree = Syscall.Invoke(
                Syscall.OpenTree, LibC.AT_FDCWD, (nint)name, LibC.OPEN_TREE_CLONE | LibC.O_CLOEXEC | (recursive ? LibC.AT_RECURSIVE : 0));
        }

        if (tree < 0) throw RuntimeFailureException.From(stage, new LinuxException($"open_tree({path})", (int)-tree));
        setting.Descriptors.Add((int)tree);
        nint result = Set((int)tree, new() { Propagation = LibC.MS_SLAVE }, recursive: true);
        if (result < 0) throw RuntimeFailureException.From(stage, new LinuxException($"mount_setattr({path}, slave)", (int)-result));
        return (int)tree;
    }

    /// <summary>Shows the owners of a clone through the maps of a user namespace.</summary>
    /// <param name="tree">The clone.</param>
    /// <param name="userNamespace">Descriptor of the namespace.</param>
    /// <param name="recursive">Also of the mounts below it.</param>
    /// <param name="stage">For errors.</param>
    /// <param name="what">The path, for errors.</param>
    public static void Map(int tree, int userNamespace, bool recursive, string stage, string what)
    {
        nint result = Set(tree, new() { Set = IdMapped, UserNamespace = (ulong)userNamespace }, recursive);
        if (result >= 0) return;
        LinuxException failure = new($"mount_setattr({what}, MOUNT_ATTR_IDMAP)", (int)-result);
        string text = failure.Number switch
        {
            Errno.EINVAL => $"The file system of '{what}' cannot map owners: it needs one that supports idmapped mounts (ext4, xfs, btrfs, tmpfs …), "
                + "and Linux 5.12 or later. Move the data to such a file system, or do not use a user namespace.",
            Errno.EPERM => $"The owners of '{what}' cannot be mapped: it is mapped already, or mounting is not allowed here ({failure.Message}).",
            _ => failure.Message,
        };
        throw new RuntimeFailureException(stage, text, failure.Call, failure.Number);
    }

    private static nint Set(int tree, LibC.MountAttributes attributes, bool recursive)
    {
        byte empty = 0;
        return Syscall.Invoke(
            Syscall.MountSetattr,
            tree,
            (nint)(&empty),
            LibC.AT_EMPTY_PATH | (recursive ? LibC.AT_RECURSIVE : 0),
            (nint)(&attributes),
            sizeof(LibC.MountAttributes));
    }
}
