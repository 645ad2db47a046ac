using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace DockerPS.Shell.Hosting;

/// <summary>The host that PowerShell sees: a console.</summary>
internal sealed class ShellHost : PSHost, IHostSupportsInteractiveSession
{
    private readonly ShellUserInterface _ui;

    public ShellHost()
    {
        Progress = new ProgressLine();
        _ui = new ShellUserInterface(Progress);
    }

    public ProgressLine Progress { get; }
    public bool ExitRequested { get; private set; }
    public int ExitCode { get; private set; }

    public override string Name => "DockerPS.Shell";
    public override Version Version { get; } = typeof(ShellHost).Assembly.GetName().Version!;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override PSHostUserInterface UI => _ui;
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode)
    {
        ExitRequested = true;
        ExitCode = exitCode;
    }

    // A native command owns the terminal while it runs: it must not find our progress line on it.
    public override void NotifyBeginApplication() => Progress.Clear();
    public override void NotifyEndApplication() { }

    public override void EnterNestedPrompt() => throw new PSNotSupportedException("This shell has no nested prompt.");
    public override void ExitNestedPrompt() => throw new PSNotSupportedException("This shell has no nested prompt.");

    public bool IsRunspacePushed => false;
    public Runspace Runspace { get; internal set; } = null!;
    public void PushRunspace(Runspace runspace) => throw new PSNotSupportedException("This shell has no remote sessions.");
    public void PopRunspace() => throw new PSNotSupportedException("This shell has no remote sessions.");
}
