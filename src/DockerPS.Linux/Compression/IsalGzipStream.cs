using System.Runtime.InteropServices;

namespace DockerPS.Linux.Compression;

/// <summary>
/// Inflates gzip (RFC 1952) with ISA-L: members one after the other, each with its checksum and length verified. As .NET's GZipStream it takes what
/// follows a member and is none, such as padding, for the end.
/// </summary>
public sealed unsafe class IsalGzipStream : InflatingStream
{
    private const int MagicLength = 2;

    private readonly IsalLibrary _library;
    private readonly State* _state = (State*)NativeMemory.AlignedAlloc((nuint)sizeof(State), 64);
    private bool _ended;

    private IsalGzipStream(IsalLibrary library, Stream source)
        : base(source)
    {
        _library = library;
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

    /// <summary>A stream of a source's inflated bytes, which it disposes; null where ISA-L is not installed.</summary>
    public static IsalGzipStream? TryOpen(Stream source) =>
        IsalLibrary.TryLoad() is { } library ? new IsalGzipStream(library, source) : null;

    private protected override int Inflate(byte* output, int length)
    {
        while (!_ended)
        {
            if (_state->AvailableInput == 0) ReadSource();
            uint given = _state->AvailableInput;
            _state->NextOutput = output;
            _state->AvailableOutput = (uint)length;
            int result = _library.Inflate(_state);
            int done = length - (int)_state->AvailableOutput;
            if (_state->Block == Block.Finished && result >= 0) StartNext();
            else if (result >= 0 && done == 0 && SourceEnded && given == 0) throw new InvalidDataException("The gzip stream is cut off.");
            else if (result < 0 || (done == 0 && given > 0 && given == _state->AvailableInput)) throw new InvalidDataException("The gzip stream is damaged.");
            if (done > 0) return done;
        }

        return 0;
    }

    private protected override void FreeState() => NativeMemory.AlignedFree(_state);

    /// <summary>Goes on with the next member, or ends where there is none.</summary>
    private void StartNext()
    {
        while (_state->AvailableInput < MagicLength && !SourceEnded) ReadSource();
        _ended = _state->AvailableInput < MagicLength || _state->NextInput[0] != 0x1F || _state->NextInput[1] != 0x8B;
        if (_ended) return;
        byte* next = _state->NextInput;
        uint available = _state->AvailableInput;
        _library.Reset(_state);
        _state->NextInput = next;
        _state->AvailableInput = available;
        _state->Checksum = Checksum.Gzip;
    }

    private void ReadSource() => _state->AvailableInput = (uint)ReadSource(ref _state->NextInput, (int)_state->AvailableInput);

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
