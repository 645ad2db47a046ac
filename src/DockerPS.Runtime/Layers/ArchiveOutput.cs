using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Layers;

/// <summary>The file of an archive, written through one buffer and hashed on the way.</summary>
internal sealed unsafe class ArchiveOutput : IDisposable
{
    private readonly byte[] _path;
    private readonly int _file;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(256 << 10, pinned: true);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _filled;

    /// <summary>For the eyes of who makes it: it may hold what only root could read.</summary>
    public ArchiveOutput(string path)
    {
        _path = NativePath.Terminate(Encoding.UTF8.GetBytes(path));
        fixed (byte* pointer = _path)
            _file = LibC.openat(LibC.AT_FDCWD, pointer, LibC.O_WRONLY | LibC.O_CREAT | LibC.O_EXCL | LibC.O_CLOEXEC, 0x180 /* 0600 */);
        if (_file < 0) throw new LinuxException($"open({path})", Marshal.GetLastPInvokeError());
    }

    public long Length { get; private set; }

    /// <summary>Free room in the buffer, to be filled and then given to <see cref="Commit"/>.</summary>
    public Span<byte> Room
    {
        get
        {
            if (_filled == _buffer.Length) Flush();
            return _buffer.AsSpan(_filled);
        }
    }

    public void Commit(int count)
    {
        _filled += count;
        Length += count;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = Room;
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Commit(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Fills up to a whole block.</summary>
    public void Pad()
    {
        Span<byte> zeros = stackalloc byte[512];
        zeros.Clear();
        Write(zeros[..(int)(-Length & 511)]);
    }

    /// <summary>Writes the end of the archive and returns its digest.</summary>
    public string Finish()
    {
        Span<byte> end = stackalloc byte[1024];
        end.Clear();
        Write(end);
        Flush();
        return "sha256:" + Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Remove()
    {
        fixed (byte* pointer = _path) _ = LibC.unlinkat(LibC.AT_FDCWD, pointer, 0);
    }

    public void Dispose()
    {
        _ = LibC.close(_file);
        _hash.Dispose();
    }

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _filled);
        LibC.WriteAll(_file, _buffer.AsSpan(0, _filled));
        _filled = 0;
    }
}
