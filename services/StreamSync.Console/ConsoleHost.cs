using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using StreamSync.Console.Api;
using StreamSync.Console.Pages;
using StreamSync.Console.Security;
using StreamSync.Kafka.Configuration;

namespace StreamSync.Console;

/// <summary>The console's own web server, started and stopped with the process's host, whose services it shares.</summary>
sealed class ConsoleHost(IServiceProvider services, StreamSyncConfig config) : IHostedService, IAsyncDisposable
{
    WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = config.Console;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(settings.Address), settings.Port));
        _app = builder.Build();
        _app.Use(new RequestGuard(IPAddress.Parse(settings.Address)).InvokeAsync);
        QueryApi.Map(_app, services);
        StatusApi.Map(_app, services);
        DecisionsApi.Map(_app, services);
        EvidenceApi.Map(_app, services);
        AssetFiles.Map(_app);
        PageRoutes.Map(_app, services);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new ConfigException([new ConfigError(config.PlaceOf("console", "port"), $"the web console can't listen on port {settings.Port}: {e.Message}", "stop the program that listens there, or set another 'port' below 'console', or 0 for any free one")]);
        }

        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        services.GetRequiredService<ConsoleAddress>().Url = new Uri(address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}
