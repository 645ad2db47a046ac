using System.Diagnostics;
using DockerPS.Module.Hosting;
using Xunit;

namespace DockerPS.Units.Module;

public class PipelinePumpTests
{
    [Fact]
    public void What_other_threads_post_runs_on_the_waiting_thread_in_order()
    {
        var pump = new PipelinePump();
        List<(int Number, int Thread)> ran = [];
        pump.Wait(Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                int number = i;
                pump.Post(() => ran.Add((number, Environment.CurrentManagedThreadId)));
            }
        }));
        Assert.Equal(Enumerable.Range(0, 1000), ran.Select(r => r.Number));
        Assert.All(ran, r => Assert.Equal(Environment.CurrentManagedThreadId, r.Thread));
    }

    [Fact]
    public void A_full_queue_holds_the_producer()
    {
        var pump = new PipelinePump();
        int posted = 0;
        Task producer = Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                pump.Post(() => { });
                Interlocked.Increment(ref posted);
            }
        }, TaskCreationOptions.LongRunning);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref posted) == 256, TimeSpan.FromSeconds(10)));
        Assert.False(producer.IsCompleted);
        pump.Wait(producer);
        Assert.Equal(1000, posted);
    }

    [Fact]
    public void After_a_stop_nothing_runs_and_the_wait_is_short()
    {
        var pump = new PipelinePump();
        var never = new TaskCompletionSource();
        using var stop = new Timer(_ => pump.Close(), null, 20, Timeout.Infinite);
        var watch = Stopwatch.StartNew();
        pump.Wait(never.Task);
        Assert.InRange(watch.ElapsedMilliseconds, 50, 5000);
        bool ran = false;
        Task posting = Task.Run(() => pump.Post(() => ran = true));
        Assert.True(SpinWait.SpinUntil(() => posting.IsCompleted, TimeSpan.FromSeconds(10)));
        pump.Drain();
        Assert.False(ran);
    }

    [Fact]
    public void Waiting_for_a_quick_task_costs_well_under_a_millisecond()
    {
        var pump = new PipelinePump();
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 500; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            pump.Wait(Task.Run(() => { }));
            // The best of many: other work on the machine is not the pump's cost.
            if (Stopwatch.GetElapsedTime(begun) is var took && took < best) best = took;
        }
        Assert.InRange(best.TotalMilliseconds, 0, 0.5);
    }
}
