using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Units.RuntimeSpec;
using Xunit;

namespace DockerPS.Units.Fuzzing;

/// <summary>
/// Whatever bytes come, they are read or refused with one kind of exception, in little time and memory. DOCKERPS_FUZZ_CASES sets how
/// many cases each reader gets and DOCKERPS_FUZZ_SEED where they begin; a failure names its seed and writes the input down.
/// </summary>
public class FuzzTests
{
    private static readonly byte[] Good = Encoding.UTF8.GetBytes(ConfigText.Good);

    [Fact]
    public void A_config_is_judged_or_refused() => Fuzz("config.json", 60_000, Judge, Good, Encoding.UTF8.GetBytes(Usual));

    [Fact]
    public void A_config_that_is_taken_says_the_same_when_written_and_read_again() => Fuzz("config.json again", 10_000, json =>
    {
        RuntimeConfig config = RuntimeConfigReader.Read(json);
        RuntimeConfigValidator.Validate(config, _ => { });
        // Kept as it stands, with what nobody reads.
        config.Linux?.Seccomp = null;
        byte[] written = JsonSerializer.SerializeToUtf8Bytes(config, RuntimeConfigJson.Default.RuntimeConfig);
        byte[] again = JsonSerializer.SerializeToUtf8Bytes(RuntimeConfigReader.Read(written), RuntimeConfigJson.Default.RuntimeConfig);
        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(again));
    }, Good);

    [Fact]
    public void Resources_and_a_process_and_a_filter_of_their_own_are_judged_or_refused()
    {
        using JsonDocument document = JsonDocument.Parse(Good);
        JsonElement linux = document.RootElement.GetProperty("linux");
        Fuzz("resources", 20_000, json => RuntimeConfigValidator.Validate(RuntimeResourcesReader.Read(json)), Bytes(linux.GetProperty("resources")));
        Fuzz("process", 20_000, json => RuntimeConfigValidator.Validate(RuntimeProcessReader.Read(json), _ => { }),
            Bytes(document.RootElement.GetProperty("process")));
        Fuzz("seccomp", 20_000, json =>
        {
            using JsonDocument filter = JsonDocument.Parse(json);
            RuntimeSeccompValidator.Validate(RuntimeSeccompReader.Read(filter.RootElement, "$"), "$");
        }, Bytes(linux.GetProperty("seccomp")));
    }

    [Fact]
    public void What_engine_and_supervisor_tell_each_other_is_read_or_refused()
    {
        Fuzz("supervise.json", 20_000, json => BundleFiles.ReadSuperviseConfig(json), """
            {"id":"i","name":"n","lowerDirectories":["/l"],"upperDirectory":"/u","workDirectory":"/w","volatile":true,"logPath":"/log",
            "runDirectory":"/r","user":"u","groupAdd":["g"],"devices":[{"source":"/dev/s","target":"/dev/t","permissions":"rw"}],
            "allDevices":true,"openStdin":true,"attached":true,"init":true,"stopSignal":2,"stopTimeout":-1,"autoRemove":true}
            """u8.ToArray());
        Fuzz("state.json", 20_000, json => BundleFiles.ReadState(json), """
            {"id":"i","status":"running","bootId":"b","supervisor":{"pid":1,"startTime":2},"init":{"pid":3,"startTime":4},
            "startedAt":"2026-01-02T03:04:05.678+00:00","finishedAt":"2026-01-02T03:04:05Z","exitCode":1,"oomKilled":true,
            "failure":{"stage":"s","call":"c","errno":1,"text":"t","exitCode":125},"cgroups":["/c"]}
            """u8.ToArray());
        Fuzz("execute", 20_000, json => BundleFiles.ReadExecuteRequest(json), """
            {"process":{"args":["a"],"cwd":"/","env":["A=b"],"user":{"uid":1,"gid":2}},"user":"u","groupAdd":["g"],"openStdin":true,"detached":true}
            """u8.ToArray());
        Fuzz("control.sock", 20_000, json => BundleFiles.ReadControlRequest(json), """
            {"verb":"stop","signal":15,"timeout":1000,"keepLayer":true,"rows":24,"columns":80}
            """u8.ToArray());
    }

    [Fact]
    public void Frames_of_the_message_channel_are_read_or_refused()
    {
        byte[] frames = [1, 9, 0, 0, 0, .. "{\"pid\":1}"u8, 3, 2, 0, 0, 0, 65, 66, 6, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 0, 0, 0];
        Fuzz("frames", 50_000, ReadFrames, mutator => mutator.Bytes(frames), frames);
    }

    private static void ReadFrames(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var buffer = new byte[16];
        int read = 0;
        while (RuntimeMessages.ReadAsync(stream, buffer, CancellationToken.None).AsTask().GetAwaiter().GetResult() is var (kind, payload))
        {
            Assert.True(Enum.IsDefined(kind));
            read += RuntimeMessages.HeaderLength + payload.Length;
            Assert.Equal(stream.Position, read);
        }

        Assert.Equal(bytes.Length, read);
    }

    private static void Judge(byte[] json) => RuntimeConfigValidator.Validate(RuntimeConfigReader.Read(json), _ => { });

    private static void Fuzz(string name, int cases, Action<byte[]> read, params byte[][] good) => Fuzz(name, cases, read, m => m.Next(), good);

    private static void Fuzz(string name, int cases, Action<byte[]> read, Func<Mutator, byte[]> next, params byte[][] good)
    {
        foreach (byte[] input in good) read(input);
        cases = Number("DOCKERPS_FUZZ_CASES") ?? cases;
        int seed = Number("DOCKERPS_FUZZ_SEED") ?? 1;
        // A new mutator now and then, so that one case can be found again without all before it.
        const int Batch = 1000;
        for (int i = 0; i < cases; i += Batch, seed++)
        {
            var mutator = new Mutator(seed, good);
            for (int j = 0; j < Batch && i + j < cases; j++) Try(name, read, next(mutator), seed, j);
        }
    }

    private static void Try(string name, Action<byte[]> read, byte[] input, int seed, int index)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        try
        {
            read(input);
        }
        catch (JsonException e) when (e.Path is null || e.Message.StartsWith(e.Path + ": ", StringComparison.Ordinal) || e.Message.StartsWith(e.Path + ".", StringComparison.Ordinal))
        {
        }
        catch (InvalidDataException)
        {
        }
        catch (Exception e)
        {
            throw Failed(e.ToString());
        }

        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        if (bytes > (1 << 21) + (input.Length * 400L)) throw Failed($"{bytes} bytes were taken for {input.Length}");
        if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(10)) throw Failed($"took {Stopwatch.GetElapsedTime(start)}");

        Exception Failed(string why)
        {
            string path = Path.Combine(Path.GetTempPath(), $"dockerps-fuzz-{name.Replace(' ', '-')}-{seed}-{index}");
            File.WriteAllBytes(path, input);
            return new Xunit.Sdk.XunitException($"{name}, DOCKERPS_FUZZ_SEED={seed}, case {index}, in {path}: {why}");
        }
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static byte[] Bytes(JsonElement element) => Encoding.UTF8.GetBytes(element.GetRawText());

    private const string Usual = """
        {"ociVersion":"1.0.2-dev","process":{"user":{"uid":0,"gid":0},"args":["sh"],"env":["A=b"],"cwd":"/"},"root":{"path":"rootfs"},
        "mounts":[{"destination":"proc","type":"proc","source":"proc"}],"linux":{"namespaces":[{"type":"mount"},{"type":"pid"}]},"zos":{}}
        """;
}
