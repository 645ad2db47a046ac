namespace DockerPS.Runtime.Commands;

internal static class Archive
{
    public static int Run() => throw new NotImplementedException();
}
