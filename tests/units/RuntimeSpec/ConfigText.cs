using System.Text;
using System.Text.Json.Nodes;

namespace DockerPS.Units.RuntimeSpec;

/// <summary>Texts of config.json made from a good one.</summary>
internal static class ConfigText
{
    public const string Good = """
        {
          "ociVersion": "1.2.0",
          "process": {
            "terminal": true, "consoleSize": {"height": 24, "width": 80}, "user": {"uid": 0, "gid": 0, "umask": 18, "additionalGids": [5]},
            "args": ["sh"], "env": ["PATH=/bin", "EMPTY="], "cwd": "/",
            "capabilities": {
              "bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"], "inheritable": ["CAP_KILL"],
              "ambient": ["CAP_KILL"]
            },
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}],
            "noNewPrivileges": true, "apparmorProfile": "p", "selinuxLabel": "l", "oomScoreAdj": -1000,
            "scheduler": {"policy": "SCHED_BATCH", "nice": 5, "flags": ["SCHED_FLAG_RESET_ON_FORK"]},
            "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4},
            "execCPUAffinity": {"initial": "0-1,3", "final": ""}
          },
          "root": {"path": "rootfs", "readonly": true}, "hostname": "h", "domainname": "d",
          "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
            {
              "destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind", "idmap"],
              "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}], "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}]
            }
          ],
          "hooks": {"prestart": [{"path": "/bin/true", "args": ["true"], "env": ["A=b"], "timeout": 5}], "poststop": [{"path": "/bin/true"}]},
          "annotations": {"org.example": ""},
          "linux": {
            "namespaces": [
              {"type": "pid"}, {"type": "network"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "user"},
              {"type": "cgroup"}, {"type": "time"}
            ],
            "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 10}, {"containerID": 10, "hostID": 2000, "size": 10}],
            "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 20}],
            "timeOffsets": {"monotonic": {"secs": -1, "nanosecs": 999999999}, "boottime": {}},
            "devices": [{"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 438}, {"type": "p", "path": "/dev/pipe"}],
            "netDevices": {"eth0": {"name": "in%d"}, "eth1": {}},
            "cgroupsPath": "/a/b",
            "resources": {
              "devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": -1, "minor": 3, "access": "r"}],
              "memory": {"limit": 100, "swap": 200, "reservation": -1, "swappiness": 60, "checkBeforeUpdate": true},
              "cpu": {"shares": 2, "quota": 1000, "period": 5000, "burst": 1000, "cpus": "0-3,7", "mems": "0", "idle": 1, "realtimeRuntime": -1},
              "pids": {"limit": -1},
              "blockIO": {
                "weight": 10, "leafWeight": 1000, "weightDevice": [{"major": 8, "minor": 0, "weight": 10}],
                "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}]
              },
              "hugepageLimits": [{"pageSize": "64KB", "limit": 1}],
              "network": {"classID": 1, "priorities": [{"name": "eth0", "priority": 1}]},
              "rdma": {"mlx5_1": {"hcaObjects": 1}},
              "unified": {"memory.high": "1", "hugetlb.2MB.max": "0"}
            },
            "rootfsPropagation": "rslave",
            "seccomp": {
              "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
              "flags": ["SECCOMP_FILTER_FLAG_LOG"], "listenerPath": "/run/s", "listenerMetadata": "m",
              "syscalls": [
                {"names": ["read"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 5, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]},
                {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}
              ]
            },
            "sysctl": {"net.ipv4.ip_forward": "1", "fs/mqueue/msg_max": "10", "kernel.shmmax": "1", "user.max_user_namespaces": "3"},
            "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"], "mountLabel": "m",
            "intelRdt": {"closID": "g", "schemata": ["L3:0=f"], "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20", "enableMonitoring": true},
            "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-1", "flags": ["MPOL_F_STATIC_NODES"]},
            "personality": {"domain": "LINUX32"}
          }
        }
        """;

    /// <summary>The good one with a member (<c>linux.namespaces[0].type</c>) set; null removes it.</summary>
    public static byte[] With(string path, string? json, string good = Good)
    {
        JsonNode node = JsonNode.Parse(good)!;
        string[] names = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        JsonNode parent = node;
        foreach (string name in names[..^1]) parent = Child(parent, name)!;
        string last = names[^1];
        JsonNode? value = json is null ? null : JsonNode.Parse(json);
        if (last[0] == '[') SetItem(parent.AsArray(), int.Parse(last[1..^1]), value);
        else if (json is null) parent.AsObject().Remove(last);
        else parent.AsObject()[last] = value;
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    private static JsonNode? Child(JsonNode parent, string name) =>
        name[0] == '[' ? parent.AsArray()[int.Parse(name[1..^1])] : parent.AsObject()[name];

    private static void SetItem(JsonArray array, int index, JsonNode? value)
    {
        if (index == array.Count) array.Add(value);
        else if (value is null) array.RemoveAt(index);
        else array[index] = value;
    }
}
