using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.References;
using DockerPS.Runtime.Layers;

namespace DockerPS.Runtime.Trees;

/// <summary>Paths with <c>*</c>, <c>?</c> and <c>[a-z]</c> in their parts, as the files that are there.</summary>
internal static class PathPattern
{
    /// <summary>All that a pattern means, in order of their names; none when nothing matches.</summary>
    public static List<byte[]> Expand(CopyRoot root, ReadOnlySpan<byte> pattern)
    {
        List<byte[]> found = [[]];
        foreach (Range range in pattern.Split((byte)'/'))
        {
            ReadOnlySpan<byte> part = pattern[range];
            if (part.IsEmpty) continue;
            List<byte[]> next = [];
            string text = Encoding.UTF8.GetString(part);
            bool wild = NamePattern.Is(text);
            foreach (byte[] above in found)
            {
                if (!wild) next.Add([.. above, (byte)'/', .. part]);
                else AddMatches(root, above, text, next);
            }

            found = next;
        }

        return [.. found.Where(path => Exists(root, path))];
    }

    private static void AddMatches(CopyRoot root, byte[] above, string part, List<byte[]> found)
    {
        int directory = root.Open(above.Length == 0 ? "/"u8 : above, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (directory < 0) return;
        try
        {
            List<byte[]> names = DirectoryListing.Names(directory);
            names.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
            foreach (byte[] name in names)
            {
                // As a shell: what begins with a dot is asked for by one.
                if (name[0] == '.' && part[0] != '.') continue;
                if (NamePattern.Matches(part, Encoding.UTF8.GetString(name), ignoreCase: false)) found.Add([.. above, (byte)'/', .. name]);
            }
        }
        finally
        {
            LibC.Close(ref directory);
        }
    }

    private static bool Exists(CopyRoot root, byte[] path)
    {
        try
        {
            using CopyPath item = CopyPath.Find(root, path, follow: false);
            return item.Exists;
        }
        catch (LayerException)
        {
            return false;
        }
    }
}
