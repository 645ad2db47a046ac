using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;
using Xunit;

namespace DockerPS.Integration.Layers;

/// <summary>Extended attributes of files, links not followed (xattr(7)).</summary>
internal static unsafe class ExtendedAttributes
{
    private const int Longest = 65536;

    public static void Set(string path, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* file = Text(path), key = Text(name), bytes = value)
            Assert.True(LibC.lsetxattr(file, key, bytes, (nuint)value.Length, 0) == 0, $"{path}: {name}: errno {Marshal.GetLastPInvokeError()}");
    }

    public static byte[] Get(string path, string name)
    {
        byte[] value = new byte[Longest];
        fixed (byte* file = Text(path), key = Text(name), bytes = value)
        {
            nint length = LibC.lgetxattr(file, key, bytes, Longest);
            Assert.True(length >= 0, $"{path}: {name}: errno {Marshal.GetLastPInvokeError()}");
            return value[..(int)length];
        }
    }

    public static string[] Names(string path)
    {
        byte[] list = new byte[Longest];
        fixed (byte* file = Text(path), bytes = list)
        {
            nint length = LibC.llistxattr(file, bytes, Longest);
            Assert.True(length >= 0, $"{path}: errno {Marshal.GetLastPInvokeError()}");
            return Encoding.UTF8.GetString(list, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
