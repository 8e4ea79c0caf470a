using Microsoft.AspNetCore.Http;

namespace StreamSync.Simulators;

/// <summary>A wrong answer that a vendor gives now and then.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="Body">The body.</param>
/// <param name="RetryAfter">Value of Retry-After, or null.</param>
/// <param name="Abort">True to cut the connection after half of the body.</param>
/// <param name="Hang">True to send nothing more after the body, and to keep the connection open.</param>
/// <param name="Endless">True to send the body again and again, as long as somebody reads.</param>
public sealed record Fault(int Status, string ContentType, string Body, string? RetryAfter = null, bool Abort = false, bool Hang = false, bool Endless = false)
{
    /// <summary>500 with a JSON body.</summary>
    public static Fault ServerError { get; } = new(500, "application/json", "{\"error\":\"internal\"}");

    /// <summary>503 with an HTML page, as a proxy in front of the vendor sends it.</summary>
    public static Fault BadGatewayPage { get; } = new(503, "text/html", "<html><body><h1>503 Service Unavailable</h1></body></html>");

    /// <summary>200 with an HTML page where JSON belongs: a login or maintenance page.</summary>
    public static Fault HtmlInsteadOfJson { get; } = new(200, "text/html; charset=utf-8", "<!DOCTYPE html><html><body>We are down for maintenance</body></html>");

    /// <summary>200 with a JSON body that ends in the middle.</summary>
    public static Fault TruncatedJson { get; } = new(200, "application/json", "{\"data\":[{\"id\":1,\"na");

    /// <summary>429 that asks for a second of patience.</summary>
    public static Fault TooManyRequests { get; } = new(429, "application/json", "{\"error\":\"rate limit exceeded\"}", RetryAfter: "1");

    /// <summary>The connection breaks while the body is sent.</summary>
    public static Fault BrokenConnection { get; } = new(200, "application/json", "{\"data\":[", Abort: true);

    /// <summary>The page begins and never ends.</summary>
    public static Fault Silence { get; } = new(200, "application/json", "{\"data\":[", Hang: true);

    /// <summary>The page goes on and on, in one line.</summary>
    public static Fault EndlessLine { get; } = new(200, "application/json", new string('a', 1 << 20), Endless: true);

    /// <summary>True to send the body in Latin-1 where vendors promise UTF-8.</summary>
    public bool Latin1 { get; init; }

    internal async Task AnswerAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        if (RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = RetryAfter;
        }

        if (Abort)
        {
            context.Response.ContentLength = Body.Length * 2;
            await context.Response.WriteAsync(Body);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        try
        {
            do
            {
                await context.Response.WriteAsync(Body, Latin1 ? System.Text.Encoding.Latin1 : System.Text.Encoding.UTF8, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
            while (Endless);
            if (Hang)
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader has had enough.
        }
    }
}
