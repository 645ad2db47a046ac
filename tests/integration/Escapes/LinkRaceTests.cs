using System.Globalization;
using System.Runtime.InteropServices;
using DockerPS.Integration.Bundles;
using Xunit;

namespace DockerPS.Integration.Escapes;

/// <summary>Symbolic links in the places of mounts, still and moving (CVE-2021-30465).</summary>
public sealed partial class LinkRaceTests
{
    [Fact]
    public void A_link_in_the_place_of_a_mount_leads_nowhere_outside()
    {
        using var bundle = new OciBundle("grep -c ' /outside/made ' /proc/self/mountinfo; cat /outside/made/file");
        string outside = bundle.MakeDirectory("outside"), volume = bundle.MakeDirectory("volume");
        File.WriteAllText(volume + "/file", "volume\n");
        // Absolute, and up beyond the root: both mean the container's own /outside.
        File.CreateSymbolicLink(bundle.RootFs + "/link", "/outside");
        File.CreateSymbolicLink(bundle.RootFs + "/up", "../../../../../../../../../../../.." + outside);
        bundle.Mount("/link/made", "bind", volume, "bind");
        bundle.Mount("/up/made", "bind", volume, "bind");
        Assert.Equal("1\nvolume\n", bundle.RunWell());
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    /// <summary>
    /// A neighbour swaps a directory and a link in a shared volume as fast as it can, while containers start that mount into it. How
    /// many is DOCKERPS_RACES. Nothing may ever be made or mounted outside.
    /// </summary>
    [Fact]
    public void A_link_that_appears_while_containers_start_leads_nowhere_outside()
    {
        int starts = int.TryParse(Environment.GetEnvironmentVariable("DOCKERPS_RACES"), CultureInfo.InvariantCulture, out int asked) ? asked : 200;
        using var bundle = new OciBundle("cat /volume/place/inner/file 2>/dev/null; true");
        string outside = bundle.MakeDirectory("outside"), shared = bundle.MakeDirectory("shared"), data = bundle.MakeDirectory("data");
        File.WriteAllText(data + "/file", "data\n");
        Directory.CreateDirectory(shared + "/place");
        File.CreateSymbolicLink(shared + "/other", "../../../../../../../../../../../../../../../.." + outside);
        bundle.Mount("/volume", "bind", shared, "bind");
        bundle.Mount("/volume/place/inner", "bind", data, "bind");
        bundle.Mount("/volume/place/deep/er/file", "bind", data + "/file", "bind");
        bundle.Mount("/volume/place/scratch", "tmpfs", "tmpfs", "tmpcopyup");
        bool stop = false;
        long swaps = 0;
        var racer = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                Exchange(shared + "/place", shared + "/other");
                swaps++;
            }
        });
        racer.Start();
        int won = 0;
        try
        {
            for (int i = 0; i < starts; i++)
            {
                // A start may fail when a directory turned into a link under it; it may not get out.
                if (bundle.Run().Out.Contains("data", StringComparison.Ordinal)) won++;
                Assert.Empty(Directory.GetFileSystemEntries(outside));
                Assert.DoesNotContain(outside, File.ReadAllText("/proc/self/mountinfo"));
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            racer.Join();
        }

        Assert.True(swaps > starts, "The link was not swapped often enough to prove anything.");
        Assert.True(won > 0, "No container started at all.");
    }

    private static unsafe void Exchange(string a, string b)
    {
        const int AT_FDCWD = -100, RENAME_EXCHANGE = 2;
        _ = renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);
}
