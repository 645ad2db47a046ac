using System.Runtime.InteropServices;
using System.Text;
using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>
/// The child's life as data: an ordered list of steps, made before the fork, so that the child runs nothing but system calls.
/// For each step the parent keeps its stage and its call as text, to word a failure.
/// </summary>
internal sealed unsafe class StepPlan : IDisposable
{
    private readonly List<Step> _steps = [];
    private readonly List<(string Stage, string Call)> _names = [];
    private readonly List<nint> _memory = [];
    private readonly List<nint> _shared = [];
    private readonly List<int> _files = [];
    private byte* _free;
    private int _left;

    public int Count => _steps.Count;

    /// <summary>Another process than the one that is cloned goes on after joining namespaces.</summary>
    public bool Forks { get; set; }

    public void Add(string stage, string call, in Step step)
    {
        _steps.Add(step);
        _names.Add((stage, call));
    }

    /// <summary>Stage and call of a step that failed.</summary>
    public (string Stage, string Call) Describe(int step) => _names[step];

    /// <summary>The steps in native memory.</summary>
    public Step* Freeze()
    {
        var steps = (Step*)Allocate(sizeof(Step) * _steps.Count);
        for (int i = 0; i < _steps.Count; i++) steps[i] = _steps[i];
        return steps;
    }

    /// <summary>A zero-terminated copy in native memory; null stays null.</summary>
    public byte* Text(string? text)
    {
        if (text is null) return null;
        int length = Encoding.UTF8.GetByteCount(text);
        byte* copy = Allocate(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }

    /// <summary>A null-terminated array of zero-terminated strings, with room for more.</summary>
    public byte** Texts(IReadOnlyList<string> texts, int room = 0)
    {
        var array = (byte**)Allocate((texts.Count + room + 1) * sizeof(byte*));
        for (int i = 0; i < texts.Count; i++) array[i] = Text(texts[i]);
        for (int i = texts.Count; i <= texts.Count + room; i++) array[i] = null;
        return array;
    }

    /// <summary>Eight-byte aligned native memory that lives as long as the plan.</summary>
    public byte* Allocate(int length)
    {
        const int Chunk = 16384;
        length = (length + 7) & ~7;
        if (length > _left)
        {
            int size = Math.Max(Chunk, length);
            _free = (byte*)NativeMemory.Alloc((nuint)size);
            _memory.Add((nint)_free);
            _left = size;
        }

        byte* result = _free;
        _free += length;
        _left -= length;
        return result;
    }

    /// <summary>
    /// A page of zeros that parent and child both see, and its file by which others can map it too. Both live as long as the plan.
    /// </summary>
    public int* Share(out int file)
    {
        file = LibC.MemoryPage("birth");
        _files.Add(file);
        int* page = LibC.MapShared(file);
        _shared.Add((nint)page);
        return page;
    }

    public void Dispose()
    {
        foreach (nint page in _shared) LibC.Unmap((int*)page);
        _shared.Clear();
        foreach (int file in _files) _ = LibC.close(file);
        _files.Clear();
        foreach (nint chunk in _memory) NativeMemory.Free((void*)chunk);
        _memory.Clear();
        _left = 0;
    }
}
