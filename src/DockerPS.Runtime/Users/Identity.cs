namespace DockerPS.Runtime.Users;

/// <summary>Who a process is to be.</summary>
internal sealed record Identity(uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home);
