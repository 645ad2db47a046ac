using System.Collections.Concurrent;
using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using DockerPS.Engine;
using DockerPS.Engine.Containers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Xunit;

namespace DockerPS.Integration.Containers;

/// <summary>An engine on a store of its own with a small image; all is removed at the end.</summary>
public sealed class EngineFixture : IDisposable
{
    public const string Image = "tools:test";
    private const string Busybox = "/bin/busybox";
    private readonly string _root = "/tmp/dockerps-containers-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private ContainerEngine? _engine;

    /// <summary>Skips the test where containers cannot run.</summary>
    internal ContainerEngine Engine
    {
        get
        {
            lock (_gate) return _engine ??= Make();
        }
    }

    internal string Root => _root;

    /// <summary>A second session on the same store.</summary>
    internal ContainerEngine Open() => ContainerEngine.Open(
        new EngineOptions { Root = _root, RunRoot = _root + "/run", RuntimePath = RuntimeExecutable.Path }, new WarningLoggers(_warnings));

    /// <summary>What engines warned of.</summary>
    internal IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Changes the catalogue as no engine would.</summary>
    internal void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_root}/catalogue.db;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    internal int SupervisorOf(string id) => new ContainerDirectory(Engine.Options, id).ReadState()!.Supervisor.Pid;

    /// <summary>Returns when it is gone.</summary>
    internal async Task KillSupervisorAsync(string id)
    {
        using Process process = Process.GetProcessById(SupervisorOf(id));
        process.Kill();
        await process.WaitForExitAsync();
    }

    internal async Task<Container> CreateAsync(params string[] command) => await CreateAsync(new ContainerSpec { Image = Image, Command = command });

    internal Task<Container> CreateAsync(ContainerSpec spec) => Engine.CreateContainerAsync(spec, CancellationToken.None);

    internal async Task<(int ExitCode, string Out, string Error)> RunAsync(ContainerSpec spec, string? input = null)
    {
        Container container = await CreateAsync(spec with { AutoRemove = true });
        var streams = new Streams(input);
        ProcessExit exit = await Engine.StartAttachedAsync(container.Id, streams.Attachment, CancellationToken.None);
        return (exit.ExitCode, streams.Out, streams.Error);
    }

    internal Task<(int ExitCode, string Out, string Error)> ShellAsync(string script, ContainerSpec? spec = null) =>
        RunAsync((spec ?? new ContainerSpec { Image = Image }) with { Command = ["sh", "-c", script] });

    public void Dispose()
    {
        if (_engine is null) return;
        foreach (Container container in _engine.GetContainers(new ContainerFilter { All = true }))
            _engine.RemoveContainerAsync(container.Id, force: true, CancellationToken.None).GetAwaiter().GetResult();
        _engine.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private ContainerEngine Make()
    {
        Assert.SkipUnless(File.Exists(Busybox), "SKIPPED: the containers of this test are made of Debian's package busybox-static.");
        ContainerEngine engine = Open();
        Directory.CreateDirectory(_root);
        string archive = Path.Combine(_root, "rootfs.tar");
        WriteRootFileSystem(archive);
        var import = new ImageImport { Path = archive, Name = Image };
        engine.ImportImagesAsync(import, null, CancellationToken.None).GetAwaiter().GetResult();
        File.Delete(archive);
        return engine;
    }

    private static void WriteRootFileSystem(string path)
    {
        string[] applets =
            ["sh", "ls", "cat", "sleep", "true", "id", "hostname", "mkdir", "touch", "grep", "echo", "printf", "head", "readlink", "test", "kill", "dd"];
        const UnixFileMode executable = (UnixFileMode)0x1ED; // 0755
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach (string directory in (string[])["bin", "etc", "tmp"])
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = executable });
        using (FileStream busybox = File.OpenRead(Busybox))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = executable, DataStream = busybox });
        foreach (string applet in applets)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox" });
        foreach ((string name, string text) in (ReadOnlySpan<(string, string)>)[("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), ("etc/group", "root:x:0:\n")])
        {
            using var content = new MemoryStream(Encoding.ASCII.GetBytes(text));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content });
        }
    }

    internal sealed class Streams(string? input = null)
    {
        private readonly MemoryStream _out = new();
        private readonly MemoryStream _error = new();

        public Attachment Attachment => new(
            (stream, bytes) =>
            {
                lock (_out) (stream == ContainerStream.StdOut ? _out : _error).Write(bytes);
            },
            input is null ? null : new MemoryStream(Encoding.UTF8.GetBytes(input)));

        public string Out
        {
            get
            {
                lock (_out) return Encoding.UTF8.GetString(_out.ToArray());
            }
        }

        public string Error
        {
            get
            {
                lock (_out) return Encoding.UTF8.GetString(_error.ToArray());
            }
        }
    }

    private sealed class WarningLoggers(ConcurrentQueue<string> warnings) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) warnings.Enqueue(formatter(state, exception));
        }
    }
}
