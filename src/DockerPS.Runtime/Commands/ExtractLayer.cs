namespace DockerPS.Runtime.Commands;

internal static class ExtractLayer
{
    public static int Run() => throw new NotImplementedException();
}
