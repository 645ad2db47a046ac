using DockerPS.Linux;
using DockerPS.Linux.Netlink;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// linux.netDevices (config-linux.md, "Linux Network Devices"): interfaces of the machine that become the container's, with their permanent
/// global addresses, and are up there. With the container's network namespace the kernel ends virtual ones and takes physical ones back.
/// </summary>
internal static class NetworkDevices
{
    /// <param name="config">Names the devices.</param>
    /// <param name="pid">A process that is in its network namespace.</param>
    /// <exception cref="RuntimeFailureException">A device is not there, its name is taken inside, or the kernel refuses to move it.</exception>
    public static void Move(RuntimeConfig config, int pid)
    {
        if (config.Linux?.NetDevices is not { Count: > 0 } devices) return;
        string property = "$.linux.netDevices";
        int inside = -1;
        try
        {
            inside = LibC.Open($"/proc/{pid}/ns/net", LibC.O_RDONLY);
            using RouteSocket outer = RouteSocket.Open(), inner = RouteSocket.Open(inside);
            foreach ((string name, RuntimeNetDevice device) in devices)
            {
                property = "$.linux.netDevices." + name;
                Move(outer, inner, inside, name, device.Name is { Length: > 0 } given ? given : name, property);
            }
        }
        catch (LinuxException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Namespaces, $"{property}: {e.Message}", e.Call, e.Number);
        }
        finally
        {
            LibC.Close(ref inside);
        }
    }

    private static void Move(RouteSocket outer, RouteSocket inner, int inside, string name, string newName, string property)
    {
        int index = outer.Links().Find(l => l.Name == name).Index;
        if (index == 0) throw new RuntimeFailureException(RuntimeStages.Namespaces, $"{property}: this machine has no network interface '{name}'");
        List<Link> before = inner.Links();
        if (before.Exists(l => l.Name == newName))
            throw new RuntimeFailureException(RuntimeStages.Namespaces, $"{property}.name: the container has an interface '{newName}' already");
        List<LinkAddress> addresses = outer.GlobalAddresses(index);
        outer.Move(index, inside, newName);
        // It may have got another number there, and with a template another name.
        Link moved = inner.Links().Find(l => !before.Contains(l));
        foreach (LinkAddress address in addresses) inner.Add(moved.Index, address);
        inner.SetUp(moved.Index);
    }
}
