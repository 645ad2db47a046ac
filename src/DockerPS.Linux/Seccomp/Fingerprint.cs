using System.Buffers.Binary;

namespace DockerPS.Linux.Seccomp;

/// <summary>
/// A 64-bit number that differs when bytes were damaged. No protection from who makes collisions on purpose: what relies on it compares
/// the bytes too. A cryptographic hash would have to load a library, which takes longer than a start has.
/// </summary>
public static class Fingerprint
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0x9E3779B97F4A7C15 ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        for (int i = 0; i < bytes.Length; i++) rest |= (ulong)bytes[i] << (8 * i);
        return Mix(Mix(hash, rest), 0xD6E8FEB86659FD93);
    }

    private static ulong Mix(ulong hash, ulong word)
    {
        // A product's halves folded: each bit of the word reaches all of the hash.
        ulong high = Math.BigMul(hash ^ word ^ 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, out ulong low);
        return (high ^ low) + ulong.RotateLeft(hash, 23);
    }
}
