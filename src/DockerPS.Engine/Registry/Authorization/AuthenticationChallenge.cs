using System.Net.Http.Headers;

namespace DockerPS.Engine.Registry.Authorization;

/// <summary>What a registry wants to see (<c>WWW-Authenticate</c>; RFC 9110 11.6.1, and Docker's token specification for Bearer).</summary>
internal sealed record AuthenticationChallenge(bool IsBearer, string Realm, string Service, string Scope)
{
    /// <summary>The one that is answered: Bearer before Basic, as Docker does; null when it is neither.</summary>
    public static AuthenticationChallenge? Of(HttpResponseMessage response)
    {
        AuthenticationChallenge? basic = null;
        foreach (AuthenticationHeaderValue value in response.Headers.WwwAuthenticate)
        {
            Dictionary<string, string> parameters = Parameters(value.Parameter ?? "");
            string realm = parameters.GetValueOrDefault("realm", "");
            if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
                return new AuthenticationChallenge(true, realm, parameters.GetValueOrDefault("service", ""), parameters.GetValueOrDefault("scope", ""));
            if (value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) basic = new AuthenticationChallenge(false, realm, "", "");
        }

        return basic;
    }

    /// <summary><c>name="value",name=value</c>; what cannot be read is left out.</summary>
    internal static Dictionary<string, string> Parameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (int at = 0; at < text.Length;)
        {
            int equals = text.IndexOf('=', at);
            if (equals < 0) break;
            string name = text[at..equals].Trim(' ', ',');
            at = equals + 1;
            while (at < text.Length && text[at] == ' ') at++;
            if (at < text.Length && text[at] == '"')
            {
                var value = new System.Text.StringBuilder();
                for (at++; at < text.Length && text[at] != '"'; at++)
                {
                    if (text[at] == '\\' && at + 1 < text.Length) at++;
                    value.Append(text[at]);
                }

                at++;
                parameters[name] = value.ToString();
            }
            else
            {
                int end = text.IndexOf(',', at) is >= 0 and int comma ? comma : text.Length;
                parameters[name] = text[at..end].Trim();
                at = end;
            }
        }

        return parameters;
    }
}
