using System.Text.Json.Nodes;

namespace StreamSync.LocalKafka.Tests.Wire;

/// <summary>A connection that speaks any version of any API by its definition, with nothing of this project's own codecs.</summary>
sealed class JsonClient(RawClient connection) : IAsyncDisposable
{
    const string ClientId = "raw";
    readonly Queue<(ApiDefinition Api, int Version, int Correlation)> _asked = [];
    int _correlation;

    public static async Task<JsonClient> ConnectAsync(string bootstrap) => new(await RawClient.ConnectAsync(bootstrap));

    /// <summary>The whole frame of a request.</summary>
    public static byte[] Encode(ApiDefinition api, int version, int correlation, JsonObject body)
    {
        var flexible = api.Request.Flexible.Contains(version);
        var encoder = new JsonEncoder(version, flexible);
        encoder.Int16(api.Key);
        encoder.Int16((short)version);
        encoder.Int32(correlation);
        encoder.Int16((short)ClientId.Length);
        encoder.Raw("raw"u8);
        if (flexible)
        {
            encoder.Raw([0]);
        }

        encoder.Struct(api.Request.Fields, body);
        var message = encoder.ToArray();
        var frame = new JsonEncoder(version, flexible);
        frame.Int32(message.Length);
        frame.Raw(message);
        return frame.ToArray();
    }

    /// <summary>Sends a request.</summary>
    public async Task SendAsync(ApiDefinition api, int version, JsonObject body, bool isAnswered = true)
    {
        await connection.WriteAsync(Encode(api, version, ++_correlation, body));
        if (isAnswered)
        {
            _asked.Enqueue((api, version, _correlation));
        }
    }

    /// <summary>Reads the answer to the oldest request that waits for one. Null when the broker has closed the connection.</summary>
    public async Task<(ApiDefinition Api, JsonObject Answer)?> ReceiveAsync()
    {
        var (api, version, correlation) = _asked.Dequeue();
        if (await connection.ReadFrameAsync() is not { } frame)
        {
            return null;
        }

        var flexible = api.Response.Flexible.Contains(version);
        var decoder = new JsonDecoder(frame, version, flexible);
        Assert.Equal(correlation, decoder.Int32());
        if (flexible && api.Name != "ApiVersions")
        {
            Assert.Equal(0u, decoder.Unsigned());
        }

        var answer = decoder.Struct(api.Response.Fields);
        Assert.True(decoder.Remaining == 0, $"{decoder.Remaining} bytes follow the answer to {api.Name} {version}");
        return (api, answer);
    }

    public Task<bool> IsClosedByBrokerAsync() => connection.IsClosedByBrokerAsync();

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
