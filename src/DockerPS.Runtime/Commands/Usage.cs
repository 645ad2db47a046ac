namespace DockerPS.Runtime.Commands;

internal static class Usage
{
    public static int Run() => throw new NotImplementedException();
}
