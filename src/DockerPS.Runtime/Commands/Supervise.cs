namespace DockerPS.Runtime.Commands;

internal static class Supervise
{
    public static int Run(string directory) => throw new NotImplementedException();
}
