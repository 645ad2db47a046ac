using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;

namespace DockerPS.Shell.Hosting;

/// <summary>The newest progress record, as one line on standard error that the next output wipes away.</summary>
internal sealed class ProgressLine
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly bool _enabled = !Console.IsErrorRedirected;
    private long _lastShown;
    private bool _visible;

    /// <summary>Shows a record; those that come faster than an eye reads are left out.</summary>
    public void Show(long sourceId, ProgressRecord record)
    {
        if (!_enabled)
            return;
        lock (_gate)
        {
            if (record.RecordType == ProgressRecordType.Completed)
            {
                Wipe();
                return;
            }
            if (_visible && Stopwatch.GetElapsedTime(_lastShown) < Pause)
                return;
            _lastShown = Stopwatch.GetTimestamp();
            _visible = true;
            string text = Text(record);
            int width = Console.WindowWidth > 1 ? Console.WindowWidth - 1 : 79;
            Console.Error.Write("\r" + (text.Length > width ? text[..width] : text) + "\e[K");
        }
    }

    public void Clear()
    {
        if (!_visible)
            return;
        lock (_gate)
            Wipe();
    }

    private void Wipe()
    {
        if (_visible)
            Console.Error.Write("\r\e[K");
        _visible = false;
    }

    private static string Text(ProgressRecord record)
    {
        string percent = record.PercentComplete >= 0
            ? string.Create(CultureInfo.InvariantCulture, $" {record.PercentComplete} %")
            : "";
        string operation = string.IsNullOrEmpty(record.CurrentOperation) ? "" : " " + record.CurrentOperation;
        return $"{record.Activity}: {record.StatusDescription}{percent}{operation}".ReplaceLineEndings(" ");
    }
}
