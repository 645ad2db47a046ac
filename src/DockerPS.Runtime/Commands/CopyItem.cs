using System.Text;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.Layers;
using DockerPS.Runtime.Layers;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Trees;

namespace DockerPS.Runtime.Commands;

/// <summary>Copies files between the host and containers, with docker cp's rules for what a target means.</summary>
internal sealed unsafe class CopyItem
{
    private const int ProgressMilliseconds = 100;
    private readonly CopyItemRequest _request;
    private readonly CopyRoot _from, _to;
    private readonly Action<long> _turn;

    private CopyItem(CopyItemRequest request, CopyRoot from, CopyRoot to, Action<long> turn) => (_request, _from, _to, _turn) = (request, from, to, turn);

    public static int Run()
    {
        var channel = new MessageChannel();
        try
        {
            using var verb = new VerbRequest();
            CopyItemRequest request = VerbRequest.Read(BundleJson.Default.CopyItemRequest);
            LibC.umask(0);
            using CopyRoot from = request.From is { } source ? CopyRoot.Of(source) : CopyRoot.Host();
            // The layers of one container are mounted once: written to through two mounts they would show neither.
            bool one = request is { From: { } here, To: { } there } && (here.Pid, here.Root) == (there.Pid, there.Root);
            using CopyRoot to = one ? from : request.To is { } target ? CopyRoot.Of(target) : CopyRoot.Host();
            // Files of a mapped mount can only be made by somebody whom its map knows.
            if (to.IsMapped) FileSystemIdentity.Take(to.DefaultOwner);
            long next = 0;
            var copy = new CopyItem(request, from, to, size =>
            {
                verb.ThrowIfStopped(channel);
                if (IsAlone()) throw LayerException.Of(RuntimeStages.Write, "Whoever asked for it is gone.");
                if (Environment.TickCount64 < next) return;
                next = Environment.TickCount64 + ProgressMilliseconds;
                channel.Progress(size);
            });
            var result = new CopyItemResult { Items = copy.CopyAll() };
            channel.Result(JsonSerializer.SerializeToUtf8Bytes(result, BundleJson.Default.CopyItemResult));
            return 0;
        }
        catch (LinuxException e)
        {
            channel.Failed(new RuntimeFailure { Stage = RuntimeStages.Path, Text = e.Message + ".", Call = e.Call, Errno = e.Number });
            return 1;
        }
        catch (RuntimeFailureException e)
        {
            channel.Failed(e.Failure);
            return 1;
        }
        catch (Exception e)
        {
            channel.Failed(LayerException.Describe(e));
            return 1;
        }
    }

    private List<CopiedItem> CopyAll()
    {
        byte[] source = Encoding.UTF8.GetBytes(_request.Source);
        if (!_request.Wildcards || !source.AsSpan().ContainsAny("*?["u8)) return [Copy(source, _request.Several)];
        List<byte[]> found = PathPattern.Expand(_from, source);
        if (found.Count == 0)
        {
            throw LayerException.Of(
                RuntimeStages.Path, $"Nothing{(_from.Name.Length > 0 ? $" in container '{_from.Name}'" : "")} matches '{_request.Source}'.", "open", Errno.ENOENT);
        }

        return [.. found.Select(path => Copy(path, _request.Several || found.Count > 1))];
    }

    private CopiedItem Copy(byte[] source, bool several)
    {
        bool contents = source.AsSpan().EndsWith("/."u8), slash = source.AsSpan().EndsWith("/"u8);
        byte[] wanted = Encoding.UTF8.GetBytes(_request.Target);
        using CopyPath from = CopyPath.Find(_from, contents ? source.AsSpan(0, source.Length - 1) : source, _request.FollowLink || slash || contents);
        if (!from.Exists) throw CopyPath.Missing(_from, -Errno.ENOENT, source);
        if ((slash || contents) && !from.IsDirectory) throw CopyPath.Missing(_from, -Errno.ENOTDIR, source);
        using CopyPath to = CopyPath.Find(_to, wanted, follow: true);
        TreeCopier? copier = null;
        copier = new TreeCopier
        {
            Turn = () => _turn(copier!.Size),
            Merges = true,
            SkipsKernel = _from.IsRunning,
            Owners = _request.Archive ? Kept : (_, _) => _to.DefaultOwner,
            // All become root's, and only what was root's may still act as root.
            IsOwnerKept = _request.Archive ? null : (uid, gid) => _from.Inside(uid, gid) == (0, 0),
        };
        ReadOnlySpan<byte> target = CopyTo(copier, from, to, wanted, contents, several);
        return new CopiedItem { Source = TarEntry.Show(source), Target = Encoding.UTF8.GetString(target), Files = copier.Files, Size = copier.Size };
    }

