using System.Runtime.InteropServices;
using System.Text;

namespace DockerPS.Linux.Netfilter;

/// <summary>libnftables (libnftables(3)): commands as nft(8) takes them. Loaded when first used; a process that stays small leaves it to another.</summary>
public static unsafe class NftablesLibrary
{
    private const string File = "libnftables.so.1";

    /// <summary>Whether it can be loaded.</summary>
    public static bool IsPresent => NativeLibrary.TryLoad(File, out _);

    /// <summary>Runs commands, all or none of them, in the calling thread's network namespace; returns what they print.</summary>
    /// <param name="commands">Lines as in a file for <c>nft -f</c>.</param>
    /// <exception cref="NftablesException">The library is not there, or a command is refused; the message has its words.</exception>
    public static string Run(string commands)
    {
        if (!NativeLibrary.TryLoad(File, out nint library)) throw new NftablesException($"{File} cannot be loaded", missing: true);
        var make = (delegate* unmanaged<uint, void*>)NativeLibrary.GetExport(library, "nft_ctx_new");
        var free = (delegate* unmanaged<void*, void>)NativeLibrary.GetExport(library, "nft_ctx_free");
        var run = (delegate* unmanaged<void*, byte*, int>)NativeLibrary.GetExport(library, "nft_run_cmd_from_buffer");
        void* context = make(0);
        if (context == null) throw new NftablesException("nft_ctx_new() failed", missing: false);
        try
        {
            foreach (string name in (ReadOnlySpan<string>)["nft_ctx_buffer_output", "nft_ctx_buffer_error"])
            {
                if (((delegate* unmanaged<void*, int>)NativeLibrary.GetExport(library, name))(context) != 0)
                    throw new NftablesException($"{name}() failed", missing: false);
            }

            int result;
            fixed (byte* text = Encoding.UTF8.GetBytes(commands + "\0")) result = run(context, text);
            return result == 0
                ? Text("nft_ctx_get_output_buffer")
                : throw new NftablesException(Text("nft_ctx_get_error_buffer").Split('\n', 2)[0], missing: false);
        }
        finally
        {
            free(context);
        }

        string Text(string name) =>
            Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<void*, byte*>)NativeLibrary.GetExport(library, name))(context)) ?? "";
    }
}

/// <summary>libnftables is missing or refuses.</summary>
/// <param name="message">Its words.</param>
/// <param name="missing">It is not there.</param>
public sealed class NftablesException(string message, bool missing) : Exception(message)
{
    public bool Missing { get; } = missing;
}
