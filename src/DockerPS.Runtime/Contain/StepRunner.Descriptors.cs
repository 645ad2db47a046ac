using DockerPS.Linux;

namespace DockerPS.Runtime.Contain;

/// <summary>Descriptors of the host, which must not be there any more when paths of the container are looked up.</summary>
internal static unsafe partial class StepRunner
{
    /// <summary>
    /// Closes all from Value on but the channel, the terminal and what later steps name. Close-on-exec would be too late: until then a
    /// working directory or a program named /proc/self/fd/N would lead out.
    /// </summary>
    private static nint CloseDescriptors(Step* s, ChildContext* c)
    {
        c->RootFd = c->TreeFd = -1;
        int from = (int)s->Value;
        while (true)
        {
            int next = int.MaxValue;
            if (c->Channel >= from) next = c->Channel;
            if (c->Terminal && c->TerminalFd >= from) next = Math.Min(next, c->TerminalFd);
            for (Step* later = s + 1; later < c->Steps + c->StepCount; later++)
            {
                if (later->Fd >= from) next = Math.Min(next, later->Fd);
            }

            if (next > from)
            {
                nint result = Syscall.Invoke(Syscall.CloseRange, from, next == int.MaxValue ? int.MaxValue : next - 1, 0);
                if (result < 0) return result;
            }

            if (next == int.MaxValue) return 0;
            from = next + 1;
        }
    }
}
