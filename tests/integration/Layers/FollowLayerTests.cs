using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using DockerPS.Oci.Bundle;
using Xunit;

namespace DockerPS.Integration.Layers;

/// <summary>A layer is unpacked while its blob is being written.</summary>
public sealed class FollowLayerTests : IDisposable
{
    private const int Piece = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("dockerps-follow-").FullName;

    private string Source => Path.Combine(_directory, "source");
    private string Blob => Path.Combine(_directory, "blob");
    private string Target => Path.Combine(_directory, "target");

    public FollowLayerTests() => _ = RuntimeExecutable.Path;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("cat", false)]
    [InlineData("cat", true)]
    [InlineData("gzip -1", false)]
    [InlineData("zstd -q -1", false)]
    public void It_reads_what_is_there_from_the_file_and_is_given_the_rest(string compression, bool verified)
    {
        Make(compression);
        byte[] bytes = File.ReadAllBytes(Source);
        string diffId = "sha256:" + LayerVerb.Shell($"cd {_directory}; tar -cf - in | sha256sum")[..64];
        // A part was there before, and the rest is given: the file need not have it.
        int there = bytes.Length / 4;
        File.WriteAllBytes(Blob, bytes[..there]);
        using Process process = Start(bytes.Length, request => (request.DiffId, request.Verified, request.WholeBlob) = (diffId, verified, Blob + ".whole"));
        Stream input = process.StandardInput.BaseStream;
        Tell(input, there);
        for (int done = there; done < bytes.Length; done += Piece)
        {
            input.Write(bytes, done, Math.Min(Piece, bytes.Length - done));
            input.Flush();
        }

        LayerVerb verb = LayerVerb.Finish(process);
        Assert.Equal(diffId, verb.Result(BundleJson.Default.LayerResult).DiffId);
        Assert.Equal(Sums(Path.Combine(_directory, "in")), Sums(Path.Combine(Target, "in")));
    }

    [Fact]
    public void A_blob_that_was_whole_before_it_was_opened_is_found_under_its_name()
    {
        Make("gzip -1");
        File.Move(Source, Blob + ".whole");
        long length = new FileInfo(Blob + ".whole").Length;
        using Process process = Start(length, request => request.WholeBlob = Blob + ".whole");
        Tell(process.StandardInput.BaseStream, length);
        Assert.Equal(0, LayerVerb.Finish(process).ExitCode);
        Assert.True(File.Exists(Target + "/in/1"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    public void When_the_writer_goes_away_nothing_is_left(int written)
    {
        Make("gzip -1");
        LayerVerb.Shell($"head -c {written} {Source} > {Blob}");
        using Process process = Start(new FileInfo(Source).Length);
        if (written > 0)
        {
            Tell(process.StandardInput.BaseStream, written);
            Assert.True(SpinWait.SpinUntil(() => Directory.Exists(Target + "/in"), Patience));
        }

        process.StandardInput.Close();
        LayerVerb verb = LayerVerb.Finish(process);
        Assert.Equal((1, RuntimeStages.Write), (verb.ExitCode, verb.Failure.Stage));
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void Asked_to_end_while_it_waits_it_ends_and_removes_what_it_made()
    {
        Make("gzip -1");
        LayerVerb.Shell($"head -c 1000000 {Source} > {Blob}");
        using Process process = Start(new FileInfo(Source).Length);
        Tell(process.StandardInput.BaseStream, 1_000_000);
        Assert.True(SpinWait.SpinUntil(() => Directory.Exists(Target + "/in"), Patience));
        Assert.Equal(0, LayerVerb.kill(process.Id, 15));
        Assert.Equal(1, LayerVerb.Finish(process).ExitCode);
        Assert.False(Directory.Exists(Target));
    }

    [Fact]
    public void What_is_compressed_is_hashed_whatever_was_said()
    {
        Make("gzip -1");
        File.Move(Source, Blob);
        long length = new FileInfo(Blob).Length;
        string digest = "sha256:" + LayerVerb.Shell($"sha256sum {Blob}")[..64];
        using Process process = Start(length, request => (request.DiffId, request.Verified) = (digest, true));
        Tell(process.StandardInput.BaseStream, length);
        Assert.Equal(RuntimeStages.Integrity, LayerVerb.Finish(process).Failure.Stage);
    }

    private void Make(string compression) => LayerVerb.Shell(
        $"cd {_directory}; mkdir in; for i in 1 2 3 4 5 6 7 8; do head -c 300000 /dev/urandom > in/$i; done; tar -cf - in | {compression} > {Source}");

    private static string Sums(string directory) => LayerVerb.Shell($"cd {directory}; sha256sum *");

    private Process Start(long length, Action<LayerRequest>? change = null)
    {
        var request = new LayerRequest { Blob = Blob, Length = length, Target = Target };
        change?.Invoke(request);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(request, BundleJson.Default.LayerRequest);
        byte[] head = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(head, json.Length);
        Process process = LayerVerb.Start("extract-layer", "--follow");
        process.StandardInput.BaseStream.Write([.. head, .. json]);
        process.StandardInput.BaseStream.Flush();
        return process;
    }

    private static void Tell(Stream input, long position)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, position);
        input.Write(number);
        input.Flush();
    }
}
