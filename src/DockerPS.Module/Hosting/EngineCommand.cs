using System.Management.Automation;
using DockerPS.Engine;
using DockerPS.Module.Conversion;
using Microsoft.Extensions.Logging;

namespace DockerPS.Module.Hosting;

/// <summary>
/// Base of all cmdlets: the engine works on the thread pool while the pipeline's thread writes what it produces; a stop cancels the
/// work and gives the prompt back.
/// </summary>
public abstract class EngineCommand : PSCmdlet
{
    private const int PutAwayMilliseconds = 5000;

    private readonly CancellationTokenSource _stopping = new();
    private readonly PipelinePump _pump = new();
    private bool? _verbose;
    private bool? _debug;

    private protected EngineCommand()
    {
    }

    /// <summary>Cancelled by Ctrl+C, and when what follows in the pipeline wants no more.</summary>
    private protected CancellationToken Cancellation => _stopping.Token;

    internal PipelinePump Pump => _pump;

    /// <summary>The engine of the present root. When it cannot be opened nothing can proceed.</summary>
    private protected ContainerEngine Engine
    {
        get
        {
            try
            {
                return OpenEngines.Current();
            }
            catch (Exception e) when (e is DockerException or IOException or UnauthorizedAccessException)
            {
                ThrowTerminatingError(ErrorRecords.From(e));
                throw;
            }
        }
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (RefusedValues.Among(MyInvocation.BoundParameters.Values) is { } refused) ThrowTerminatingError(ErrorRecords.From(refused));
        _pump.Enter();
        // Preferences are read here because only this thread may; the log asks for them from others.
        _verbose ??= IsOn("Verbose", "VerbosePreference");
        _debug ??= IsOn("Debug", "DebugPreference");
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _pump.Close();
        _stopping.Cancel();
    }

    /// <summary>Whether a message of that level would be shown.</summary>
    internal bool Wants(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => _debug == true,
        LogLevel.Information => _verbose == true,
        _ => level != LogLevel.None,
    };

    /// <summary>Writes a message of the engine to the stream of its level, from any thread.</summary>
    internal void WriteLog(LogLevel level, string text) => _pump.Post(() =>
    {
        switch (level)
        {
            case LogLevel.Trace or LogLevel.Debug: WriteDebug(text); break;
            case LogLevel.Information: WriteVerbose(text); break;
            // What fails is thrown and becomes an error record; a logged error is something that the engine lived through.
            default: WriteWarning(text); break;
        }
    });

    /// <summary>What is named and not there is no error.</summary>
    private protected virtual bool MayBeMissing => false;

    /// <summary>Calls an engine method that answers at once; a failure becomes this item's error and false.</summary>
    private protected bool Try<T>(object? target, Func<ContainerEngine, T> call, out T result)
    {
        ContainerEngine engine = Engine;
        _pump.Enter();
        StreamLoggerFactory.Command = this;
        try
        {
            result = call(engine);
            return true;
        }
        catch (Exception e) when (IsOfItem(e))
        {
            result = default!;
            if (!MayBeMissing || e is not DockerNotFoundException) WriteError(ErrorRecords.From(e, target));
            return false;
        }
        finally
        {
            StreamLoggerFactory.Command = null;
        }
    }

    /// <summary>Does engine work and waits for it; a failure becomes this item's error and false.</summary>
    private protected bool Try<T>(object? target, Func<ContainerEngine, CancellationToken, Task<T>> work, out T result)
    {
        Task<T> task = Start(work);
        return Try(target, task, out result);
    }

    /// <summary>Waits for started work; a failure becomes this item's error and false.</summary>
    private protected bool Try<T>(object? target, Task<T> task, out T result)
    {
        Wait(task);
        try
        {
            result = task.GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException) when (Cancellation.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (IsOfItem(e))
        {
            result = default!;
            if (!MayBeMissing || e is not DockerNotFoundException) WriteError(ErrorRecords.From(e, target));
            return false;
        }
    }

    /// <summary>Starts engine work on the pool; what it logs comes to this cmdlet.</summary>
    private protected Task<T> Start<T>(Func<ContainerEngine, CancellationToken, Task<T>> work)
    {
        ContainerEngine engine = Engine;
        return Task.Run(() =>
        {
            StreamLoggerFactory.Command = this;
            return work(engine, Cancellation);
        });
    }

    /// <summary>
    /// Writes what the task posts until it has ended. When writing fails (the pipeline is stopped, or what follows has enough) the
    /// work is cancelled, and what it started is ended, before the failure goes on.
    /// </summary>
    private protected void Wait(Task task)
    {
        try
        {
            _pump.Wait(task);
        }
        catch
        {
            StopProcessing();
            // Only a user who waits for the prompt is not kept waiting for the engine to put things away.
            long begun = Environment.TickCount64;
            while (!Stopping && !task.IsCompleted && Environment.TickCount64 - begun < PutAwayMilliseconds)
                ((IAsyncResult)task).AsyncWaitHandle.WaitOne(20);
            _pump.Wait(task);
            throw;
        }
        if (Cancellation.IsCancellationRequested && !task.IsCompletedSuccessfully)
        {
            // Whoever put the work aside has to look at its failure, else the finalizer does.
            _ = task.ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
            throw new PipelineStoppedException();
        }
    }

    private protected static bool IsOfItem(Exception e) =>
        e is not (PipelineStoppedException or OperationCanceledException or OutOfMemoryException or RuntimeException);

    private bool IsOn(string parameter, string preference) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out object? bound)
            ? bound is SwitchParameter { IsPresent: true }
            : GetVariableValue(preference) is ActionPreference and not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
}
