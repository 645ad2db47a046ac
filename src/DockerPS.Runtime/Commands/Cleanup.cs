namespace DockerPS.Runtime.Commands;

internal static class Cleanup
{
    public static int Run(string directory) => throw new NotImplementedException();
}
