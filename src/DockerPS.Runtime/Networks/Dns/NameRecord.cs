using System.Globalization;
using System.Net;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Networks.Dns;

/// <summary>
/// How a running container is known in a network: a small file in the network's directory, which its supervisor writes and removes, and the
/// supervisors of the others read. Three lines: who wrote it (pid and start time), names, addresses.
/// </summary>
internal sealed record NameRecord(int Pid, ulong StartTime, string[] Names, IPAddress[] Addresses)
{
    /// <summary>Its writer lives: one that was killed could not remove it.</summary>
    public bool IsAlive => ProcStat.StartTime(Pid) == StartTime;

    public void Publish(string directory, string id)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string text = string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTime}\n{string.Join(' ', Names)}\n{string.Join(' ', (object[])Addresses)}\n");
        WholeFile.Write(Path.Join(directory, id), Encoding.UTF8.GetBytes(text), 0x180 /* 0600 */);
    }

    public static void Withdraw(string directory, string id) => _ = LibC.unlink(Path.Join(directory, id));

    /// <summary>Null when the file is gone or is none.</summary>
    public static NameRecord? Read(string path)
    {
        try
        {
            string[] lines = File.ReadAllText(path).Split('\n');
            string[] writer = lines[0].Split(' ');
            return lines.Length < 3 || writer.Length != 2
                ? null
                : new NameRecord(
                    int.Parse(writer[0], CultureInfo.InvariantCulture), ulong.Parse(writer[1], CultureInfo.InvariantCulture),
                    lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries),
                    [.. lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)]);
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return null;
        }
    }
}
