namespace DockerPS.Runtime.Commands;

internal static class Version
{
    public static int Run() => throw new NotImplementedException();
}
