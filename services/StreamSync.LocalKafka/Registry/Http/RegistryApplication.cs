using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace StreamSync.LocalKafka.Registry.Http;

/// <summary>Takes requests from the server, finds who answers, and puts every error into the shape that registry clients expect.</summary>
sealed class RegistryApplication(RegistryRoutes routes, Task storeIsOpen, ILogger logger) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context, 200, await HandleAsync(context));
        }
        catch (RegistryException problem)
        {
            await AnswerAsync(context, problem.Status, RegistryAnswer.Error(problem.Code, problem.Message));
        }
        catch (BadHttpRequestException problem)
        {
            await AnswerAsync(context, problem.StatusCode, RegistryAnswer.Error(problem.StatusCode, problem.Message));
        }
        catch (InsufficientExecutionStackException)
        {
            await AnswerAsync(context, 422, RegistryAnswer.Error(RegistryErrors.InvalidSchemaCode, "Invalid schema: it is nested too deeply."));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to answer to.
        }
        catch (Exception problem)
        {
            logger.LogError(problem, "{Method} on {Path} failed", context.Request.Method, context.Request.Path);
            await AnswerAsync(context, 500, RegistryAnswer.Error(500, "The registry failed to answer; its log tells why."));
        }
    }

    async Task<Action<Utf8JsonWriter>> HandleAsync(HttpContext context)
    {
        var request = new RegistryRequest(context);
        var methods = routes.Find(request.Segments) ?? throw RegistryErrors.NotFound("There is nothing at this path.");
        if (!methods.TryGetValue(request.Method, out var handler))
        {
            context.Response.Headers.Allow = string.Join(", ", methods.Keys.Append("OPTIONS"));
            return request.Method == HttpMethods.Options
                ? RegistryAnswer.Empty
                : throw new RegistryException(405, 405, $"{request.Method} is not offered at this path.");
        }
        if (request.Method is "POST" or "PUT" && !MediaTypes.IsAccepted(context.Request))
        {
            throw new RegistryException(415, 415, $"The body has to be {MediaTypes.Default} or application/json.");
        }
        if (MediaTypes.Choose(context.Request) is null)
        {
            throw new RegistryException(406, 406, $"The answer can only be {MediaTypes.Default} or application/json.");
        }
        try
        {
            await storeIsOpen.WaitAsync(context.RequestAborted);
        }
        catch (Exception problem) when (storeIsOpen.IsFaulted || storeIsOpen.IsCanceled)
        {
            throw RegistryErrors.Store($"The schemas cannot be read: {problem.Message}", problem);
        }
        return await handler(request, context.RequestAborted);
    }

    static async Task AnswerAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        if (context.Response.HasStarted)
        {
            return;
        }
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RegistryAnswer.Options))
        {
            write(json);
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaTypes.Choose(context.Request) ?? MediaTypes.Default;
        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
    }
}
