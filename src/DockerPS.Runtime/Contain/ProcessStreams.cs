using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>The standard streams between a contained process and its supervisor. Descriptors are -1 when there is none.</summary>
internal sealed class ProcessStreams : IDisposable
{
    private bool _inherited, _blocking;
    private int _childIn = -1, _childOut = -1, _childError = -1, _input = -1, _output = -1, _error = -1;

    /// <summary>The child's ends, closed when it has its copies.</summary>
    public (int In, int Out, int Error) Child => (_childIn, _childOut, _childError);

    /// <summary>Where the supervisor writes the process's input.</summary>
    public ref int Input => ref _input;

    /// <summary>Where it reads the output; a terminal's master carries both directions.</summary>
    public ref int Output => ref _output;

    public ref int Error => ref _error;

    /// <summary>Input and output are a terminal's master.</summary>
    public bool Terminal { get; private set; }

    /// <summary>Bit n: the child's descriptor n becomes the property of its user, who may then open it again as /dev/stdout.</summary>
    public int OwnedPipes { get; private init; }

    /// <summary>Pipes for output and, when wanted, input; else /dev/null.</summary>
    public static ProcessStreams Pipes(bool input)
    {
        var streams = new ProcessStreams { OwnedPipes = input ? 0b111 : 0b110 };
        if (input) (streams._childIn, streams._input) = LibC.Pipe();
        else streams._childIn = LibC.Open("/dev/null", LibC.O_RDONLY);
        (streams._output, streams._childOut) = LibC.Pipe();
        (streams._error, streams._childError) = LibC.Pipe();
        streams.DoNotBlock();
        return streams;
    }

    /// <summary>The caller's own standard streams, or the master of a terminal that is to be handed on or relayed.</summary>
    public static ProcessStreams Inherited(bool terminal)
    {
        if (terminal)
        {
            ProcessStreams streams = Nothing();
            streams._blocking = true;
            return streams;
        }

        int owned = 0;
        for (int fd = 0; fd < 3; fd++)
        {
            if (LibC.IsOpen(fd) && !LibC.IsNullDevice(fd)) owned |= 1 << fd;
        }

        return new ProcessStreams { _childIn = 0, _childOut = 1, _childError = 2, _inherited = true, OwnedPipes = owned };
    }

    /// <summary>Nothing in, nothing out.</summary>
    public static ProcessStreams Nothing()
    {
        int nothing = LibC.Open("/dev/null", LibC.O_RDWR);
        return new ProcessStreams { _childIn = nothing, _childOut = nothing, _childError = nothing };
    }

    /// <summary>A terminal's master takes the place of all three.</summary>
    public void UseTerminal(int master)
    {
        Dispose();
        Terminal = true;
        _output = master;
        _input = LibC.fcntl(master, 1030 /* F_DUPFD_CLOEXEC */, 3);
        if (!_blocking) DoNotBlock();
    }

    /// <summary>Makes the pipes the property of a user of the host, who may then open them again as /dev/stdout.</summary>
    public void GiveTo(uint user)
    {
        foreach (int end in (ReadOnlySpan<int>)[_input, _output, _error])
        {
            if (end >= 0 && OwnedPipes != 0) _ = LibC.fchown(end, user, uint.MaxValue);
        }
    }

    public void CloseChildEnds()
    {
        if (_inherited) return;
        // /dev/null serves as all three.
        if (_childOut == _childIn) _childOut = -1;
        if (_childError == _childIn) _childError = -1;
        LibC.Close(ref _childIn);
        LibC.Close(ref _childOut);
        LibC.Close(ref _childError);
    }

    public void Dispose()
    {
        CloseChildEnds();
        LibC.Close(ref _input);
        LibC.Close(ref _output);
        LibC.Close(ref _error);
    }

    private void DoNotBlock()
    {
        if (_input >= 0) LibC.SetNonBlocking(_input);
        if (_output >= 0) LibC.SetNonBlocking(_output);
        if (_error >= 0) LibC.SetNonBlocking(_error);
    }
}