    /// <summary>Docker's table: what a target means depends on what is there, and on what comes.</summary>
    private byte[] CopyTo(TreeCopier copier, CopyPath from, CopyPath to, byte[] wanted, bool contents, bool several)
    {
        bool nameless = from.Name.AsSpan().SequenceEqual("."u8), slash = wanted.AsSpan().EndsWith("/"u8) || wanted.AsSpan().EndsWith("/."u8);
        if (to.IsDirectory)
        {
            using var place = new OpenDirectory(to);
            if (nameless || contents)
            {
                using var source = new OpenDirectory(from);
                copier.CopyContents(source.Descriptor, place.Descriptor);
                return wanted;
            }

            copier.Copy(from.Parent, from.Name, place.Descriptor, from.Name);
            ReadOnlySpan<byte> above = wanted.AsSpan().EndsWith("/."u8) ? wanted.AsSpan(0, wanted.Length - 2) : wanted;
            return [.. above.TrimEnd((byte)'/'), (byte)'/', .. from.Name];
        }

        if (several)
        {
            throw LayerException.Of(
                RuntimeStages.Path, $"'{TarEntry.Show(wanted)}' is {(to.Exists ? "no directory" : "not there")}, and more than one item is to be copied to it. Make a directory of that name first.",
                "open", to.Exists ? Errno.ENOTDIR : Errno.ENOENT);
        }

        if (to.Exists && (from.IsDirectory || slash)) throw CopyPath.Missing(_to, -Errno.ENOTDIR, wanted);
        if (!to.Exists && slash && !from.IsDirectory) throw CopyPath.Missing(_to, -Errno.ENOENT, wanted);
        if (!nameless)
        {
            copier.Copy(from.Parent, from.Name, to.Parent, to.Name);
            return wanted;
        }

        fixed (byte* name = NativePath.Terminate(to.Name))
            if (LibC.mkdirat(to.Parent, name, 0x1C0 /* 0700 */) < 0) throw LibC.Failure($"mkdir({TarEntry.Show(wanted)})");
        using var top = new OpenDirectory(from);
        using CopyPath made = CopyPath.Find(_to, wanted, follow: false);
        using var into = new OpenDirectory(made);
        copier.CopyContents(top.Descriptor, into.Descriptor);
        copier.CopyFacts(top.Descriptor, into.Descriptor);
        return wanted;
    }

    private (uint Uid, uint Gid) Kept(uint uid, uint gid)
    {
        (uint user, uint group) = _from.Inside(uid, gid);
        return _to.Outside(user, group);
    }

    /// <summary>Nobody reads the messages any more: the engine was killed, and may have let go of the container.</summary>
    private static bool IsAlone()
    {
        LibC.pollfd channel = new() { Descriptor = 1 };
        return LibC.poll(&channel, 1, 0) > 0 && (channel.Returned & LibC.POLLERR) != 0;
    }

    /// <summary>A directory that was found, open for reading; never a link that took its place.</summary>
    private readonly struct OpenDirectory : IDisposable
    {
        public OpenDirectory(CopyPath path)
        {
            fixed (byte* name = NativePath.Terminate(path.Name))
                Descriptor = LibC.openat(path.Parent, name, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0);
            if (Descriptor < 0) throw LibC.Failure($"open({TarEntry.Show(path.Name)})");
        }

        public int Descriptor { get; }

        public void Dispose() => _ = LibC.close(Descriptor);
    }
}
