using System.Runtime.InteropServices;

namespace DockerPS.Linux.Compression;

/// <summary>
/// Inflates gzip (RFC 1952) with ISA-L: members one after the other, each with its checksum and length verified. As .NET's GZipStream it takes what
/// follows a member and is none, such as padding, for the end.
/// </summary>
public sealed unsafe class IsalGzipStream : Stream
{
    private const int InputLength = 128 << 10, MagicLength = 2;

    private readonly IsalLibrary _library;
    private readonly Stream _source;
    private readonly State* _state = (State*)NativeMemory.AlignedAlloc((nuint)sizeof(State), 64);
    private readonly byte* _input = (byte*)NativeMemory.AlignedAlloc(InputLength, 64);
    private bool _sourceEnded, _ended, _disposed;

    private IsalGzipStream(IsalLibrary library, Stream source)
    {
        (_library, _source) = (library, source);
        library.Initialize(_state);
        _state->Checksum = Checksum.Gzip;
        _state->AvailableInput = 0;
    }

    private enum Checksum : uint
    {
        /// <summary>Header and trailer are read, and the trailer is verified.</summary>
        Gzip = 1,
    }

    private enum Block
    {
        Finished = 5,
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>A stream of a source's inflated bytes, which it disposes; null where ISA-L is not installed.</summary>
    public static IsalGzipStream? TryOpen(Stream source) =>
        IsalLibrary.TryLoad() is { } library ? new IsalGzipStream(library, source) : null;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">It is damaged, no gzip, or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty) return 0;
        fixed (byte* output = buffer)
        {
            while (!_ended)
            {
                if (_state->AvailableInput == 0) ReadSource();
                uint given = _state->AvailableInput;
                _state->NextOutput = output;
                _state->AvailableOutput = (uint)buffer.Length;
                int result = _library.Inflate(_state);
                int length = buffer.Length - (int)_state->AvailableOutput;
                if (_state->Block == Block.Finished && result >= 0) StartNext();
                else if (result >= 0 && length == 0 && _sourceEnded && given == 0) throw new InvalidDataException("The gzip stream is cut off.");
                else if (result < 0 || (length == 0 && given > 0 && given == _state->AvailableInput)) throw new InvalidDataException("The gzip stream is damaged.");
                if (length > 0) return length;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        if (disposing) _source.Dispose();
        NativeMemory.AlignedFree(_state);
        NativeMemory.AlignedFree(_input);
        base.Dispose(disposing);
    }

    /// <summary>Goes on with the next member, or ends where there is none.</summary>
    private void StartNext()
    {
        // What is left of the input is moved only when a member's first bytes may be missing.
        while (_state->AvailableInput < MagicLength && !_sourceEnded) ReadSource();
        _ended = _state->AvailableInput < MagicLength || _state->NextInput[0] != 0x1F || _state->NextInput[1] != 0x8B;
        if (_ended) return;
        byte* next = _state->NextInput;
        uint available = _state->AvailableInput;
        _library.Reset(_state);
        _state->NextInput = next;
        _state->AvailableInput = available;
        _state->Checksum = Checksum.Gzip;
    }

    /// <summary>Reads more behind what has not been inflated.</summary>
    private void ReadSource()
    {
        int left = (int)_state->AvailableInput;
        if (left > 0) new Span<byte>(_state->NextInput, left).CopyTo(new Span<byte>(_input, left));
        int read = _source.Read(new Span<byte>(_input + left, InputLength - left));
        _sourceEnded = read == 0;
        _state->NextInput = _input;
        _state->AvailableInput = (uint)(left + read);
    }

    /// <summary>The beginning and the size of struct inflate_state, as libisal.so.2 has it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 87_368)]
    private struct State
    {
        [FieldOffset(0)] public byte* NextOutput;
        [FieldOffset(8)] public uint AvailableOutput;
        [FieldOffset(16)] public byte* NextInput;
        [FieldOffset(32)] public uint AvailableInput;
        [FieldOffset(21_160)] public Block Block;
        [FieldOffset(21_172)] public Checksum Checksum;
    }
}
