namespace DockerPS.Bench;

/// <summary>What a peer left mounted below a directory.</summary>
internal static class Mounts
{
    public static void RemoveBelow(string directory)
    {
        string[] points = [.. File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')[4])
            .Where(p => p.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse()];
        foreach (string point in points)
            Processes.Run("umount", "-l", point);
    }
}
