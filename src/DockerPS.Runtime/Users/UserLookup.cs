using System.Globalization;
using System.Text;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Runtime.Contain;

namespace DockerPS.Runtime.Users;

/// <summary>
/// Looks users and groups up in the container's own /etc/passwd and /etc/group, with Docker's rules: a name must be there, a
/// number need not; without a group part the user's groups of /etc/group are taken.
/// </summary>
internal static unsafe class UserLookup
{
    private const int FileLimit = 1 << 20;

    private readonly record struct User(string Name, uint Uid, uint Gid, string Home);

    private readonly record struct Group(string Name, uint Gid, string[] Members);

    /// <param name="root">Descriptor of the container's root directory.</param>
    /// <param name="user"><c>user</c>, <c>uid</c>, <c>user:group</c> …; empty is root.</param>
    /// <param name="groupAdd">Additional groups.</param>
    public static Identity Find(int root, string user, IReadOnlyList<string> groupAdd)
    {
        int colon = user.IndexOf(':');
        string name = colon < 0 ? user : user[..colon];
        string? groupName = colon < 0 || colon == user.Length - 1 ? null : user[(colon + 1)..];
        if (name.Length == 0) name = "0";
        List<User> users = Users(ReadFile(root, "etc/passwd"));
        List<Group> groups = Groups(ReadFile(root, "etc/group"));

        uint? number = Number(name);
        int at = users.FindIndex(u => u.Name == name);
        if (at < 0 && number is { } uidText) at = users.FindIndex(u => u.Uid == uidText);
        if (at < 0 && number is null)
        {
            throw new RuntimeFailureException(
                RuntimeStages.User, $"The container has no user '{name}' in /etc/passwd. Name one that is there, or give a number.");
        }

        User found = at >= 0 ? users[at] : new User("", number!.Value, 0, "/");
        uint gid = found.Gid;
        var further = new SortedSet<uint>();
        if (groupName is not null)
        {
            gid = GroupId(groups, groupName);
        }
        else if (found.Name.Length > 0)
        {
            foreach (Group group in groups)
            {
                if (group.Gid != gid && Array.IndexOf(group.Members, found.Name) >= 0) further.Add(group.Gid);
            }
        }

        foreach (string group in groupAdd) further.Add(GroupId(groups, group));
        return new Identity(found.Uid, gid, [.. further], found.Home.Length > 0 ? found.Home : "/");
    }

    /// <summary>The home directory of a uid, or "/".</summary>
    public static string Home(int root, uint uid)
    {
        foreach (User user in Users(ReadFile(root, "etc/passwd")))
        {
            if (user.Uid == uid) return user.Home.Length > 0 ? user.Home : "/";
        }

        return "/";
    }

    private static uint GroupId(List<Group> groups, string name)
    {
        foreach (Group group in groups)
        {
            if (group.Name == name) return group.Gid;
        }

        return Number(name) ?? throw new RuntimeFailureException(
            RuntimeStages.User, $"The container has no group '{name}' in /etc/group. Name one that is there, or give a number.");
    }

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number <= int.MaxValue ? number : null;

    private static List<User> Users(string text)
    {
        var users = new List<User>();
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 6 && Number(fields[2]) is { } uid && Number(fields[3]) is { } gid)
                users.Add(new User(fields[0], uid, gid, fields[5]));
        }

        return users;
    }

    private static List<Group> Groups(string text)
    {
        var groups = new List<Group>();
        foreach (string line in text.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && Number(fields[2]) is { } gid)
            {
                string[] members = fields.Length > 3 ? fields[3].Trim().Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
                groups.Add(new Group(fields[0], gid, members));
            }
        }

        return groups;
    }

    /// <summary>A regular file below the root, up to a limit; empty when there is none. Never opens what is not a regular file.</summary>
    private static string ReadFile(int root, string path)
    {
        int node;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0")) node = LibC.OpenInRoot(root, name, LibC.O_PATH);
        if (node < 0) return "";
        LibC.statx_result facts;
        byte empty = 0;
        int result = LibC.statx(node, &empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &facts);
        int file = result == 0 && (facts.Mode & LibC.S_IFMT) == LibC.S_IFREG
            ? LibC.open($"/proc/self/fd/{node}", LibC.O_RDONLY | LibC.O_CLOEXEC, 0)
            : -1;
        LibC.Close(ref node);
        if (file < 0) return "";
        try
        {
            return Encoding.UTF8.GetString(LibC.ReadToEnd(file, FileLimit));
        }
        finally
        {
            LibC.Close(ref file);
        }
    }
}
