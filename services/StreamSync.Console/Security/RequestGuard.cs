using System.Net;

namespace StreamSync.Console.Security;

/// <summary>
/// Keeps other web sites away from a console that has no users yet. A browser on the same machine can be made to ask it by any page:
/// such requests are told by <c>Sec-Fetch-Site</c> and <c>Origin</c>, and a site that points its own name to 127.0.0.1 by <c>Host</c>.
/// </summary>
/// <param name="address">Address on which the console listens.</param>
sealed class RequestGuard(IPAddress address)
{
    const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>True for a request that another site sent through the user's browser.</summary>
    public static bool IsFromAnotherSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "cross-site" or "same-site")
        {
            return true;
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Refuses what must not be answered, and sets headers on the rest.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (!IsOurName(request.Host.Host))
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, $"This console answers to localhost and {address} only.");
            return;
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && IsFromAnotherSite(request))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "Requests from other sites are refused.");
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        await next(context);
    }

    /// <summary>A console that others may reach stands behind a proxy with a name that is not known here.</summary>
    bool IsOurName(string host) =>
        !IPAddress.IsLoopback(address)
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var named) && IPAddress.IsLoopback(named));

    static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why, context.RequestAborted);
    }
}
