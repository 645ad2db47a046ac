using System.Globalization;
using DockerPS.Linux;

namespace DockerPS.Runtime.Lifecycle;

/// <summary>Descriptors from 3 on that the container's program inherits: those of <c>--preserve-fds</c> and of socket activation (sd_listen_fds(3)).</summary>
internal sealed record ListenDescriptors(int Count, List<string> Environment)
{
    /// <exception cref="CommandException">One of them is not open.</exception>
    public static ListenDescriptors From(int preserved)
    {
        var environment = new List<string>();
        int listening = 0;
        string? count = System.Environment.GetEnvironmentVariable("LISTEN_FDS");
        if (int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given > 0 && IsForUs())
        {
            listening = given;
            environment.Add("LISTEN_FDS=" + count);
            // The program is the first process of its container.
            environment.Add("LISTEN_PID=1");
            if (System.Environment.GetEnvironmentVariable("LISTEN_FDNAMES") is { } names) environment.Add("LISTEN_FDNAMES=" + names);
        }

        for (int fd = 3; fd < 3 + listening + preserved; fd++)
        {
            if (!LibC.IsOpen(fd))
                throw new CommandException($"--preserve-fds: descriptor {fd} is not open; {preserved} were to be kept, and LISTEN_FDS says {listening}.");
        }

        return new ListenDescriptors(listening + preserved, environment);
    }

    private static bool IsForUs() =>
        System.Environment.GetEnvironmentVariable("LISTEN_PID") is not { } pid
        || pid == LibC.getpid().ToString(CultureInfo.InvariantCulture);
}
