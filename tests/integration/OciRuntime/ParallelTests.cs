using Xunit;

namespace DockerPS.Integration.OciRuntime;

/// <summary>Many callers at once.</summary>
public sealed class ParallelTests
{
    [Fact]
    public async Task Sixty_four_containers_are_created_started_and_deleted_side_by_side_without_error()
    {
        const int Count = 64;
        using var bundle = new OciBundle("sleep", "991");
        string group = bundle.Linux["cgroupsPath"]!.GetValue<string>();
        bundle.Linux.Remove("cgroupsPath");
        bundle.Write();
        string[] ids = [.. Enumerable.Range(0, Count).Select(_ => bundle.NewId())];
        await Each(ids, id => bundle.Run("create", "--bundle", bundle.Path, id));
        await Each(ids, id => bundle.Run("start", id));
        string[] listed = bundle.Do("list", "-q").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ids.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        int[] pids = [.. ids.Select(bundle.Pid)];
        Assert.Equal(Count, pids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal("running", bundle.Status(id)));
        await Each(ids, id => bundle.Run("exec", id, "true"));
        await Each(ids, id => bundle.Run("delete", "--force", id));
        Assert.Equal("", bundle.Do("list", "-q"));
        Assert.DoesNotContain(pids, pid => !OciBundle.Gone(pid));
        bundle.Linux["cgroupsPath"] = group;
    }

    [Fact]
    public async Task Of_many_who_create_the_same_id_one_succeeds()
    {
        using var bundle = new OciBundle("sleep", "990");
        string id = bundle.NewId();
        OciResult[] results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            Task.Factory.StartNew(() => bundle.Run("create", "--bundle", bundle.Path, id), TaskCreationOptions.LongRunning)));
        Assert.Single(results, r => r.Code == 0);
        Assert.All(results.Where(r => r.Code != 0), r => Assert.Contains("already exists", r.Error));
        Assert.Equal("created", bundle.Status(id));
    }

    /// <summary>All at once, each in a thread of its own.</summary>
    private static async Task Each(string[] ids, Func<string, OciResult> verb)
    {
        OciResult[] results = await Task.WhenAll(ids.Select(id => Task.Factory.StartNew(() => verb(id), TaskCreationOptions.LongRunning)));
        Assert.All(results, r => Assert.Equal((0, ""), (r.Code, r.Error)));
    }
}
