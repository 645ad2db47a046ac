namespace DockerPS.Oci.Bundle;

/// <summary>
/// Standard input of <c>dockerps-runtime test-network</c>: looks from within a running container whether something is reached. Answers with Result
/// (<see cref="TestNetworkResult"/>) or Failed.
/// </summary>
public sealed class TestNetworkRequest
{
    /// <summary>The container from which is looked.</summary>
    public required TestNetworkEnd From { get; set; }

    /// <summary>The container that is to be reached; null when it is something outside.</summary>
    public TestNetworkEnd? To { get; set; }

    /// <summary>Name or address that is to be reached, as the user wrote it.</summary>
    public required string Target { get; set; }

    /// <summary>Addresses that are known before anybody is asked; of <see cref="To"/> in the networks of both, or what the target itself says.</summary>
    public List<string> Addresses { get; set; } = [];

    /// <summary>Name that the name server has to know; null when none is asked for.</summary>
    public string? Name { get; set; }

    /// <summary>0 tries none.</summary>
    public int Port { get; set; }
    public bool Udp { get; set; }

    /// <summary>Milliseconds that an answer is waited for.</summary>
    public int Timeout { get; set; }
}

/// <summary>A running container in a test.</summary>
public sealed class TestNetworkEnd
{
    public required string Name { get; set; }

    /// <summary>Its first process.</summary>
    public required ProcessIdentity Init { get; set; }

    /// <summary>Its place in each network that the test is about.</summary>
    public List<SuperviseNetwork> Networks { get; set; } = [];
}

public sealed class TestNetworkResult
{
    public List<TestNetworkCheck> Checks { get; set; } = [];
}

/// <summary>What one check saw.</summary>
public sealed class TestNetworkCheck
{
    /// <summary><c>Link Address Route Name Port</c>.</summary>
    public required string Check { get; set; }

    /// <summary>Name of the network, when it is about one.</summary>
    public string? Network { get; set; }
    public bool Passed { get; set; }

    /// <summary>What was seen, and what to do when it did not pass.</summary>
    public required string Text { get; set; }

    /// <summary>Microseconds that it took.</summary>
    public long Duration { get; set; }
}
