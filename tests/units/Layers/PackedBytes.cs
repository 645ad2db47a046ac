using Xunit;

namespace DockerPS.Units.Layers;

/// <summary>What streams that inflate are tried with.</summary>
internal static class PackedBytes
{
    public static byte[] ReadAll(Stream stream, int asked)
    {
        using var result = new MemoryStream();
        byte[] buffer = new byte[asked];
        for (int read; (read = stream.Read(buffer)) > 0;) result.Write(buffer, 0, read);
        return result.ToArray();
    }

    /// <summary>Damages it in three hundred ways, each of which cuts it off too.</summary>
    /// <param name="packed">What is right.</param>
    /// <param name="inflate">Of bytes that come in pieces of one length and are asked for in pieces of another.</param>
    public static void AssertGarbageIsRefused(byte[] packed, Func<byte[], int, int, byte[]> inflate)
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = packed[..random.Next(20, packed.Length)];
            for (int i = 0; i < 20; i++) damaged[random.Next(10, damaged.Length)] = (byte)random.Next(256);
            Assert.Throws<InvalidDataException>(() => inflate(damaged, random.Next(1, 100_000), random.Next(1, 100_000)));
        }
    }

    /// <summary>Text, noise and zeros, so that blocks of all kinds occur.</summary>
    public static byte[] Mixed(int length)
    {
        byte[] bytes = new byte[length];
        var random = new Random(7);
        random.NextBytes(bytes.AsSpan(0, length / 3));
        for (int i = length / 3; i < length * 2 / 3; i++) bytes[i] = (byte)("the quick brown fox "[random.Next(20)] + (i % 50 == 0 ? 1 : 0));
        return bytes;
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    public sealed class Drip(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(most, buffer.Length)]);
    }
}
