namespace DockerPS.Runtime.Commands;

internal static class Execute
{
    public static int Run(string directory) => throw new NotImplementedException();
}
