namespace DockerPS.Engine.Registry.Transport;

/// <summary>Reads small answers whole.</summary>
internal static class BodyReader
{
    /// <exception cref="InvalidDataException">It is longer than <paramref name="limit"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, int limit, StallTimer stall)
    {
        if (response.Content.Headers.ContentLength > limit) throw TooLong(limit);
        Stream stream = await response.Content.ReadAsStreamAsync(stall.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var whole = new MemoryStream();
            var piece = new byte[16 << 10];
            for (int read; (read = await stream.ReadAsync(piece, stall.Token).ConfigureAwait(false)) > 0;)
            {
                stall.Touch();
                if (whole.Length + read > limit) throw TooLong(limit);
                whole.Write(piece, 0, read);
            }

            return whole.ToArray();
        }
    }

    private static InvalidDataException TooLong(int limit) => new($"it has more than {limit} bytes");
}
