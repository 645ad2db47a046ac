namespace DockerPS.Bench.Peers;

/// <summary>Another engine or runtime, run as its users do: whole commands.</summary>
internal abstract class Peer : IDisposable
{
    public abstract string Name { get; }

    /// <summary>Whether a process of its stays with each container.</summary>
    public virtual bool HasSupervisor => true;

    public virtual bool CanLoad => false;

    /// <summary>Milliseconds of a container of <c>true</c>, removed after.</summary>
    public abstract double Run();

    /// <summary>Starts a container that sleeps.</summary>
    public abstract void Start(string name);

    /// <summary>Milliseconds of <c>true</c> in a running container.</summary>
    public abstract double Exec(string name);

    /// <summary>The first process of a running container.</summary>
    public abstract int Pid(string name);

    public abstract void Remove(string name);

    /// <summary>Milliseconds of a list of all containers.</summary>
    public virtual double List() => throw new NotSupportedException();

    /// <summary>Milliseconds of loading an archive; the image is removed after, unmeasured.</summary>
    public virtual double Load(string archive, string image) => throw new NotSupportedException();

    public virtual bool CanPull => false;

    /// <summary>Milliseconds of pulling an image that it does not have; it stays.</summary>
    public virtual double Pull(string image) => throw new NotSupportedException();

    /// <summary>Milliseconds of pushing an image that was pulled, under another name.</summary>
    public virtual double Push(string image, string target) => throw new NotSupportedException();

    public abstract void Dispose();
}
