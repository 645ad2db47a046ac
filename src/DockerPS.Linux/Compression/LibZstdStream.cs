using System.Runtime.InteropServices;

namespace DockerPS.Linux.Compression;

/// <summary>
/// Inflates zstd (RFC 8878) with libzstd (zstd.h), which most systems have and which is faster than what is made for .NET: frames one after the other,
/// with windows of at most 128 MB.
/// </summary>
public sealed unsafe class LibZstdStream : InflatingStream
{
    private readonly Library _library;
    private readonly void* _state;
    private Buffer _input;
    private bool _inFrame;

    private LibZstdStream(Library library, void* state, Stream source)
        : base(source)
    {
        _library = library;
        _state = state;
    }

    /// <summary>A stream of a source's inflated bytes, which it disposes; null where libzstd is not installed.</summary>
    public static LibZstdStream? TryOpen(Stream source)
    {
        if (Library.TryLoad() is not { } library) return null;
        void* state = library.Create();
        return state is null ? null : new LibZstdStream(library, state, source);
    }

    private protected override int Inflate(byte* output, int length)
    {
        while (true)
        {
            if (_input.Position == _input.Length)
            {
                _input.Position = 0;
                _input.Length = (nuint)ReadSource(ref _input.Bytes, 0);
            }

            var result = new Buffer { Bytes = output, Length = (nuint)length };
            nuint given = _input.Position;
            // What was inflated before and found no room comes also when there is no more to inflate.
            if (_inFrame || _input.Length > 0)
            {
                nuint hint = _library.Inflate(_state, ref result, ref _input);
                if (_library.IsError(hint)) throw new InvalidDataException("The zstd stream is damaged.");
                _inFrame = hint != 0;
            }

            if (result.Position > 0) return (int)result.Position;
            if (!SourceEnded) continue;
            if (_inFrame && _input.Position == given) throw new InvalidDataException("The zstd stream is cut off.");
            if (!_inFrame) return 0;
        }
    }

    private protected override void FreeState() => _library.Free(_state);

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer.</summary>
    private struct Buffer
    {
        public byte* Bytes;
        public nuint Length;
        public nuint Position;
    }

    private sealed class Library
    {
        private const string File = "libzstd.so.1";

        private static readonly Lazy<Library?> Instance = new(Load);

        private readonly delegate* unmanaged<void*> _create;
        private readonly delegate* unmanaged<void*, nuint> _free;
        private readonly delegate* unmanaged<void*, Buffer*, Buffer*, nuint> _inflate;
        private readonly delegate* unmanaged<nuint, uint> _isError;

        private Library(nint library)
        {
            _create = (delegate* unmanaged<void*>)NativeLibrary.GetExport(library, "ZSTD_createDStream");
            _free = (delegate* unmanaged<void*, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeDStream");
            _inflate = (delegate* unmanaged<void*, Buffer*, Buffer*, nuint>)NativeLibrary.GetExport(library, "ZSTD_decompressStream");
            _isError = (delegate* unmanaged<nuint, uint>)NativeLibrary.GetExport(library, "ZSTD_isError");
        }

        /// <summary>The library, or null when it is absent.</summary>
        public static Library? TryLoad() => Instance.Value;

        public void* Create() => _create();

        public void Free(void* state) => _free(state);

        public nuint Inflate(void* state, ref Buffer output, ref Buffer input)
        {
            fixed (Buffer* outputs = &output, inputs = &input) return _inflate(state, outputs, inputs);
        }

        public bool IsError(nuint code) => _isError(code) != 0;

        private static Library? Load()
        {
            if (!NativeLibrary.TryLoad(File, out nint library)) return null;
            try
            {
                return new Library(library);
            }
            catch (EntryPointNotFoundException)
            {
                return null;
            }
        }
    }
}
