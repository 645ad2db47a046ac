using System.Runtime.InteropServices;
using System.Text.Json;
using DockerPS.Linux;
using DockerPS.Linux.Seccomp;
using DockerPS.Oci.Bundle;
using DockerPS.Oci.RuntimeSpec;
using DockerPS.Runtime.Contain;
using DockerPS.Runtime.Seccomp;

namespace DockerPS.Runtime.Steps;

/// <summary>
/// The filter of system calls, as late as can be: each call of the birth that comes after it must be one that the filter allows. With
/// no_new_privs anyone may load it, so it comes after the capabilities are dropped; without, only who has CAP_SYS_ADMIN (seccomp(2)).
/// </summary>
internal static unsafe class SeccompFilter
{
    /// <summary>Before the capabilities are dropped.</summary>
    public static void LoadPrivileged(StepPlan plan, Setting setting)
    {
        if (!setting.Process.NoNewPrivileges) Load(plan, setting);
    }

    /// <summary>After no_new_privs is set.</summary>
    public static void LoadUnprivileged(StepPlan plan, Setting setting)
    {
        if (setting.Process.NoNewPrivileges) Load(plan, setting);
    }

    private static void Load(StepPlan plan, Setting setting)
    {
        if (setting.Config.Linux?.Seccomp is not { } element) return;
        SeccompInstruction[] program;
        SeccompSettings settings;
        try
        {
            settings = SeccompSettings.Read(element);
            program = Program(element, setting.SeccompCache);
        }
        catch (SeccompPolicyException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Seccomp, $"config.json: $.linux.seccomp.{e.Member}: {e.Reason}.");
        }
        catch (JsonException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Seccomp, "config.json: " + e.Message + ".");
        }
        catch (SeccompUnavailableException e)
        {
            throw new RuntimeFailureException(RuntimeStages.Seccomp, e.Message);
        }

        var step = new Step { Kind = StepKind.LoadFilter, Flags = settings.Flags, Data = Native(plan, program) };
        if (settings.ListenerPath is not null && Notifies(program))
        {
            int* page = plan.Share(out int file);
            step.Flags |= LibC.SECCOMP_FILTER_FLAG_NEW_LISTENER;
            // With a listener the kernel tells of a failed TSYNC by ESRCH, as the result is a descriptor.
            if ((step.Flags & LibC.SECCOMP_FILTER_FLAG_TSYNC) != 0) step.Flags |= LibC.SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
            step.Source = (byte*)page;
            plan.Add(RuntimeStages.Seccomp, "sendmsg(listener)", new Step { Kind = StepKind.AnnounceListener, Fd = file });
        }
        else
        {
            // It means something to listeners alone, and the kernel refuses it without one.
            step.Flags &= ~(ulong)LibC.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        }

        plan.Add(RuntimeStages.Seccomp, $"seccomp(SECCOMP_SET_MODE_FILTER, {program.Length} instructions)", step);
    }

    /// <summary>The profile's own text is the key of the cache: a start that finds its filter there need not read the rules.</summary>
    private static SeccompInstruction[] Program(JsonElement element, string? cache)
    {
        SeccompPolicy Policy() => SeccompPolicies.From(RuntimeSeccompReader.Read(element));
        return cache is null ? SeccompCompiler.Compile(Policy()) : new SeccompCache(cache).Get(JsonMarshal.GetRawUtf8Value(element), Policy);
    }

    private static byte* Native(StepPlan plan, SeccompInstruction[] program)
    {
        var instructions = (SeccompInstruction*)plan.Allocate(program.Length * SeccompInstruction.Size);
        program.CopyTo(new Span<SeccompInstruction>(instructions, program.Length));
        var header = (LibC.FilterProgram*)plan.Allocate(sizeof(LibC.FilterProgram));
        *header = new LibC.FilterProgram { Length = (ushort)program.Length, Instructions = instructions };
        return (byte*)header;
    }

    private static bool Notifies(SeccompInstruction[] program)
    {
        foreach (SeccompInstruction instruction in program)
        {
            if (instruction is { Code: SeccompInstruction.Return, Value: SeccompActions.Notify }) return true;
        }

        return false;
    }
}
